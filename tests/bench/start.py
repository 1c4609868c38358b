"""From exec of loquetd to READY=1, with 100,000 credentials and a journal of a million rows; and from exec of loquetd and
loquet-reader to the relay, for a badge that is already held to the reader."""

import contextlib
import os
import signal
import socket
import statistics
import subprocess
import time

import context as bench
import figures

PATIENCE_S = 60


def run(context):
    starts = context.amount(9, 2)
    with context.house(context.amount(100_000, 1000), context.amount(1_000_000, 1000)) as house, \
            bench.ahead() as priority:
        state = os.path.join(house.folder, "state")
        size = os.path.getsize(os.path.join(state, "door.db"))
        start(house)
        warm = [start(house) for _ in range(starts)]
        cold = []
        for _ in range(context.amount(3, 1)):
            forget(state)
            cold.append(start(house))
        house.start_sim()
        taps = [first_tap(house) for _ in range(context.amount(5, 1))]
    return [
        figures.Figure("start to ready, files in the page cache", "s", statistics.median(warm), max(warm),
                       (("median", "<=", 1.0),), {"starts": starts, "door.db MiB": size >> 20, "p99 is": "the slowest", "run": priority}),
        figures.Figure("start to ready, files on the disk alone", "s", statistics.median(cold), max(cold),
                       (), {"starts": len(cold), "p99 is": "the slowest"}),
        figures.Figure("start of loquetd and loquet-reader to the first tap's relay", "s", statistics.median(taps), max(taps),
                       (), {"starts": len(taps), "p99 is": "the slowest", "run": priority}),
    ]


def first_tap(house):
    """Seconds; both are ended again."""
    house.sim("present 0 uid=" + bench.badge_uid(0))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(house.folder + "/lines/relay")  # of the start before
    try:
        began = time.monotonic()
        house.spawn("loquetd", [house.program("loquetd"), "--config", house.config])
        house.start_reader()
        while not released(house):
            if time.monotonic() - began > PATIENCE_S:
                raise bench.Failed("the first tap opened nothing: " + house.log("loquetd"))
            time.sleep(0.001)
        return time.monotonic() - began
    finally:
        house.stop("loquet-reader")
        house.stop("loquetd")
        house.sim("remove all")


def released(house):
    try:
        return house.relay()
    except FileNotFoundError:
        return False


def start(house):
    """Seconds; it is ended again."""
    path = os.path.join(house.folder, "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        notify.settimeout(PATIENCE_S)
        try:
            began = time.monotonic()
            process = subprocess.Popen(
                [house.program("loquetd"), "--config", house.config], stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE, env=dict(os.environ, NOTIFY_SOCKET=path))
            try:
                wait_ready(notify, process)
                return time.monotonic() - began
            finally:
                process.send_signal(signal.SIGTERM)
                process.communicate(timeout=PATIENCE_S)
        finally:
            os.unlink(path)


def wait_ready(notify, process):
    try:
        while b"READY=1" not in notify.recv(4096).split(b"\n"):
            pass
    except TimeoutError:
        process.kill()
        raise bench.Failed("loquetd did not become ready: " + process.stderr.read().decode()) from None


def forget(folder):
    """Drops the folder's files from the page cache, and nothing else."""
    for name in os.listdir(folder):
        fd = os.open(os.path.join(folder, name), os.O_RDONLY)
        os.fsync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)

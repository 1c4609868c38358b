"""What every benchmark is given: the build, how much to do, and folders that go when it is over."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

import house

MEMORY_FOLDER = "/dev/shm"


class Failed(Exception):
    """A benchmark could not run."""


class Context:
    def __init__(self, root, build, quick):
        self.root = root
        self.build = build
        self.quick = quick

    def amount(self, full, quick):
        return quick if self.quick else full

    def program(self, name):
        return os.path.join(self.build, house.PROGRAMS[name])

    def bench(self, name):
        return os.path.join(self.build, "tests/bench/bench_" + name)

    def ask(self, name, *arguments):
        """Runs one of the C benchmarks; the object that it prints."""
        done = subprocess.run(
            [self.bench(name), *map(str, arguments)], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=3600, check=False)
        if done.returncode != 0:
            raise Failed(f"bench_{name} ended with {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout else None

    @contextlib.contextmanager
    def folder(self):
        """On the disk."""
        path = tempfile.mkdtemp(prefix="loquet-bench-")
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    @contextlib.contextmanager
    def house(self, badges=0, rows=0, in_memory=False, state=None, **options):
        """A furnished house, nothing started. `in_memory` keeps its disk's waits out of it; `state` puts
        the journal alone into another folder."""
        with house_folders(MEMORY_FOLDER if in_memory else None), \
                house.House(self.build, **options) as made:
            made.write_config()
            if state is not None:
                os.symlink(state, os.path.join(made.folder, "state"))
            self.ask("furnish", made.config, badges, rows)
            yield made


@contextlib.contextmanager
def house_folders(parent):
    before = tempfile.tempdir
    tempfile.tempdir = parent or before
    try:
        yield
    finally:
        tempfile.tempdir = before


@contextlib.contextmanager
def ahead():
    """What is started inside runs ahead of whatever else the machine does, where that is allowed: it is our
    time that is measured, not our turn. Yields the words for it."""
    usual = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except PermissionError:
        yield "as usual"
        return
    try:
        yield "ahead of others"
    finally:
        os.sched_setscheduler(0, *usual)


SPIN = """
import os
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
parent = os.getppid()
while os.getppid() == parent:
    pass
"""


@contextlib.contextmanager
def awake(quick):
    """Keeps the processors from sleeping, with work that gives way to any other: a virtual machine's sleeping
    processor is woken late, by milliseconds, and that is the host's time and not ours. A quick run measures nothing,
    and leaves the processors to others."""
    spinners = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(0 if quick else os.cpu_count())]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()


def badge_uid(number):
    """As badges.h has it."""
    return f"04{number * 0x9E3779B97F4B % 2**48:012x}"

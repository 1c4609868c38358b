"""A roster of 100,000 members, each with a badge, from two CSV files, while somebody taps all the time: how long
it takes, how long the taps wait, and what is left in memory. Import follows upon import, each of them changing every
row, for as long as the taps last. First with the journal in memory, which leaves out the disk's wait and nothing
else; then on the disk."""

import json
import os
import subprocess
import tempfile
import time

import context as bench
import figures
import footprint

RELEASE_MS = 100
PAGE = 4096


def run(context):
    rows = context.amount(100_000, 500)
    _, aside, _, _ = imports(context, rows, None)
    with context.folder() as disk:
        bare = figures.percentile([sync(disk) for _ in range(context.amount(100, 5))], 99)
        seconds, whole, pss, priority = imports(context, rows, disk)
    return [
        figures.Figure(
            f"import of {rows} members and their badges", "s", sum(seconds[0]), None, (("median", "<=", 10.0),),
            {"members": seconds[0][0], "badges": seconds[0][1], "run": priority,
             "with every row changed": figures.listed(sum(both) for both in seconds[1:])}),
        waits("present → relay set during it, journal in memory", aside),
        waits("present → relay set during it, journal on the disk", whole, **{"p99 of the disk alone, before": bare}),
        figures.Figure(
            "memory of the three programs after it (PSS)", "MiB", sum(pss.values()) / 1024, None,
            (("median", "<=", 24.0),), {f"{name} KiB": value for name, value in pss.items()}),
    ]


def waits(measure, taps, **detail):
    ours, bare = taps["loquet"], taps["bare"]
    return figures.Figure(
        measure, "ms", ours["median"] / 1000, ours["p99"] / 1000, (("p99", "<=", 50.0),),
        {"samples": ours["count"], "max": ours["max"] / 1000, "bare chain p99": bare["p99"] / 1000, **detail})


def sync(folder):
    """Milliseconds that a page takes to the disk."""
    with open(os.path.join(folder, "page"), "wb", buffering=0) as file:
        began = time.monotonic()
        file.write(bytes(PAGE))
        os.fdatasync(file.fileno())
        return (time.monotonic() - began) * 1000


def imports(context, rows, disk):
    """Seconds of each pair of imports, what the taps say, and what the programs then hold in memory."""
    with context.house(1, in_memory=True, state=disk, pace=None, release_ms=RELEASE_MS) as house, \
            bench.awake(context.quick), bench.ahead() as priority, tempfile.TemporaryDirectory(dir=bench.MEMORY_FOLDER) as files:
        house.start_broker()
        house.start_door()
        tapping = start_taps(context, house, context.amount(200, 5))
        seconds = []
        while tapping.poll() is None or not seconds:
            seconds.append([take(house, *write(files, what, rows, len(seconds))) for what in ("members", "badges")])
        taps = json.loads(tapping.communicate()[0])
        house.start_sim()
        house.start_link()
        house.start_reader()
        house.wait_for(lambda: footprint.published(house.status()), "the last event at the broker")
        pss = {name: sum(footprint.kibibytes(pid, "Pss") for pid in footprint.processes(house, name))
               for name in footprint.PROGRAMS}
        return seconds, taps, pss, priority


def start_taps(context, house, taps):
    """Of the one badge that is there from the beginning."""
    return subprocess.Popen(
        [context.bench("tap"), house.folder + "/run", house.folder + "/lines/relay", house.folder + "/bare", "1",
         str(taps)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)


def write(folder, what, rows, turn):
    """A file that changes something of every row, whatever the turn before said. It is kept in memory: the disk is
    the door's."""
    path = os.path.join(folder, what + ".csv")
    with open(path, "w", encoding="utf-8") as file:
        if what == "members":
            file.write("external_id,name,profile\n")
            file.writelines(f"E-{row},Example {row} of {turn},always\n" for row in range(rows))
        else:
            file.write("uid,external_id,valid_to\n")
            file.writelines(f"{bench.badge_uid(row)},E-{row},{2030 + turn % 50}-12-31\n" for row in range(rows))
    return what, path


def take(house, what, path):
    began = time.monotonic()
    house.loquet("import", what, path)
    return time.monotonic() - began

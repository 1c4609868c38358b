"""A roster of 100,000 members, each with a badge, from two CSV files, while somebody taps all the time: how long
it takes, how long the taps wait, and what is left in memory. Import follows upon import, each of them changing every
row, for as long as the taps last."""

import json
import os
import subprocess
import tempfile
import time

import context as bench
import figures
import footprint

RELEASE_MS = 100


def run(context):
    rows = context.amount(100_000, 500)
    with context.house(1, pace=None, release_ms=RELEASE_MS) as house, bench.ahead() as priority, \
            tempfile.TemporaryDirectory(dir=bench.MEMORY_FOLDER) as files:
        house.start_broker()
        house.start_door()
        tapping = start_taps(context, house, context.amount(300, 5))
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
    return [
        figures.Figure(
            f"import of {rows} members and their badges", "s", sum(seconds[0]), None, (("median", "<=", 10.0),),
            {"members": seconds[0][0], "badges": seconds[0][1],
             "with every row changed": figures.listed(sum(both) for both in seconds[1:])}),
        figures.Figure(
            "present → relay set, during it", "ms", taps["loquet"]["median"] / 1000, taps["loquet"]["p99"] / 1000,
            (("p99", "<=", 50.0),),
            {"samples": taps["loquet"]["count"], "max": taps["loquet"]["max"] / 1000, "run": priority,
             "bare chain p99": taps["bare"]["p99"] / 1000, "bare chain max": taps["bare"]["max"] / 1000}),
        figures.Figure(
            "memory of the three programs after it (PSS)", "MiB", sum(pss.values()) / 1024, None,
            (("median", "<=", 24.0),), {f"{name} KiB": value for name, value in pss.items()}),
    ]


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

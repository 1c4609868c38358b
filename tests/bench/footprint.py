"""What the three programs cost: memory after work, processor time while nobody taps."""

import os
import time

import context as bench
import figures

PROGRAMS = ("loquetd", "loquet-reader", "loquet-link")
TICKS = os.sysconf("SC_CLK_TCK")


def memory(context):
    badges = context.amount(100_000, 1000)
    with context.house(badges, context.amount(100_000, 1000), pace=None) as house:
        house.start()
        for number in range(context.amount(300, 5)):
            tap(house, number * 7919 % badges)
        house.wait_for(lambda: published(house.status()), "the last event at the broker")
        pss = {name: sum(kibibytes(pid, "Pss") for pid in processes(house, name)) for name in PROGRAMS}
        private = sum(kibibytes(pid, "Private_Clean") + kibibytes(pid, "Private_Dirty")
                      for name in PROGRAMS for pid in processes(house, name))
    return [figures.Figure(
        "memory of the three programs (PSS)", "MiB", sum(pss.values()) / 1024, None, (("median", "<=", 24.0),),
        {**{f"{name} KiB": value for name, value in pss.items()}, "private KiB": private})]


def tap(house, badge):
    mark = house.mark()
    house.sim(f"present 0 uid={bench.badge_uid(badge)}")
    house.wait_event("access.granted", mark)
    house.sim("remove 0")


def published(status):
    return status["link"]["cursor"] == status["journal"]["head"]


def idle(context):
    """The share is the machine's too: neighbours make it larger. Wake-ups are the programs' own; of the
    reader's, three a poll are needed, and the others are the simulated line's, which hands bytes on singly."""
    seconds = context.amount(30, 2)
    with context.house(1) as house:
        house.start()
        time.sleep(context.amount(3, 0))
        before = {name: (used(house, name), woken(house, name)) for name in PROGRAMS}
        stolen_before = stolen()
        began = time.monotonic()
        time.sleep(seconds)
        elapsed = time.monotonic() - began
        shares = {name: 100 * (used(house, name) - before[name][0]) / elapsed for name in PROGRAMS}
        wakings = {name: (woken(house, name) - before[name][1]) / elapsed for name in PROGRAMS}
        taken = 100 * (stolen() - stolen_before) / elapsed
        polls = house.status()["readers"][0]
    return [figures.Figure(
        "processor time when nobody taps", "%", sum(shares.values()), None, (("median", "<=", 3.0),),
        {**{f"{name} %": value for name, value in shares.items()}, "seconds": seconds,
         "poll µs": polls["poll_us_median"], "stolen from the machine %": taken}),
        figures.Figure(
            "wake-ups a second when nobody taps, loquetd and loquet-link", "1/s",
            wakings["loquetd"] + wakings["loquet-link"], None, (("median", "<=", 3.0),),
            {f"{name} 1/s": value for name, value in wakings.items()})]


def used(house, name):
    """Seconds of processor time."""
    total = 0
    for pid in processes(house, name):
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def woken(house, name):
    """How often it slept and went on, in any thread."""
    total = 0
    for pid in processes(house, name):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as file:
                total += next(int(line.split()[1]) for line in file
                              if line.startswith("voluntary_ctxt_switches:"))
    return total


def stolen():
    """Seconds that the machine's own host gave to others, over all processors."""
    with open("/proc/stat", encoding="ascii") as file:
        return int(file.readline().split()[8]) / TICKS


def processes(house, name):
    """The program and its children."""
    pid = house.processes[name].pid
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [pid, *map(int, file.read().split())]


def kibibytes(pid, key):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(key + ":"))

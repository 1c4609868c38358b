"""A day that the office missed, all at once and through the broker: until every event is kept and every visit made."""

import random
import sqlite3
import subprocess
import time

import boards
import context as bench
import figures
import house
import pages

PERSONS = 2000
IN_FLIGHT = 1000
PATIENCE_S = 600


def run(context):
    taps = context.amount(25_000, 50)
    rates = [one(context, taps) for _ in range(context.amount(3, 1))]
    return [figures.Figure("events that the office takes up from the broker", "/s", sorted(rates)[len(rates) // 2], None,
                           (("median", ">=", 10_000.0),), {"rounds": " ".join(f"{rate:.0f}" for rate in rates)})]


def one(context, taps):
    with bench.house_folders(None), house.House(context.build, settings=pages.settings()) as made:
        pages.begin(made)
        pages.start_office(made)
        path = made.folder + "/events"
        with open(path, "w", encoding="ascii") as file:
            file.writelines(line + "\n" for line in day(taps))
        began = time.monotonic()
        publisher = subprocess.Popen(
            [context.bench("bare_publisher"), str(made.port), str(IN_FLIGHT), "loquet/1/demo/board-0/events", path],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            made.wait_for(lambda: is_whole(made, taps), "the office to have it all", PATIENCE_S)
        finally:
            publisher.kill()
            publisher.wait()
        return taps * boards.PER_TAP / (time.monotonic() - began)


def day(taps):
    chance = random.Random(7)
    begins = time.time() - 86400
    for number in range(taps):
        passage = {"door": "front", "accessPoint": "front/entry", "zone": "space", "transaction": f"1-{number + 1}",
                   "credential": "c1", "holder": f"p{chance.randrange(PERSONS) + 1}"}
        for place, (kind, data) in enumerate(boards.events_of_a_tap(passage)):
            seq = number * boards.PER_TAP + place + 1
            yield boards.event("board-0", seq, kind, data, begins + number)[1]


def is_whole(made, taps):
    """Each tap is one passage of a visit, however many of them make one."""
    database = sqlite3.connect(f"file:{made.folder}/state/office.db?mode=ro", uri=True)
    try:
        last, = database.execute("SELECT coalesce(max(last), 0) FROM controller").fetchone()
        passages = database.execute("SELECT sum(passages) FROM visit").fetchone()[0] if last == taps * boards.PER_TAP else 0
        return passages == taps
    finally:
        database.close()

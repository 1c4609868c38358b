"""An office's roster of 100,000 persons, each with a badge, to a door that has none of them, while somebody taps all
the time; then one badge after the other is lost. Measured from the office's first message to the door's roster.applied,
over a real broker."""

import json
import time

import context as bench
import figures
import importing
import rosteroffice

PATIENCE_S = 120


def run(context):
    rows = context.amount(100_000, 500)
    with context.folder() as disk, context.house(
            1, in_memory=True, state=disk, pace=None, release_ms=importing.RELEASE_MS,
            settings="office_key = " + rosteroffice.public()) as house, bench.awake(context.quick), bench.ahead() as priority:
        house.start_broker()
        house.start_door()
        house.start_watch()
        house.start_link()
        with open(disk + "/uid.key", encoding="ascii") as file:
            office = rosteroffice.RosterOffice(house.port, file.read())
        try:
            return measure(context, house, office, rows, priority)
        finally:
            office.close()


def measure(context, house, office, rows, priority):
    office.persons = {row + 1: ("always", [(row + 1, bench.badge_uid(row), rosteroffice.PLAIN)]) for row in range(rows)}
    tapping = importing.start_taps(context, house, context.amount(200, 5))
    first = apply(house, office)
    taps = json.loads(tapping.communicate()[0])
    lost = []
    for number in range(2, context.amount(32, 4)):
        profile, ((badge, uid, _),) = office.persons[number]
        office.persons[number] = (profile, [(badge, uid, "lost\t0\t0\t-\t0\t0")])
        lost.append(apply(house, office))
    return [
        figures.Figure(
            f"an office's roster of {rows} persons to a fresh door", "s", first, None, (("median", "<=", 30.0),),
            {"run": priority}),
        importing.waits("present → relay set meanwhile, journal on the disk", taps),
        figures.Figure(
            f"a badge of {rows} is lost: office → applied", "ms", 1000 * figures.percentile(lost, 50),
            1000 * figures.percentile(lost, 99), (("p99", "<=", 1000.0),), {"samples": len(lost)}),
    ]


def apply(house, office):
    """Seconds."""
    mark = house.mark()
    office.prepare()
    began = time.monotonic()
    office.publish()
    house.wait_event("roster.applied", mark, PATIENCE_S, rosterVersion=office.version)
    return time.monotonic() - began

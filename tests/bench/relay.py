"""From `present` at loquetd to the relay's line, for a member among 100,000.

Beside it, in turns, the same wake-ups without Loquet: what the machine itself takes.
First with the journal in memory, which leaves out the disk's wait and nothing else; then on the disk."""

import context as bench
import figures

RELEASE_MS = 100  # the shortest there is: each tap waits for the lock to be locked again


def run(context):
    badges = context.amount(100_000, 1000)
    aside = taps(context, badges, context.amount(1000, 10), None)
    with context.folder() as disk:
        whole = taps(context, badges, context.amount(300, 10), disk)
    return [
        figure("present → relay set, journal in memory", aside, (("p99", "<=", 1.0),)),
        figure("present → relay set, journal on the disk", whole, ()),
    ]


def taps(context, badges, count, disk):
    with context.house(badges, in_memory=True, state=disk, release_ms=RELEASE_MS) as house, \
            bench.ahead() as priority:
        house.start_door()
        samples = context.ask("tap", house.folder + "/run", house.folder + "/lines/relay",
                              house.folder + "/bare", badges, count)
        return samples, house.status()["stages"], priority


def figure(measure, taken, bars):
    found, stages, priority = taken
    samples, bare = found["loquet"], found["bare"]
    return figures.Figure(
        measure, "ms", samples["median"] / 1000, samples["p99"] / 1000, bars,
        {"samples": samples["count"], "max": samples["max"] / 1000, "run": priority,
         "bare chain median ms": bare["median"] / 1000, "bare chain p99 ms": bare["p99"] / 1000,
         **{f"{name} p99 µs": stages[name]["p99_us"] for name in ("decide", "record", "relay")}})

"""From `present` at loquetd to the relay's line, for a member among 100,000.

Beside it, in turns, the same wake-ups without Loquet: what the machine itself takes.
The processors are kept awake. First with the journal in memory, which leaves out the disk's wait and nothing else; then on the disk."""

import statistics

import context as bench
import figures

RELEASE_MS = 100  # the shortest there is: each tap waits for the lock to be locked again


def run(context):
    badges = context.amount(100_000, 1000)
    aside = taps(context, badges, None)
    with context.folder() as disk:
        whole = taps(context, badges, disk)
    return [
        figure("present → relay set, journal in memory", aside, (("p99", "<=", 1.0),)),
        figure("present → relay set, journal on the disk", whole, ()),
    ]


def taps(context, badges, disk):
    """What each round found, and what loquetd says of its own stages."""
    with context.house(badges, in_memory=True, state=disk, release_ms=RELEASE_MS) as house, \
            bench.awake(context.quick), bench.ahead() as priority:
        house.start_door()
        rounds = [
            context.ask("tap", house.folder + "/run", house.folder + "/lines/relay", house.folder + "/bare",
                        badges, context.amount(200, 10))
            for _ in range(context.amount(5, 1))]
        return rounds, house.status()["stages"], priority


def figure(measure, taken, bars):
    rounds, stages, priority = taken
    ours, bare = ([found[who] for found in rounds] for who in ("loquet", "bare"))
    return figures.Figure(
        measure, "ms", middle(ours, "median"), middle(ours, "p99"), bars,
        {"samples": sum(samples["count"] for samples in ours), "max": max(samples["max"] for samples in ours) / 1000,
         "p99 of each round": figures.listed(samples["p99"] / 1000 for samples in ours), "run": priority,
         "bare chain": f"{middle(bare, 'median'):.3g}", "bare chain p99": f"{middle(bare, 'p99'):.3g}",
         **{f"{name} p50/p99 µs": f"{stages[name]['p50_us']}/{stages[name]['p99_us']}"
            for name in ("decide", "record", "relay")}})


def middle(rounds, which):
    """The middle round's, in milliseconds."""
    return statistics.median(samples[which] for samples in rounds) / 1000

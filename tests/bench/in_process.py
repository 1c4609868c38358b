"""What needs no other process: looking a badge up, committing a row, taking events up in the office."""

import statistics

import figures


def lookup(context):
    sizes = context.amount((1000, 1_000_000), (100, 10_000))
    rounds = context.ask("lookup", context.amount(11, 1), context.amount(20_000, 1000), *sizes)
    rows = [
        figures.Figure(f"UID → decision among {size:,} credentials", "µs", middle(rounds, name, "median"),
                       middle(rounds, name, "p99"), (("p99", "<=", 50.0),),
                       {"lookups": sum(found[name]["count"] for found in rounds)})
        for name, size in zip(("small", "large"), sizes)
    ]
    ratios = {which: [found["large"][which] / found["small"][which] for found in rounds] for which in ("median", "p99")}
    rows.append(figures.Figure(
        "… the large over the small", "×", statistics.median(ratios["median"]), statistics.median(ratios["p99"]),
        (("median", "<=", 2.0), ("p99", "<=", 2.0)), {"p99 of each round": figures.listed(ratios["p99"])}))
    return rows


def middle(rounds, name, which):
    return statistics.median(found[name][which] for found in rounds)


def commit(context):
    with context.folder() as disk:
        found = context.ask("commit", disk, context.amount(15, 3), context.amount(1000, 20))
    ratios = [journal / bare for journal, bare in zip(found["journal"], found["bare"])]
    return [figures.Figure(
        "journal commits over a bare SQLite loop", "×", statistics.median(ratios), None, (("median", ">=", 0.8),),
        {"journal commits/s": statistics.median(found["journal"]), "bare commits/s": statistics.median(found["bare"]),
         "row bytes": found["body_bytes"], "rounds": figures.listed(ratios)})]


WINDOW = 100  # messages that are on their way at once by default ([mqtt] window): one transaction


def ingest(context):
    """Somebody looks at the visits after each round: about as often as the office itself does, a few times a second."""
    found = {"office": [], "bare": []}
    for _ in range(context.amount(3, 1)):
        with context.folder() as disk:
            rounds = context.ask("ingest", disk, context.amount(5, 3), context.amount(90_000, 900),
                                 context.amount(2000, 30), WINDOW)
        for name, rates in rounds.items():
            found[name] += rates
    ratios = [office / bare for office, bare in zip(found["office"], found["bare"])]
    return [
        figures.Figure("events the office takes up", "/s", statistics.median(found["office"]), None,
                       (("median", ">=", 10_000.0),), {"rounds": figures.listed(found["office"])}),
        figures.Figure("… over bare prepared inserts", "×", statistics.median(ratios), None,
                       (("median", ">=", 0.5),),
                       {"bare rows/s": statistics.median(found["bare"]), "rounds": figures.listed(ratios)})]

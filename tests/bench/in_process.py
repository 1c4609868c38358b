"""What needs no other process: looking a badge up, and committing a row."""

import statistics

import figures


def lookup(context):
    lookups = context.amount(200_000, 1000)
    small, large = context.amount((1000, 1_000_000), (100, 10_000))
    found = context.ask("lookup", lookups, small, large)
    rows = [
        figures.Figure(f"UID → decision among {size:,} credentials", "µs", found[name]["median"],
                       found[name]["p99"], (("p99", "<=", 50.0),), {"lookups": found[name]["count"]})
        for name, size in (("small", small), ("large", large))
    ]
    ratio = {which: found["large"][which] / found["small"][which] for which in ("median", "p99")}
    rows.append(figures.Figure("… the large over the small", "×", ratio["median"], ratio["p99"],
                               (("median", "<=", 2.0), ("p99", "<=", 2.0))))
    return rows


def commit(context):
    with context.folder() as disk:
        found = context.ask("commit", disk, context.amount(9, 3), context.amount(1000, 20))
    journal = statistics.median(found["journal"])
    bare = statistics.median(found["bare"])
    return [figures.Figure(
        "journal commits over a bare SQLite loop", "×", journal / bare, None, (("median", ">=", 0.8),),
        {"journal commits/s": journal, "bare commits/s": bare, "row bytes": found["body_bytes"],
         "rounds": " ".join(f"{a / b:.2f}" for a, b in zip(found["journal"], found["bare"]))})]

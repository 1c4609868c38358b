"""What a benchmark found, beside the bar it is held to."""

import dataclasses
import json
import statistics

MISS = "MISS"
OK = "ok"


def percentile(values, share):
    """The smallest value that `share` percent of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)]


@dataclasses.dataclass
class Figure:
    """`bars` holds (which, relation, limit): ("median", "<=", 20.0), ("p99", "<=", 30.0), ("median", ">=", 0.8).
    Without bars a figure is only shown."""

    measure: str
    unit: str
    median: float
    p99: float | None = None
    bars: tuple = ()
    detail: dict = dataclasses.field(default_factory=dict)
    bench: str = ""

    def verdict(self):
        if not self.bars:
            return ""
        return OK if all(self._holds(*bar) for bar in self.bars) else MISS

    def _holds(self, which, relation, limit):
        value = getattr(self, which)
        return value >= limit if relation == ">=" else value <= limit

    def bar(self):
        many = len(self.bars) > 1
        return ", ".join(
            (f"{which} " if many or which != "median" else "") + f"{sign(relation)} {limit:g}{spaced(self.unit)}"
            for which, relation, limit in self.bars)

    def shown(self, value):
        return "" if value is None else f"{value:.3g}{spaced(self.unit)}" if value < 1000 else f"{value:.0f}{spaced(self.unit)}"

    def plain(self):
        """For JSON."""
        return {
            "bench": self.bench, "measure": self.measure, "unit": self.unit, "median": self.median, "p99": self.p99,
            "bar": self.bar(), "verdict": self.verdict(), "detail": self.detail,
        }


def of_rounds(measure, unit, rounds, bars=(), **detail):
    """`rounds` are lists of samples. The p99 is the middle one of the rounds': a machine that is busy with
    something else for a while spoils some rounds, not the figure."""
    p99s = [percentile(samples, 99) for samples in rounds]
    everything = [sample for samples in rounds for sample in samples]
    return Figure(measure, unit, statistics.median(everything), statistics.median(p99s), bars,
                  {"samples": len(everything), "max": max(everything), "p99 of each round": listed(p99s), **detail})


def listed(values):
    return " ".join(f"{value:.3g}" for value in values)


def sign(relation):
    return {"<=": "≤", ">=": "≥"}[relation]


def spaced(unit):
    return f" {unit}" if unit and unit != "%" else unit and " %"


def line(figure):
    """One figure for a person who waits for the others."""
    return f"{figure.measure}: " + ", ".join(
        text for text in (f"median {figure.shown(figure.median)}",
                          figure.p99 is not None and f"p99 {figure.shown(figure.p99)}",
                          figure.bars and f"bar {figure.bar()} {figure.verdict()}") if text)


def table(figures, failures):
    """Lines for a person. `failures` pairs the name of a benchmark with why it could not run."""
    rows = [("measure", "median", "p99", "bar", "")]
    rows += [(f.measure, f.shown(f.median), f.shown(f.p99), f.bar(), f.verdict()) for f in figures]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths[:4]))
    lines += [""] + [f"{f.measure}: {worded(f.detail)}" for f in figures if f.detail]
    lines += [f"{name}: could not run: {why}" for name, why in failures]
    return lines


def worded(detail):
    return ", ".join(f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
                     for key, value in detail.items())


def exit_code(figures, failures, gate):
    if failures:
        return 2
    return 1 if gate and any(figure.verdict() == MISS for figure in figures) else 0


def as_json(figures, failures, **about):
    return json.dumps({
        **about,
        "figures": [figure.plain() for figure in figures],
        "failures": [{"bench": name, "why": why} for name, why in failures],
    }, indent=2, ensure_ascii=False)

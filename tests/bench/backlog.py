"""How fast the link empties the journal after an outage: tests/bench/link, in a process of its own."""

import os
import re
import subprocess
import sys

import context as bench
import figures


def run(context):
    done = subprocess.run(
        [sys.executable, "-B", os.path.join(context.root, "tests/bench/link/bench_link.py")],
        env=dict(
            os.environ,
            PYTHONPATH=os.pathsep.join(os.path.join(context.root, part) for part in (
                "tests/e2e/link", "host/demonstration")),
            LOQUET_LINK=context.program("loquet-link"),
            LOQUET_SQL=os.path.join(context.root, "schemas/sql"),
            LOQUET_BARE=context.bench("bare_publisher"),
            LOQUET_BENCH_ROWS=str(context.amount(100_000, 1000)),
            LOQUET_BENCH_ROUNDS=str(context.amount(5, 1))),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=3600, check=False)
    ratio = re.search(r"^bench link_backlog ratio=([\d.]+)", done.stdout, re.MULTILINE)
    if ratio is None:
        raise bench.Failed(f"it ended with {done.returncode}: {done.stderr.strip()[-400:]}")
    rounds = re.findall(r"bare=(\d+)/s link=(\d+)/s ratio=([\d.]+)", done.stdout)
    return [figures.Figure(
        "backlog to the broker over a bare publisher", "×", float(ratio[1]), None, (("median", ">=", 0.8),),
        {"rounds": " ".join(ratio for _, _, ratio in rounds),
         "link events/s": " ".join(link for _, link, _ in rounds),
         "bare events/s": " ".join(bare for bare, _, _ in rounds)})]

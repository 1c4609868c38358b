"""How long the tests take that look at everything: worth having only while nobody waits for them."""

import os
import subprocess
import time

import context as bench
import figures

# (what, the programs one after the other, at most so many seconds)
PROOFS = (
    ("every state of the door's step, with every input", ("unit/core/unit_core_door", "unit/core/unit_core_door_modes"),
     10.0),
    ("a simulated month of 300 members", ("property/property_month",), 60.0),
)


def run(context):
    """ctest runs them anyway: a quick run starts only the first, which is short."""
    if context.quick:
        what, programs, limit = PROOFS[0]
        return [figure(context, what, programs[:1], limit)]
    return [figure(context, *proof) for proof in PROOFS]


def figure(context, what, programs, limit):
    taken = {os.path.basename(name): timed(context, name) for name in programs}
    return figures.Figure(what, "s", sum(taken.values()), None, (("median", "<=", limit),), taken)


def timed(context, name):
    began = time.monotonic()
    done = subprocess.run([os.path.join(context.build, "tests", name)], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=600, check=False)
    if done.returncode != 0:
        raise bench.Failed(f"{name} ended with {done.returncode}: {done.stdout.strip()[-400:]}")
    return time.monotonic() - began

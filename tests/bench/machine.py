"""What this machine takes by itself, while whatever else it does goes on: to be read beside the rest."""

import os
import threading
import time
import tty

import context as bench
import figures

PAUSE_S = 0.001


def run(context):
    count = context.amount(1000, 20)
    rounds = range(context.amount(5, 1))
    with bench.ahead() as priority:
        return [
            figures.of_rounds("the machine: a wake-up is late by", "ms", [wake_ups(count) for _ in rounds], run=priority),
            figures.of_rounds("the machine: a byte takes through a pty", "ms", [bytes_through_a_pty(count) for _ in rounds],
                              run=priority),
        ]


def wake_ups(count):
    late = []
    for _ in range(count):
        began = time.monotonic()
        time.sleep(PAUSE_S)
        late.append((time.monotonic() - began - PAUSE_S) * 1000)
    return late


def bytes_through_a_pty(count):
    with Pty() as pty:
        return [pty.time_byte() for _ in range(count)]


class Pty:
    """As between libnfc and the simulator: the kernel hands each byte on in a thread of its own."""

    def __enter__(self):
        self.ours, self.theirs = os.openpty()
        tty.setraw(self.theirs)
        return self

    def __exit__(self, *_):
        os.close(self.ours)
        os.close(self.theirs)

    def time_byte(self):
        """Milliseconds."""
        time.sleep(PAUSE_S)
        began = time.monotonic()
        os.write(self.ours, b"x")
        os.read(self.theirs, 1)
        return (time.monotonic() - began) * 1000


class Meanwhile:
    """Sends a byte through a pseudo-terminal now and then, while something else is measured."""

    def __init__(self):
        self.taken = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self):
        with Pty() as pty:
            while not self._over.wait(0.010):
                self.taken.append(pty.time_byte())

"""How fast loquet-link empties the journal after an outage, beside a bare libmosquitto publisher with
the same window, the same bodies and the same broker, in turns.

Prints one line: bench link_backlog ratio=… bar>=0.80 ok|MISS"""

import os
import statistics
import subprocess
import sys
import time

from linkrig import BASE, Loquetd, Rig, event

ROWS = int(os.environ.get("LOQUET_BENCH_ROWS", "100000"))
ROUNDS = int(os.environ.get("LOQUET_BENCH_ROUNDS", "5"))
WINDOW = 100
BAR = 0.80
BARE = os.environ["LOQUET_BARE"]


class Bench(Rig):
    def runTest(self):
        pass

    def prepare(self):
        self.make_journal().append(*[event(seq) for seq in range(1, ROWS + 1)])
        self.lines = os.path.join(self.folder, "lines")
        with open(self.lines, "wb") as file:
            for seq in range(1, ROWS + 1):
                file.write(self.journal.bodies[seq] + b"\n")

    def time_bare(self):
        self.broker.start()
        took = float(subprocess.check_output(
            [BARE, str(self.broker.port), str(WINDOW), BASE + "/events", self.lines]))
        self.broker.stop()
        return ROWS / took

    def time_link(self):
        """The link waits for a broker that is away; the clock runs from the greeting to the cursor at
        the journal's end, which includes every look at the disk."""
        path = os.path.join(self.folder, "link.cursor")
        if os.path.exists(path):
            os.unlink(path)
        loquetd = Loquetd(self.folder)
        self.start(f"window = {WINDOW}")
        loquetd.accept()
        loquetd.listen(lambda m: m.get("link") == "disconnected", "the outage")
        self.broker.start()
        loquetd.listen(lambda m: m.get("link") == "connected", "the connection")
        began = time.monotonic()
        loquetd.listen(lambda m: m.get("cursor") == ROWS, "the last acknowledgement")
        took = time.monotonic() - began
        self.memory = self.pss()
        self.stop()
        self.broker.stop()
        loquetd.close()
        return ROWS / took

    def pss(self):
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))


def main():
    bench = Bench()
    bench.setUp()
    try:
        bench.prepare()
        ratios = []
        for _ in range(ROUNDS):
            bare = bench.time_bare()
            link = bench.time_link()
            ratios.append(link / bare)
            print(f"bench link_backlog_round bare={bare:.0f}/s link={link:.0f}/s "
                  f"ratio={link / bare:.3f} link_pss={bench.memory}KiB", flush=True)
        ratio = statistics.median(ratios)
        good = ratio >= BAR
        print(f"bench link_backlog ratio={ratio:.3f} bar>={BAR:.2f} {'ok' if good else 'MISS'}")
        return 0 if good else 1
    finally:
        bench.doCleanups()


if __name__ == "__main__":
    sys.exit(main())

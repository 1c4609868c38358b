"""From a card's entry into the field to `present` at loquetd, through the real reader process and a
PN532 at 115200 baud with the time on the air; for a card that comes alone, for one that takes the
place of another, and for one that comes soon after another has left."""

import random
import statistics
import time

import context as bench
import figures
import machine
import readerrig

PACE = 115200
APART_S = (0.060, 0.110)  # several polls, and any phase of one
SOON_S = (0.020, 0.060)   # the first is still remembered then


class Arrivals:
    def __init__(self, rig):
        self.rig = rig
        self.control = rig.sim.connect()
        self.random = random.Random(1)
        self.cards = 0
        self.rounds = {"first": [], "second": [], "soon": []}

    def uid(self):
        """Never the same again; 4 and 7 bytes in turn."""
        self.cards += 1
        return f"04{self.cards:06x}" if self.cards % 4 < 2 else f"04{self.cards:012x}"

    def order(self, *orders):
        """Sent in one go; the simulator's last answer."""
        self.control.send_raw("".join(order + "\n" for order in orders))
        return [self.control.receive() for _ in orders][-1]

    def rest(self, span):
        time.sleep(self.random.uniform(*span))

    def enter(self, kind, *before):
        uid = self.uid()
        answer = self.order(*before, f"present 0 uid={uid}")
        self.rig.door.wait_for("present", lambda message: message.uid_hex() == uid)
        received_us = time.monotonic_ns() / 1000
        entered_us = int(dict(word.split("=") for word in answer.split())["at_us"])
        self.rounds[kind][-1].append((received_us - entered_us) / 1000)

    def round(self, count):
        for samples in self.rounds.values():
            samples.append([])
        for _ in range(count):
            self.come_and_go()

    def come_and_go(self):
        self.rest(APART_S)
        self.enter("first")
        self.rest(APART_S)
        self.enter("second", "remove 0")
        self.rest(APART_S)
        self.order("remove 0")
        self.rest(SOON_S)
        self.enter("soon")
        self.rest(APART_S)
        self.order("remove 0")


def run(context):
    with bench.ahead() as priority, readerrig.Rig(pace=PACE, air=True) as rig, machine.Meanwhile() as meanwhile:
        rig.door.expect("hello")
        rig.door.expect("ready")
        arrivals = Arrivals(rig)
        for _ in range(context.amount(5, 1)):
            arrivals.round(context.amount(100, 4))
        arrivals.control.close()
    bars = (("median", "<=", 20.0), ("p99", "<=", 30.0))
    return [*(
        figures.of_rounds(measure, "ms", arrivals.rounds[kind], bars, run=priority,
                          **{"p99 of a byte through a pty meanwhile": figures.percentile(meanwhile.taken, 99)})
        for kind, measure in (
            ("first", "card enters the field → present at loquetd"),
            ("second", "… in the place of another"),
            ("soon", "… soon after another left"))),
        second_over_first(arrivals),
    ]


def second_over_first(arrivals):
    """A second badge does not wait until the first counts as gone."""
    ratios = [statistics.median(second) / statistics.median(first)
              for first, second in zip(arrivals.rounds["first"], arrivals.rounds["second"])]
    return figures.Figure("… in the place of another over alone", "×", statistics.median(ratios), None, (),
                          {"rounds": figures.listed(ratios)})

#!/usr/bin/python3
"""A badge that was revoked while a door could not hear of it: from the moment the door's link has the broker
again, it is not granted once, however long the office's roster takes. Taps come all the time."""

import datetime
import os
import random
import signal
import socket
import threading
import time
import unittest

from gate import Gate
from house import House
from readerrig import Message, TYPES
from rosteroffice import PLAIN, RosterOffice, public

BUILD = os.environ["LOQUET_BUILD"]
SEED = int(os.environ.get("LOQUET_SEED", "20261130"))
ROUNDS = int(os.environ.get("LOQUET_ROUNDS", "9"))
LOST = "lost\t0\t0\t-\t0\t0"
REVOKED, OTHER = 7, 300
UIDS = {REVOKED: "04070707070707", OTHER: "04303030303030"}
PACE_S = 0.04


class BehindGate(House):
    """A house whose link reaches the broker through a gate."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.gate = Gate(self.port)

    def write_config(self):
        broker, self.port = self.port, self.gate.port
        super().write_config()
        self.port = broker

    def start(self):
        self.write_config()
        self.start_broker()
        self.start_door()
        self.start_watch()
        self.start_link()
        self.wait_for(lambda: self.status()["link"]["state"] == "connected", "the link's start")

    def close(self):
        self.gate.close()
        super().close()


class Hand:
    """Two badges at the reader, in turns, until it is taken away."""

    def __init__(self, path):
        self.peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.peer.connect(path)
        self.peer.send(Message(type_number=TYPES.index("hello") + 1, version=1, name=b"front-in"))
        self.peer.send(Message(type_number=TYPES.index("ready") + 1))
        self.taps = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tap, daemon=True)
        self._thread.start()

    def _tap(self):
        while not self._stop.wait(PACE_S):
            self.taps += 1
            tap = Message(type_number=TYPES.index("present") + 1, tap=self.taps, cards=1, uid_len=7,
                          poll_us=time.monotonic_ns() // 1000)
            tap.uid[:7] = bytes.fromhex(UIDS[(REVOKED, OTHER)[self.taps % 2]])
            self.peer.send(tap)

    def rest(self):
        self._stop.set()
        self._thread.join()


class FirstContact(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = BehindGate(BUILD, pace=None, release_ms=100,
                               settings="clock_trust = unset\noffice_key = %s" % public())
        cls.addClassCleanup(cls.house.close)
        cls.house.start()
        with open(cls.house.folder + "/state/uid.key", encoding="ascii") as file:
            cls.office = RosterOffice(cls.house.port, file.read())
        cls.addClassCleanup(cls.office.close)

    def setUp(self):
        self.publish(PLAIN)
        self.wait_roster()
        self.hand = Hand(self.house.folder + "/run/reader.sock")
        self.addCleanup(self.hand.peer.close)
        self.addCleanup(self.hand.rest)

    def publish(self, rest):
        self.office.persons = {number: ("always", [(number + 1000, uid, rest if number == REVOKED else PLAIN)])
                               for number, uid in UIDS.items()}
        self.office.publish()

    def wait_roster(self):
        self.house.wait_for(lambda: self.house.status()["roster"]["rosterVersion"] == self.office.version,
                            "the roster")

    def wait_contact(self, *words):
        self.house.wait_for(lambda: self.house.status()["roster"]["rosterContact"] in words, words)

    def decided(self, noun, number, after):
        """Unix times of a person's decisions behind a mark."""
        return [datetime.datetime.fromisoformat(item["event"]["time"].replace("Z", "+00:00")).timestamp()
                for item in self.house.since(after)
                if item["event"]["type"] == "org.loquet.%s.v1" % noun and
                item["event"]["data"].get("holder") == "p%d" % number]

    # -- ways to lose an office --

    def stop_link(self, delay_s):
        self.house.stop("loquet-link", signal.SIGKILL)
        yield
        self.house.gate.open(delay_s)
        self.house.start_link()
        yield

    def shut_gate(self, delay_s):
        self.house.gate.shut()
        yield
        self.house.gate.open(delay_s)
        yield

    def stop_broker(self, delay_s):
        """The office comes back before the door does."""
        self.house.gate.shut()
        self.house.stop("mosquitto")
        self.house.wait_for(lambda: not self.office.client.is_connected(), "the office's absence")
        self.house.start_broker()
        self.house.wait_for(self.office.client.is_connected, "the office's return")
        yield
        self.house.gate.open(delay_s)
        yield

    def play(self, way, generator):
        mark = self.house.mark()
        delay_s = generator.choice([0, 0.02, 0.1, 0.3])
        steps = way(delay_s)
        next(steps)
        self.wait_contact("away")
        for _ in range(generator.randrange(3)):
            self.office.put("manifest", self.office.manifest(self.office.parts()))  # said again
        self.publish(LOST)
        self.house.wait_for(lambda: len(self.decided("access.granted", REVOKED, mark)) > 0,
                            "a grant while nobody can know")
        next(steps)
        reached = self.house.wait_for(lambda: self.house.gate.said(b'"online"'), "the contact")
        self.wait_roster()
        self.house.wait_for(lambda: [at for at in self.decided("access.denied", REVOKED, mark) if at > reached],
                            "a denial")
        self.house.wait_for(lambda: [at for at in self.decided("access.granted", OTHER, mark) if at > reached],
                            "the other's entry")
        late = [at - reached for at in self.decided("access.granted", REVOKED, mark) if at > reached]
        self.assertEqual(late, [], "%s, answers after %s s" % (way.__name__, delay_s))
        self.wait_contact("current")

    def test_a_revoked_badge_is_not_granted_after_the_contact(self):
        generator = random.Random(SEED)
        ways = [self.stop_link, self.shut_gate, self.stop_link]
        for number in range(ROUNDS):
            way = self.stop_broker if number == ROUNDS // 2 else ways[number % 3]
            with self.subTest(seed=SEED, round=number):
                self.play(way, generator)
            self.publish(PLAIN)
            self.wait_roster()

    def test_a_broker_without_the_offices_word_keeps_nobody_out(self):
        self.house.stop("loquet-link", signal.SIGKILL)
        self.office.put("manifest", b"").wait_for_publish(30)
        self.wait_contact("away")
        self.house.gate.open()
        self.house.start_link()
        self.wait_contact("missed")
        mark = self.house.mark()
        for number in UIDS:
            self.house.wait_for(lambda n=number: self.decided("access.granted", n, mark), "a grant")
        self.publish(LOST)  # the office is there again
        self.wait_contact("current")
        self.wait_roster()
        mark = self.house.mark()
        self.house.wait_for(lambda: self.decided("access.denied", REVOKED, mark), "a denial")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""A roster that an office keeps: over a real broker to a door, from an office that shares no code with it."""

import os
import signal
import time
import unittest

from house import House, StepFailed
from rosteroffice import PLAIN, STRANGER, RosterOffice, public

BUILD = os.environ["LOQUET_BUILD"]
UIDS = {number: "04%012x" % number for number in (1, 2, 300)}


class OfficeRoster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD, pace=None, release_ms=100,
                          settings="clock_trust = unset\noffice_key = %s" % public())
        cls.addClassCleanup(cls.house.close)
        cls.house.start()
        with open(cls.house.folder + "/state/uid.key", encoding="ascii") as file:
            cls.office = RosterOffice(cls.house.port, file.read())
        cls.addClassCleanup(cls.office.close)

    def setUp(self):
        self.office.persons = {number: ("always", [(number + 1000, uid, PLAIN)])
                               for number, uid in UIDS.items()}
        self.apply()

    def apply(self):
        mark = self.house.mark()
        self.office.publish()
        return self.house.wait_event("roster.applied", mark,
                                     rosterVersion=self.office.version)["event"]["data"]

    def tap(self, number, noun):
        mark = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + UIDS[number])
        decided = self.house.wait_event(noun, mark)["event"]["data"]
        self.house.take_badge()
        return decided

    def refused(self, why):
        return self.house.status()["roster"].get("rosterRefused", {}).get("why") == why

    def test_a_fresh_door_gets_the_roster_and_a_lost_badge_opens_no_more(self):
        self.assertEqual(self.tap(300, "access.granted")["holder"], "p300")
        self.office.persons[300] = ("always", [(1300, UIDS[300], "lost\t0\t0\t-\t0\t0")])
        self.assertEqual(self.apply()["parts"], 1)
        self.assertEqual(self.tap(300, "access.denied")["reason"], "CredentialNotEnabled")
        self.assertEqual(self.tap(1, "access.granted")["holder"], "p1")
        health = self.house.status()["roster"]
        self.assertEqual(health["rosterVersion"], self.office.version)
        self.assertLess(health["rosterAge"], 3600)

    def test_nothing_is_changed_at_the_door(self):
        for arguments in (("member", "add", "Ada Example"), ("badge", "revoke", "c1300")):
            with self.assertRaisesRegex(StepFailed, "the office keeps the roster"):
                self.house.loquet(*arguments)
        self.assertEqual(len(self.house.loquet("member", "list")), 3)

    def test_an_older_one_a_strangers_and_a_damaged_one_change_nothing(self):
        parts = self.office.parts()
        self.office.put("manifest", self.office.manifest(parts, version=self.office.version - 1))
        self.house.wait_for(lambda: self.refused("older"), "the refusal")
        self.office.put("manifest", self.office.manifest(
            parts, key=STRANGER, version=self.office.version + 1))
        self.house.wait_for(lambda: self.refused("wrong_key"), "the refusal")
        parts[3] = b"p\t2\talways\t0\t0\t0\n"
        self.office.put("manifest", self.office.manifest(parts, version=self.office.version + 1))
        self.house.wait_for(lambda: self.refused("damaged"), "the refusal")
        self.assertEqual(self.tap(2, "access.granted")["holder"], "p2")
        self.office.version += 1

    def test_any_order_of_restarts_ends_in_the_newest(self):
        self.house.stop("loquet-link", signal.SIGKILL)
        self.office.persons[1] = ("always", [(1001, UIDS[1], "lost\t0\t0\t-\t0\t0")])
        self.office.publish()
        self.house.stop("watch")
        self.house.stop("loquetd", signal.SIGKILL)
        self.house.start_link()
        self.house.start_door()
        self.house.start_watch()
        self.house.wait_for(lambda: self.house.status()["roster"]["rosterVersion"] ==
                            self.office.version, "the roster")
        self.house.wait_for(lambda: self.house.status()["readers"][0]["state"] == "online",
                            "the reader")
        self.assertEqual(self.tap(1, "access.denied")["reason"], "CredentialNotEnabled")

    def test_one_that_is_too_old_lets_nobody_in(self):
        mark = self.house.mark()
        self.office.publish(iat=int(time.time()) - 73 * 3600)
        self.house.wait_event("roster.applied", mark, rosterVersion=self.office.version)
        self.assertEqual(self.tap(1, "access.denied")["reason"], "loquet:RosterStale")
        self.office.put("manifest", self.office.manifest(self.office.parts()))
        self.house.wait_for(lambda: self.house.status()["roster"]["rosterAge"] < 3600,
                            "the newer signature")
        self.assertEqual(self.tap(1, "access.granted")["holder"], "p1")


if __name__ == "__main__":
    unittest.main()

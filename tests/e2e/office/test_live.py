#!/usr/bin/python3
"""Whatever changes at the doors is told to a page that is open, and holds in what it then loads."""

import json
import os
import signal
import socket
import time
import unittest

from house import UNTIL_OPENED
from livehouse import LiveHouse

BUILD = os.environ["LOQUET_BUILD"]
ADA = "04a1b2c3d4e5f6"
BEA = "04b1b2c3d4e5f6"
BACK = "[door back]\nlines = sim\nchip = %s/back\nrelay = 0\nfire = 1\nzone = workshop\n"


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = LiveHouse(BUILD, **UNTIL_OPENED)
        cls.addClassCleanup(cls.house.close)
        cls.house.sections = BACK % cls.house.folder
        cls.house.start()
        cls.page = cls.house.listen()
        cls.addClassCleanup(cls.page.close)
        cls.house.wait_for(lambda: cls.house.door() and cls.house.door()["online"], "the door's state")

    def setUp(self):
        self.page.quiet()

    def wait_for_door(self, name="front", **wanted):
        self.house.wait_for(lambda: all(self.house.door(name)[key] == value for key, value in wanted.items()),
                            "the door's being so: %s" % wanted)

    def test_a_mode_that_was_set_at_the_door(self):
        mark = self.page.mark()
        self.house.loquet("door", "mode", "back", "Blocked")
        self.page.wait("doors", mark)
        self.wait_for_door("back", mode="Blocked")
        mark = self.page.mark()
        self.house.loquet("door", "mode", "back", "Locked")
        self.page.wait("doors", mark)
        self.wait_for_door("back", mode="Locked")

    def test_a_door_that_is_forced_and_its_alarm(self):
        self.house.wait_for(lambda: not self.house.relay(), "the door's locking")
        mark = self.page.mark()
        self.house.drive("contact", True)
        self.page.wait("alarms", mark)
        self.page.wait("doors", mark)
        self.wait_for_door(physical="open", alarms=["forced_open"])
        mark = self.page.mark()
        self.house.drive("contact", False)
        self.page.wait("alarms", mark)
        self.wait_for_door(physical="closed", alarms=[])

    def test_a_command_and_what_became_of_it(self):
        mark = self.page.mark()
        watched = self.house.mark()
        sent = self.house.call("POST", "doors/front-board/front/open", {"reason": "Parcel"})
        self.page.wait("commands", mark)
        self.house.wait_for(lambda: self.house.get("commands/" + sent["id"])["state"] == "done", "the opening")
        self.page.wait("doors", mark)
        self.house.wait_event("door.released", watched, cause="command")
        self.house.lock()

    def test_a_badge_that_is_read_and_a_tap(self):
        mark = self.page.mark()
        person = self.house.enrol(ADA)
        self.page.wait("people", mark)
        self.page.wait("commands", mark)
        self.page.wait("doors", mark)  # their roster is another
        mark = self.page.mark()
        watched = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + ADA)
        told = self.page.wait("now", mark, kind="arrived")
        self.assertEqual((told["person"], told["name"], told["zone"]), (person, "Ada Example", "space"))
        self.house.go_through(watched)
        self.page.wait("visits", mark)
        self.house.take_badge()
        self.house.wait_event("door.relocked", watched)
        self.house.wait_for(lambda: [one["name"] for zone in self.house.get("now")["zones"]
                                     for one in zone["present"]] == ["Ada Example"], "the visit")
        told = [data for topic, data in self.page.told[mark:] if data.get("kind") == "arrived"]
        self.assertEqual(len(told), 1, "somebody came in once")

    def test_a_fire(self):
        mark = self.page.mark()
        self.drive_back("fire", True)
        self.page.wait("muster", mark)
        self.page.wait("alarms", mark)
        self.house.wait_for(lambda: self.house.get("muster")["frozen"], "the list's standing still")
        mark = self.page.mark()
        watched = self.house.mark()
        self.drive_back("fire", False)
        self.house.wait_event("door.alarm_ended", watched, cause="fire")
        for door in ("front", "back"):
            self.house.loquet("door", "fire-confirm", door, check=False)
        self.page.wait("muster", mark)
        self.house.wait_for(lambda: not self.house.get("muster")["frozen"], "the list's living again")

    def drive_back(self, line, active):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"%s %d" % (line.encode(), active), self.house.folder + "/back/lines.sock")

    def test_a_controller_that_goes_and_comes(self):
        mark = self.page.mark()
        self.house.stop("loquet-link", signal.SIGKILL)
        self.page.wait("doors", mark)  # its last will
        self.wait_for_door(online=False)
        mark = self.page.mark()
        self.house.start_link()
        self.page.wait("doors", mark)
        self.wait_for_door(online=True)

    def test_a_broker_that_goes(self):
        """What cannot be heard is not shown as if it were."""
        mark = self.page.mark()
        self.house.stop("mosquitto")
        self.page.wait("doors", mark)
        self.wait_for_door(online=False)
        self.house.start_broker()
        self.wait_for_door(online=True)

    def test_an_evacuation_without_a_broker(self):
        """The office reads the journal of its own board, and knows what the broker brings later."""
        self.house.enrol(BEA, "Bea Example")
        self.house.stop("mosquitto")
        self.wait_for_door(online=False)
        watched = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + BEA)
        self.house.wait_event("door.released", watched)
        self.house.drive("contact", True)
        self.house.wait_event("access.taken", watched)
        self.house.drive("contact", False)
        self.house.sim("remove 0")
        self.house.wait_for(lambda: self.bea() == [False], "the visit")
        self.drive_back("fire", True)
        self.house.wait_for(lambda: self.house.get("muster")["frozen"], "the list's standing still")
        self.assertEqual(self.bea(), [False])
        self.house.call("POST", "muster/ticks", {"person": self.person("Bea Example"), "ticked": True})
        self.assertEqual(self.bea(), [True])
        self.drive_back("fire", False)
        self.house.wait_event("door.alarm_ended", watched, cause="fire")
        for door in ("front", "back"):
            self.house.loquet("door", "fire-confirm", door, check=False)
        self.house.wait_for(lambda: not self.house.get("muster")["frozen"], "the list's living again")
        last = int(json.loads(self.house.journal()[-1])["sequence"])
        self.house.start_broker()
        self.wait_for_door(online=True)
        self.house.wait_for(lambda: self.sent() >= last, "the delivery of all of it")
        self.assertEqual([one["name"] for one in self.house.get("visits")["items"]].count("Bea Example"), 1)
        self.assertNotRegex(self.house.log("loquet-office"), "other words|missing|does not hold")

    def bea(self):
        """Whether she was ticked off, each time that she is on the list."""
        return [one["ticked"] for one in self.house.get("muster")["people"] if one["name"] == "Bea Example"]

    def person(self, name):
        return next(one["person"] for one in self.house.get("people")["items"] if one["name"] == name)

    def sent(self):
        """The number of the journal's row that the broker took last."""
        return max((int(json.loads(body)["sequence"]) for _, body in self.house.mqtt.items), default=0)

    def test_a_burst_wakes_a_page_a_few_times(self):
        mark = self.page.mark()
        began = time.monotonic()
        for _ in range(60):
            self.house.call("PATCH", "settings", {"contact": "desk@example.org"})
        self.house.wait_for(lambda: self.page.mark() > mark, "the first word")
        self.page.quiet()
        told = [topic for topic, _ in self.page.told[mark:] if topic == "settings"]
        self.assertLessEqual(len(told), 5 + 10 * (time.monotonic() - began))
        self.assertGreaterEqual(len(told), 1)


if __name__ == "__main__":
    unittest.main()

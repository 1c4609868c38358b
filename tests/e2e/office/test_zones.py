#!/usr/bin/python3
"""A space of two boards: a badge that the office knows opens both, and everybody is where they went."""

import os
import unittest

from house import House, UNTIL_OPENED
from livehouse import LiveHouse

BUILD = os.environ["LOQUET_BUILD"]
ADA = "04a1b2c3d4e5f6"
BOB = "04112233445566"
CAROL = "04998877665544"
DECIDED = ("org.loquet.access.granted.v1", "org.loquet.access.denied.v1")
PATIENCE_S = 60
# Its door leads to another zone than the front board's.
CONFIG = """[controller]
space = demo
controller = annex-board
state_dir = {folder}/state
runtime_dir = {folder}/run
{settings}
[door side]
lines = sim
chip = {folder}/lines
relay = 0
contact = 4
zone = workshop
release_ms = {release_ms}
{door_settings}[reader side-in]
door = side
direction = entry
device = pn532_uart:{folder}/pn532
uid_badges = yes
[mqtt]
host = 127.0.0.1
port = {port}
{sections}"""


class Annex(House):
    """A second board at the broker of another house."""

    def __init__(self, house):
        super().__init__(BUILD, pace=None, **UNTIL_OPENED)
        self.first = house
        self.port = house.port

    def write_config(self):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(folder=self.folder, settings=self.first.settings, door_settings=self.door_settings,
                                     release_ms=self.release_ms, sections=self.first.sections,
                                     port=self.port))

    def start(self):
        self.write_config()
        os.makedirs(self.folder + "/state", 0o700)
        with open(self.first.folder + "/state/uid.key", encoding="ascii") as key, \
                open(self.folder + "/state/uid.key", "w", encoding="ascii",
                     opener=lambda path, flags: os.open(path, flags, 0o600)) as copy:
            copy.write(key.read())
        self.start_sim()
        self.start_door()
        self.start_watch()
        self.start_link()
        self.start_reader("side-in")
        self.wait_for(lambda: self.status()["readers"][0]["state"] == "online", "the reader's start")
        self.wait_event("roster.applied", 0)


class Zones(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = LiveHouse(BUILD, **UNTIL_OPENED)
        cls.addClassCleanup(cls.house.close)
        cls.house.start()
        cls.house.wait_for(cls.house.door, "the door's state")
        cls.ada = cls.house.enrol(ADA)
        cls.bob = cls.house.enrol(BOB, "Bo Example", kind="staff")
        cls.annex = Annex(cls.house)
        cls.addClassCleanup(cls.annex.close)
        cls.annex.start()

    def go_through(self, board, uid):
        mark = board.mark()
        board.sim("present 0 type=ntag213 uid=" + uid)
        board.go_through(mark)
        board.take_badge()
        board.wait_event("door.relocked", mark)

    def counts(self):
        return {zone["zone"]: zone["count"] for zone in self.house.get("now")["zones"]}

    def test_1_everybody_is_where_they_went(self):
        page = self.house.listen()
        self.addCleanup(page.close)
        self.house.wait_for(lambda: self.house.door("side"), "the other door's state")
        self.assertEqual((self.house.door("side")["zone"], self.house.door()["zone"]), ("workshop", "space"))
        self.assertEqual([one["zone"] for one in self.house.get("zones")["items"]], ["space", "workshop"])
        self.assertEqual(self.house.get("session")["zones"], ["space", "workshop"])
        self.house.call("PATCH", "zones/workshop", {"soft": 1, "legal": 2})
        self.house.call("PATCH", "settings", {"capacityLegal": 2, "staffCounted": True})
        self.go_through(self.house, ADA)
        mark = page.mark()
        self.go_through(self.annex, ADA)
        self.assertEqual(page.wait("now", mark, kind="arrived")["zone"], "workshop")
        self.go_through(self.annex, BOB)
        self.house.wait_for(lambda: self.counts() == {"space": 1, "workshop": 2}, "the counts by zone")
        now = self.house.get("now")
        self.assertEqual([(zone["zone"], zone["capacity"]["state"], zone["staff"]) for zone in now["zones"]],
                         [("space", "ok", 0), ("workshop", "legal", 1)])
        self.assertEqual((now["total"]["count"], now["total"]["capacity"]["state"]), (2, "legal"))
        muster = self.house.get("muster")
        self.assertEqual({zone["zone"]: zone["count"] for zone in muster["zones"]}, {"space": 1, "workshop": 2})
        self.assertEqual(sorted((one["zone"], one["person"]) for one in muster["people"]),
                         sorted([("space", self.ada), ("workshop", self.ada), ("workshop", self.bob)]))

    def tap(self, board, uid):
        """What becomes of a tap that nobody goes through by: the reason of a denial, or Granted."""
        mark = board.mark()
        board.sim("present 0 type=ntag213 uid=" + uid)
        event = board.watch.wait(lambda item: item["seq"] > mark and item["event"]["type"] in DECIDED,
                                 0, PATIENCE_S)[1]["event"]
        board.take_badge()
        if event["type"] == DECIDED[0]:
            board.wait_event("door.released", mark)
            board.lock("side" if board is self.annex else "front")
            board.wait_event("door.relocked", mark)
        return event["data"].get("reason", "Granted")

    def until(self, board, uid, reason):
        """Doors hear of it a moment after everybody else."""
        self.house.wait_for(lambda: self.tap(board, uid) == reason, reason, PATIENCE_S)

    def test_2_nobody_comes_in_beyond_the_limit_where_the_space_wants_it_so(self):
        """Behind the test above, which left two in the space, one of them of the staff."""
        settings = {"capacityLegal": 3, "staffCounted": False}
        self.house.call("PATCH", "zones/workshop", {"soft": None, "legal": None})
        self.house.call("PATCH", "settings", settings)
        carol = self.house.enrol(CAROL, "Carol Example")
        self.assertEqual(self.tap(self.house, CAROL), "Granted")
        self.house.call("PATCH", "settings", {"capacityLegal": 1})
        self.assertEqual(self.tap(self.house, CAROL), "Granted")
        self.house.call("PATCH", "settings", {"denyEntry": True})
        self.until(self.house, CAROL, "loquet:SpaceFull")
        self.until(self.annex, CAROL, "loquet:SpaceFull")
        # Who is in goes on to where there is room for them, and staff comes in.
        self.assertEqual(self.tap(self.annex, ADA), "Granted")
        self.assertEqual(self.tap(self.house, BOB), "Granted")
        # A zone that is full by itself.
        self.house.call("PATCH", "settings", {"capacityLegal": 40})
        self.until(self.house, CAROL, "Granted")
        self.house.call("PATCH", "zones/workshop", {"soft": None, "legal": 1})
        self.until(self.annex, CAROL, "loquet:SpaceFull")
        self.assertEqual(self.tap(self.house, CAROL), "Granted")
        self.house.call("PATCH", "people/" + carol, {"kind": "staff"})
        self.until(self.annex, CAROL, "Granted")
        self.house.call("PATCH", "people/" + carol, {"kind": "member"})
        self.until(self.annex, CAROL, "loquet:SpaceFull")
        self.house.call("PATCH", "settings", {"denyEntry": False})
        self.until(self.annex, CAROL, "Granted")


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""A foreign tool of sixty lines runs a space: what it says is what the office says, and what it
wants the doors do."""

import ast
import csv
import io
import os
import pathlib
import subprocess
import time
import unittest

from house import UNTIL_OPENED
from space import EXIT, SPACE, Space
from story import Story

BUILD = os.environ["LOQUET_BUILD"]
TOOL = pathlib.Path(__file__).with_name("foreign_tool.py")
MODULES = {"csv", "io", "json", "os", "sys", "time", "urllib.request", "paho.mqtt"}
ADA = "04a1b2c3d4e5f6"
BOB = "04b1b2c3d4e5f6"
PEOPLE = "external_id,name,kind,enabled\n7001,Ada Example,member,yes\n7002,Bob Example,guest,%s\n"
BADGES = "external_id,uid\n7001,%s\n7002,%s\n" % (ADA, BOB)


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


class ForeignTool(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.space = Space(BUILD, pace=None, **UNTIL_OPENED)
        cls.addClassCleanup(cls.space.close)
        cls.space.open()
        cls.door = Story(cls.space, print)
        cls.space.desk.set_up("desk", "a password", title="Example space", language="en",
                              capacityLegal=40, capacitySoft=30, exitsBadged=True)
        cls.folder = pathlib.Path(cls.space.folder, "foreign")
        cls.folder.mkdir()
        cls.save("yes")
        (cls.folder / "badges.csv").write_text(BADGES, encoding="utf-8")
        token = cls.space.desk.post("tokens", name="foreign-tool", scopes=["people"])["secret"]
        cls.space.spawn("foreign-tool", [
            "/usr/bin/python3", "-B", str(TOOL), str(cls.folder), cls.space.page().rstrip("/"), token,
            str(cls.space.port), SPACE])
        cls.space.wait_for(lambda: [cls.space.badge_at_door(badge) for badge in (1, 2)]
                           == ["enabled", "enabled"], "the badges of the foreign tool", of="foreign-tool")

    @classmethod
    def save(cls, bob_enabled):
        (cls.folder / "people.new").write_text(PEOPLE % bob_enabled, encoding="utf-8")
        os.replace(cls.folder / "people.new", cls.folder / "people.csv")

    def kept(self, sheet):
        """What the tool says."""
        try:
            return table((self.folder / sheet).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []

    def told(self):
        """What the office says of the visits of today and yesterday, in the tool's columns."""
        days = [time.strftime("%Y-%m-%d", time.localtime(time.time() - back)) for back in (86400, 0)]
        rows = table(self.space.desk.get("visits.csv?from=%s&to=%s&purpose=test" % tuple(days)))
        return [{key: row[key] for key in ("person", "name", "check_in", "check_out")} for row in rows]

    def expect(self, *names):
        """The tool, its file of the office's count, and the office agree upon who is in."""
        space = self.space
        space.wait_for(lambda: space.who_is_in() == list(names), "the office's list")
        space.wait_for(lambda: [row["name"] for row in self.kept("in.csv")] == list(names),
                       "the foreign tool's list", of="foreign-tool")
        space.wait_for(lambda: self.kept("counted.csv") == [{"zone": "space", "count": str(len(names))}],
                       "the count over MQTT", of="foreign-tool")
        space.wait_for(lambda: self.kept("visits.csv") == self.told(), "the same visits", of="foreign-tool")

    def test_1_it_is_small_and_knows_nothing_of_loquet(self):
        source = TOOL.read_text(encoding="utf-8")
        self.assertLessEqual(len(source.splitlines()), 60)
        self.assertLessEqual(max(map(len, source.splitlines())), 132)
        found = set()
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module)
        self.assertEqual(found, MODULES)

    def test_2_it_says_what_the_office_says(self):
        self.door.walk_through(ADA)
        self.expect("Ada Example")
        self.door.walk_through(BOB)
        self.expect("Ada Example", "Bob Example")
        self.door.walk_through(ADA, EXIT)
        self.expect("Bob Example")
        self.assertEqual([bool(row["check_out"]) for row in self.kept("visits.csv")], [True, False])

    def test_3_whom_it_disables_the_door_denies(self):
        self.save("no")
        self.space.wait_for(lambda: not self.enabled("Bob Example"), "the member's disabling at the office")
        self.wait_at_door(2, False)
        self.door.tap_is_denied(BOB, "loquet:HolderDisabled")
        self.save("yes")
        self.wait_at_door(2, True)
        self.door.walk_through(BOB)

    def enabled(self, name):
        return next(person["enabled"] for person in self.space.desk.get("people")["items"]
                    if person["name"] == name)

    def wait_at_door(self, person, enabled):
        self.space.wait_for(lambda: next(
            member["enabled"] for member in self.space.loquet("member", "list")
            if member["member"] == person) is enabled, "the door's word of the member")
        self.space.wait_until_told()

    def test_4_it_catches_up(self):
        """What came while it was away is told by the broker when it is back."""
        command = self.space.processes["foreign-tool"].args
        self.space.stop("foreign-tool")
        self.door.walk_through(BOB, EXIT)
        self.door.walk_through(ADA)
        self.space.spawn("foreign-tool", command)
        self.expect("Ada Example")


if __name__ == "__main__":
    unittest.main()

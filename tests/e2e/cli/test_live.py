"""The command line against the real loquetd, a simulated reader and a simulated door."""

import os
import re
import subprocess
import unittest

from house import House, Stream

DEADLINE_S = 60
HEX_UID = "04a1b2c3d4e5f6"
CARD = f"type=ntag213 uid={HEX_UID}"


class Live(unittest.TestCase):
    def setUp(self):
        self.house = House(os.environ["LOQUET_BUILD"], pace=None, release_ms=300,
                           door_settings="relock_on = open\nextended_release_ms = 60000\n")
        self.addCleanup(self.house.close)
        self.house.start()

    def command(self, *words):
        return [self.house.program("loquet"), "--config", self.house.config, *words]

    def loquet(self, *words):
        return subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, capture_output=True,
                              encoding="utf-8", timeout=DEADLINE_S, check=False)

    def succeed(self, *words):
        done = self.loquet(*words)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def refused(self, code, text, *words):
        done = self.loquet(*words)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        self.assertRegex(done.stderr, text)
        self.assertNotIn(HEX_UID, done.stderr)

    def enrol_by_tap(self, *words):
        with subprocess.Popen(self.command("badge", "enrol", *words), stdout=subprocess.PIPE,
                              encoding="utf-8") as process:
            self.assertIn("present the badge now", process.stdout.readline())
            self.house.sim("present 0 " + CARD)
            told = process.stdout.read()
            self.assertEqual(process.wait(DEADLINE_S), 0, told)
        self.house.sim("remove 0")
        return told


    def test_from_a_new_member_to_a_revoked_badge(self):
        self.assertEqual(self.succeed("member", "add", "Zoë Example"),
                         "member m1 added: Zoë Example (profile always)\n")
        self.assertEqual(self.enrol_by_tap("Zoë Example"), "badge c1 enrolled for m1\n")
        self.assertRegex(self.succeed("member", "list"), r"m1 +Zoë Example +always +1  enabled")
        self.assertEqual(self.succeed("open", "front"), "front: released\n")
        status = self.succeed("status")
        self.assertRegex(status, r"(?m)^front +(Accessed|Locked) +unknown +sim$|^front .*closed")
        self.assertRegex(status, r"(?m)^front-in +front/entry +online")
        self.assertRegex(status, r"(?m)^roster   badges: 1$")
        self.assertEqual(self.succeed("schedule", "set", "never", "dim 03:00-03:01"),
                         "never is set\n")
        self.assertEqual(self.succeed("profile", "set", "guests", "--at", "*@never"),
                         "guests is set\n")
        self.assertIn("(profile guests)", self.succeed("member", "add", "Guest",
                                                       "--profile", "guests"))
        self.succeed("member", "disable", "Zoë Example")
        self.assertIn("disabled", self.succeed("member", "show", "m1"))
        self.succeed("member", "enable", "m1")
        self.assertEqual(self.succeed("badge", "revoke", "c1"), "c1 is revoked\n")
        self.assertIn("revoked", self.succeed("badge", "list"))
        self.succeed("badge", "lost", "c1")
        self.succeed("journal", "replay", "--from", "1")
        listed = self.succeed("journal", "list", "--type", "roster")
        self.assertIn("member.add", listed)
        self.assertRegex(self.succeed("journal", "verify"), r"\Achain   rows 1 to \d+ hold\n")
        everything = self.succeed("journal", "export") + self.house.log("loquetd")
        self.assertNotIn("Zoë", everything)
        self.assertNotIn(HEX_UID, everything.lower())

    def test_watch_shows_a_tap_with_its_stages(self):
        self.succeed("member", "add", "Ada Example")
        self.succeed("badge", "enrol", "m1", "--uid", HEX_UID)
        watch = Stream(self.house.spawn("watch-for-people", self.command("watch"),
                                        stdout=subprocess.PIPE), bytes.decode)
        # A person's watch says nothing until something happens.
        self.house.wait_for(lambda: self.succeed("open", "front") and watch.items, "watching")
        self.house.sim("present 0 " + CARD)
        at, granted = watch.wait(lambda line: "granted" in line)
        # Not one of the desk's, which may still come.
        released = watch.wait(lambda line: "released  access" in line, at)[1]
        self.assertRegex(granted, r"front/entry  granted  m1 Ada Example  c1  .*decide \d+\.\d ms")
        self.assertRegex(released, r"front/entry  released  .*relay \d+\.\d ms")

    def test_who_is_in_needs_neither_broker_nor_loquetd(self):
        self.house.stop("mosquitto")
        self.succeed("member", "add", "Ada Example", "--extended-time")  # to go through the door
        self.succeed("badge", "enrol", "m1", "--uid", HEX_UID)
        self.house.drive("contact", 0)
        self.house.sim("present 0 " + CARD)
        self.house.wait_for(self.house.relay, "a release")
        self.assertIn("at least 0", self.succeed("onsite"))
        self.house.drive("contact", 1)
        self.house.wait_for(lambda: "at least 1" in self.succeed("onsite"), "a passage")
        self.assertRegex(self.succeed("onsite"), r"(?m)^m1 +Ada Example +space +20")
        self.house.wait_for(lambda: "passed" in self.succeed("journal", "list"), "its row")
        self.house.stop("loquetd")
        done = self.loquet("onsite")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^m1 +Ada Example +space +20")
        self.house.start_door()
        self.assertIn("at least 1", self.succeed("onsite"))
        self.assertEqual(self.succeed("passback", "forgive", "Ada Example"),
                         "Ada Example: the next entry is not judged\n")

    def test_what_loquetd_refuses_is_told(self):
        self.refused(1, "not found", "member", "disable", "9")
        self.refused(1, "not found", "badge", "enrol", "9", "--uid", HEX_UID)
        self.refused(1, "there is no member m9", "badge", "enrol", "9")
        self.refused(1, "not found", "badge", "revoke", "9")
        self.refused(1, "not found", "member", "add", "Ada", "--profile", "unheard-of")
        self.refused(1, "not found", "profile", "set", "p", "--at", "front/entry@unheard-of")
        self.succeed("member", "add", "Ada Example")
        self.succeed("badge", "enrol", "1", "--uid", HEX_UID)
        self.refused(1, "exists", "badge", "enrol", "1", "--uid", HEX_UID)
        self.refused(2, ":", "badge", "enrol", "1", "--uid", "08aabbcc")
        self.refused_later("badge", "enrol", "1", "--timeout", "1")
        with subprocess.Popen(self.command("badge", "enrol", "1"), stdout=subprocess.PIPE,
                              encoding="utf-8") as first:
            try:
                first.stdout.readline()
                self.refused(1, "busy", "badge", "enrol", "1")
            finally:
                first.terminate()

    def refused_later(self, *words):
        """Nobody taps."""
        done = self.loquet(*words)
        self.assertEqual(done.returncode, 4, done.stderr)
        self.assertRegex(done.stderr, r"\Aloquet: no badge was presented in time")

    def test_when_loquetd_stops_a_watcher_is_told(self):
        with subprocess.Popen(self.command("--json", "watch"), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, encoding="utf-8") as watch:
            watch.stdout.readline()
            self.house.stop("loquetd")
            _, told = watch.communicate(timeout=DEADLINE_S)
        self.assertEqual(watch.returncode, 3)
        self.assertIn('"unreachable"', told)
        self.refused(3, re.escape("systemctl"), "status")
        self.assertRegex(self.succeed("journal", "verify"), "rows 1 to [0-9]+ hold")


if __name__ == "__main__":
    unittest.main()

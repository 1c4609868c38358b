#!/usr/bin/python3
"""The door as people meet it: taps, contact, commands, restarts."""

import json
import os
import signal
import socket
import subprocess
import time
import unittest

from house import House, StepFailed

BUILD = os.environ["LOQUET_BUILD"]
MEMBER = "04a1b2c3d4e5f6"
OTHER = "04b1b2c3d4e5f6"
DARK_S = 0.7  # longer than between two beats


class Door(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # Whoever has extended time goes through, however long that takes them.
        cls.house = House(BUILD, pace=None, release_ms=600,
                          door_settings="relock_on = open\nextended_release_ms = 60000\n")
        cls.addClassCleanup(cls.house.close)
        cls.house.start()
        member = cls.house.loquet("member", "add", "Ada Example")["member"]
        cls.badge = cls.house.loquet("badge", "enrol", str(member), "--uid", MEMBER)["badge"]
        cls.house.loquet("badge", "enrol", str(member), "--uid", OTHER)

    def tearDown(self):
        self.house.take_badge()
        self.house.wait_until_idle()

    def tap(self, card, noun, **data):
        mark = self.house.mark()
        self.house.sim("present 0 " + card)
        return self.house.wait_event(noun, mark, **data)["event"]["data"], mark

    def test_a_badge_left_on_the_reader_opens_once(self):
        _, mark = self.tap("type=ntag213 uid=" + MEMBER, "door.relocked")
        time.sleep(1)
        granted = [item for item in self.house.since(mark)
                   if item["event"]["type"] == "org.loquet.access.granted.v1"]
        self.assertEqual(len(granted), 1)

    def test_another_badge_is_served_while_the_first_still_counts_as_present(self):
        mark = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + MEMBER)
        self.house.wait_event("access.granted", mark)
        self.house.sim("remove 0")
        self.house.sim("present 0 type=ntag213 uid=" + OTHER)
        self.house.wait_event("access.granted", mark, credential="c2")

    def test_what_cannot_identify_a_badge_is_named_and_opens_nothing(self):
        for card, reason in (("type=phone", "loquet:RandomIdentifier"),
                             ("type=raw uid=08aabbcc sak=08 atqa=0004", "loquet:RandomIdentifier")):
            data, _ = self.tap(card, "access.denied")
            self.assertEqual(data["reason"], reason)
            self.assertFalse(self.house.relay())
            self.house.take_badge()
        mark = self.house.mark()
        self.house.sim("fault empty-uid")
        self.house.sim("present 0 type=ntag213 uid=" + MEMBER)
        self.house.wait_event("access.denied", mark, reason="loquet:EmptyIdentifier")
        self.house.sim("remove 0")
        self.house.sim("fault none")

    def test_two_badges_at_once_open_nothing(self):
        mark = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=04dead00000001")
        self.house.wait_event("access.denied", mark)
        mark = self.house.mark()
        self.house.sim("present 1 type=ntag213 uid=" + MEMBER)
        self.house.wait_event("access.denied", mark, reason="loquet:SeveralCards")
        self.assertFalse(self.house.relay())
        self.house.sim("remove 0")
        self.house.wait_event("access.granted", mark)

    def test_an_opening_after_a_grant_is_access_taken(self):
        member = self.house.loquet("member", "add", "Eve Example", "--extended-time")["member"]
        self.house.loquet("badge", "enrol", str(member), "--uid", "04f1f2f3f4f5f6")
        data, mark = self.tap("type=ntag213 uid=04f1f2f3f4f5f6", "access.granted")
        self.house.go_through(mark)
        taken = self.house.wait_event("access.taken", mark)["event"]["data"]
        self.assertEqual(taken["transaction"], data["transaction"])
        opened = self.house.wait_event("door.opened", mark)["event"]["data"]
        self.assertTrue(opened["expected"])

    def test_a_grant_that_nobody_uses_is_not_taken(self):
        data, mark = self.tap("type=ntag213 uid=" + MEMBER, "access.granted")
        missed = self.house.wait_event("access.not_taken", mark)["event"]["data"]
        self.assertEqual(missed["transaction"], data["transaction"])

    def test_an_opening_without_a_grant_is_unexpected_unless_exit_was_requested(self):
        for line in ("contact", "rex"):
            self.addCleanup(self.house.drive, line, False)
        mark = self.house.mark()
        self.house.drive("contact", True)
        self.assertFalse(self.house.wait_event("door.opened", mark)["event"]["data"]["expected"])
        self.house.drive("contact", False)
        self.house.wait_event("door.closed", mark)
        mark = self.house.mark()
        self.house.drive("rex", True)
        self.house.wait_event("door.exit_requested", mark)
        self.house.drive("contact", True)
        self.assertTrue(self.house.wait_event("door.opened", mark)["event"]["data"]["expected"])
        self.house.drive("rex", False)
        self.house.drive("contact", False)
        self.house.wait_event("door.closed", mark)

    def test_a_tap_that_was_answered_too_late_opens_nothing(self):
        """Whoever tapped may have left, and the door would open for somebody else."""
        mark = self.house.mark()
        daemon = self.house.processes["loquetd"]
        daemon.send_signal(signal.SIGSTOP)
        try:
            self.house.sim("present 0 type=ntag213 uid=" + MEMBER)
            self.house.sim("wait-poll 3")  # the reader has found it and said so
            time.sleep(5.5)
        finally:
            daemon.send_signal(signal.SIGCONT)
        self.house.wait_event("access.denied", mark, reason="loquet:TooLate")
        self.assertFalse(self.house.relay())

    def test_the_desk_opens_with_a_recorded_command(self):
        mark = self.house.mark()
        self.house.loquet("open", "front")
        command = self.house.wait_event("command.accepted", mark)["event"]["data"]
        released = self.house.wait_event("door.released", mark)["event"]["data"]
        self.assertEqual(released["cause"], "command")
        self.assertEqual(released["transaction"], command["transaction"])
        self.assertTrue(released["recorded"])
        self.house.wait_event("door.relocked", mark)

    def test_a_lost_badge_is_refused_from_the_next_tap_on(self):
        badge = self.house.loquet("badge", "enrol", "1", "--uid", "04c1c2c3c4c5c6")["badge"]
        self.tap("type=ntag213 uid=04c1c2c3c4c5c6", "door.relocked")
        self.house.take_badge()
        self.house.loquet("badge", "lost", str(badge))
        data, _ = self.tap("type=ntag213 uid=04c1c2c3c4c5c6", "access.denied")
        self.assertEqual(data["reason"], "CredentialNotEnabled")
        self.assertEqual(data["credentialState"], "lost")

    def test_a_disabled_member_is_refused_and_enabled_again(self):
        member = self.house.loquet("member", "add", "Bob Example")["member"]
        self.house.loquet("badge", "enrol", str(member), "--uid", "04d1d2d3d4d5d6")
        self.house.loquet("member", "disable", str(member))
        data, _ = self.tap("type=ntag213 uid=04d1d2d3d4d5d6", "access.denied")
        self.assertEqual(data["reason"], "loquet:HolderDisabled")
        self.house.take_badge()
        self.house.loquet("member", "enable", str(member))
        self.tap("type=ntag213 uid=04d1d2d3d4d5d6", "access.granted")

    def test_profiles_bound_where_and_when(self):
        self.house.loquet("schedule", "set", "never", "mon 00:00-00:01")
        self.house.loquet("profile", "set", "rare", "--at", "front/entry@never")
        self.house.loquet("profile", "set", "exit-only", "--at", "front/exit")
        for profile, uid, reason in (("rare", "04e10000000001", "NotPermittedAtThisTime"),
                                     ("exit-only", "04e10000000002", "Unauthorized")):
            member = self.house.loquet("member", "add", "Cyd Example", "--profile", profile)["member"]
            self.house.loquet("badge", "enrol", str(member), "--uid", uid)
            data, _ = self.tap("type=ntag213 uid=" + uid, "access.denied")
            self.assertEqual(data["reason"], reason)
            self.house.take_badge()

    def beats(self):
        """How often the red light was seen to go on after a denial; a look now and then may miss one."""
        def red():
            with open(self.house.folder + "/lines/led_red", encoding="ascii") as file:
                return file.read().strip() == "1"
        self.house.sim("present 0 type=ntag213 uid=04dead00000009")
        self.house.wait_for(red, "the red light")
        beats, lit, dark_since = 1, True, None
        while beats < 10 and (lit or time.monotonic() - dark_since < DARK_S):
            now = red()
            beats += now and not lit
            dark_since = dark_since if not (now or lit) else time.monotonic()
            lit = now
            time.sleep(0.01)
        self.house.take_badge()
        return beats

    def test_lights_and_sound_tell_a_denial(self):
        seen = [self.beats()]
        while seen[-1] < 3 and len(seen) < 10:
            seen.append(self.beats())
        self.assertEqual(max(seen), 3, seen)

    def test_no_badge_number_rests_in_a_file_or_a_log(self):
        self.tap("type=ntag213 uid=" + MEMBER, "access.granted")
        raw = bytes.fromhex(MEMBER)
        needles = (raw, MEMBER.encode(), MEMBER.upper().encode())
        looked_at = 0
        for place in ("state", "log", "run"):
            for folder, _, names in os.walk(os.path.join(self.house.folder, place)):
                for name in names:
                    if name.startswith("sim-") or name.endswith((".sock", ".new")):
                        continue
                    with open(os.path.join(folder, name), "rb") as file:
                        content = file.read()
                    looked_at += 1
                    for needle in needles:
                        self.assertNotIn(needle, content, name)
        self.assertGreater(looked_at, 4)


class SeveralDoors(unittest.TestCase):
    SECTIONS = """
[reader front-out]
door = front
direction = exit
device = pn532_uart:%(folder)s/out
uid_badges = yes
[door back]
lines = sim
chip = %(folder)s/lines-back
relay = 0
release_ms = 400
[reader back-in]
door = back
device = pn532_uart:%(folder)s/back
uid_badges = yes
"""

    def test_each_reader_opens_its_own_door_and_says_which_way(self):
        house = House(BUILD, pace=None, release_ms=400)
        self.addCleanup(house.close)
        house.sections = self.SECTIONS % {"folder": house.folder}
        house.start_sim("out")
        house.start_sim("back")
        house.start()
        house.start_reader("front-out")
        house.start_reader("back-in")
        house.wait_for(lambda: [each["state"] for each in house.status()["readers"]] == ["online"] * 3,
                       "three readers")
        house.loquet("profile", "set", "front-only", "--at", "front/entry", "--at", "front/exit")
        member = house.loquet("member", "add", "Ada Example", "--profile", "front-only")["member"]
        house.loquet("badge", "enrol", str(member), "--uid", MEMBER)
        for sim, access_point, noun in (("pn532", "front/entry", "access.granted"),
                                        ("out", "front/exit", "access.granted"),
                                        ("back", "back/entry", "access.denied")):
            mark = house.mark()
            house.sim("present 0 type=ntag213 uid=" + MEMBER, sim)
            data = house.wait_event(noun, mark)["event"]["data"]
            self.assertEqual(data["accessPoint"], access_point)
            if noun == "access.denied":
                self.assertEqual(data["reason"], "Unauthorized")
                with open(house.folder + "/lines-back/relay", encoding="ascii") as file:
                    self.assertEqual(file.read().strip(), "0")
            else:
                house.wait_event("door.relocked", mark)
            house.take_badge(sim)
        mark = house.mark()
        house.loquet("open", "back")
        self.assertEqual(house.wait_event("door.released", mark)["event"]["data"]["door"], "back")
        self.assertFalse(house.relay())


class Restarts(unittest.TestCase):
    def setUp(self):
        self.house = House(BUILD, pace=None, release_ms=30000)
        self.addCleanup(self.house.close)
        self.house.start()
        self.house.loquet("member", "add", "Ada Example")
        self.house.loquet("badge", "enrol", "1", "--uid", MEMBER)

    def tap_opens(self):
        mark = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + MEMBER)
        self.house.wait_event("door.released", mark)
        self.assertTrue(self.house.relay())
        self.house.take_badge()

    def restart_door(self):
        self.house.stop("watch")
        self.house.start_door()
        self.house.start_watch()
        self.house.wait_for(lambda: self.house.status()["readers"][0]["state"] == "online",
                            "the reader's return")

    def types(self):
        return [json.loads(body)["type"][len("org.loquet."):-3] for body in self.house.journal()]

    def test_sigterm_locks_records_and_ends(self):
        self.tap_opens()
        self.assertEqual(self.house.stop("loquetd"), 0)
        self.assertFalse(os.path.exists(self.house.folder + "/lines/relay"))
        types = self.types()
        self.assertEqual(types[-1], "controller.stopped")
        self.assertIn("door.relocked", types[-4:])
        self.assertFalse(os.path.exists(self.house.folder + "/run/control.sock"))
        self.restart_door()
        self.house.loquet("journal", "verify")
        self.assertIn("journal.checkpoint", self.types()[len(types):])

    def test_sigkill_loses_nothing_and_the_door_answers_again(self):
        self.tap_opens()
        before = self.house.journal()
        self.house.stop("loquetd", signal.SIGKILL)
        self.restart_door()
        after = self.house.journal()
        self.assertEqual(after[:len(before)], before)
        self.house.loquet("journal", "verify")
        self.tap_opens()

    def test_a_second_daemon_on_the_same_state_is_refused(self):
        result = subprocess.run([self.house.program("loquetd"), "--config", self.house.config],
                                capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("another loquetd uses", result.stderr)
        self.assertTrue(self.house.status()["ok"])

    def loquetd_with(self, old, new, *options):
        with open(self.house.config, encoding="utf-8") as file:
            text = file.read().replace(old, new)
        with open(self.house.folder + "/other.conf", "w", encoding="utf-8") as file:
            file.write(text)
        return subprocess.run(
            [self.house.program("loquetd"), "--config", self.house.folder + "/other.conf", *options],
            env={**os.environ, "LC_ALL": "C"}, capture_output=True, text=True, timeout=30, check=False)

    def test_a_time_zone_that_is_none_does_not_pass_the_check(self):
        for zone, code in (("Europe/Nowhere", 2), ("../../../etc/passwd", 2), ("UTC", 0)):
            told = self.loquetd_with("[controller]\n", "[controller]\ntime_zone = %s\n" % zone, "-t")
            self.assertEqual(told.returncode, code, told.stderr)
            self.assertEqual("other.conf:2: time_zone = %s is not" % zone in told.stderr, code == 2)

    def test_a_wrong_option_points_to_the_help(self):
        told = subprocess.run([self.house.program("loquetd"), "--bogus"],
                              capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual((told.returncode, told.stdout), (2, ""))
        self.assertEqual(told.stderr, "loquetd: unrecognized option '--bogus'\nloquetd: see loquetd --help\n")

    def test_a_state_folder_of_somebody_else_is_named_as_such(self):
        other = self.house.folder + "/other-state"
        os.mkdir(other)
        os.mkdir(other + "/uid.key")
        told = self.loquetd_with(self.house.folder + "/state", other)
        self.assertEqual(told.returncode, 1)
        self.assertIn("%s cannot be read or made: give the folder" % other, told.stderr)
        self.assertNotIn("backup", told.stderr)

    # A sanitizer's runtime cannot live with the library that lies about the time.
    @unittest.skipIf(os.environ.get("LOQUET_SANITIZE"), "runs in the plain build")
    def test_time_does_not_run_backwards_across_a_restart(self):
        times = [json.loads(body)["time"] for body in self.house.journal()]
        self.house.stop("watch")
        self.house.stop("loquetd")
        self.house.spawn("loquetd", ["faketime", "-f", "-400d",
                                     self.house.program("loquetd"), "--config", self.house.config],
                         env=dict(os.environ, FAKETIME_DONT_FAKE_MONOTONIC="1",
                                  ASAN_OPTIONS="verify_asan_link_order=0"))
        self.house.wait_for(self.house.door_answers, "a start")
        self.house.wait_for(lambda: len(self.house.journal()) > len(times) + 2, "new rows")
        self.assertEqual(self.house.status()["clock"]["trust"], "unset")
        after = [json.loads(body)["time"] for body in self.house.journal()]
        self.assertEqual(after, sorted(after))


class ServiceManager(unittest.TestCase):
    def test_it_is_kept_informed(self):
        house = House(BUILD, pace=None)
        self.addCleanup(house.close)
        house.write_config()
        path = os.path.join(house.folder, "notify")
        heard = []
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(path)
            manager.settimeout(60)
            house.spawn("loquetd", [house.program("loquetd"), "--config", house.config],
                        env=dict(os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC="200000"))
            while "READY=1" not in heard:
                heard.append(manager.recv(1000).decode())
            self.assertTrue(house.door_answers(), "ready, and nobody answers")
            ready = len(heard)
            while heard[ready:].count("WATCHDOG=1") < 5:
                heard.append(manager.recv(1000).decode())
            house.stop("loquetd")
            while heard[-1] != "STOPPING=1":
                heard.append(manager.recv(1000).decode())
        self.assertEqual(heard.count("READY=1"), 1)


if __name__ == "__main__":
    unittest.main()

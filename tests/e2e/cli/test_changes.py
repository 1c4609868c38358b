"""Commands that change something: what loquetd is asked, and what the operator is told."""

import unittest

from clirig import CliTest

DONE = {"ok": True}
# Command line, what loquetd is asked, its answer, what is printed.
CHANGES = [
    (
        ["member", "add", "Zoë Example"],
        {"do": "member.add", "name": "Zoë Example", "profile": "always"},
        {"ok": True, "member": 7},
        "member m7 added: Zoë Example (profile always)\n",
    ),
    (
        ["member", "add", "--profile", "days", "--", "-dash-"],
        {"do": "member.add", "name": "-dash-", "profile": "days"},
        {"ok": True, "member": 8},
        "member m8 added: -dash- (profile days)\n",
    ),
    (
        ["member", "add", "Sam Sample", "--any-time", "--extended-time"],
        {"do": "member.add", "name": "Sam Sample", "profile": "always", "any_time": True,
         "extended_time": True},
        {"ok": True, "member": 9},
        "member m9 added: Sam Sample (profile always)\n",
    ),
    (
        ["member", "set", "m1", "--any-time", "no", "--extended-time", "yes"],
        {"do": "member.set", "member": 1, "any_time": False, "extended_time": True},
        DONE,
        "m1 is changed\n",
    ),
    (
        ["member", "disable", "m1"],
        {"do": "member.disable", "member": 1},
        DONE,
        "m1 is disabled: their badges open nothing\n",
    ),
    (
        ["member", "enable", "Ada Example"],
        {"do": "member.enable", "member": 1},
        DONE,
        "m1 is enabled\n",
    ),
    (["badge", "revoke", "c5"], {"do": "badge.revoke", "badge": 5}, DONE, "c5 is revoked\n"),
    (["badge", "lost", "5"], {"do": "badge.lost", "badge": 5}, DONE, "c5 is marked as lost\n"),
    (["badge", "suspend", "c5"], {"do": "badge.suspend", "badge": 5}, DONE, "c5 is suspended\n"),
    (["badge", "stolen", "c5"], {"do": "badge.stolen", "badge": 5}, DONE,
     "c5 is marked as stolen\n"),
    (["badge", "returned", "c5"], {"do": "badge.returned", "badge": 5}, DONE,
     "c5 is marked as returned\n"),
    (["badge", "damaged", "c5"], {"do": "badge.damaged", "badge": 5}, DONE,
     "c5 is marked as damaged\n"),
    (["badge", "enable", "c5"], {"do": "badge.enable", "badge": 5}, DONE, "c5 is enabled\n"),
    (
        ["badge", "enrol", "Ada Example", "--uid", "04:A1:B2:C3:D4:E5:F6"],
        {"do": "badge.enrol", "member": 1, "uid": "04a1b2c3d4e5f6"},
        {"ok": True, "badge": 9},
        "badge c9 enrolled for m1\n",
    ),
    (
        ["badge", "enrol", "2", "--uid", "04a1b2c3", "--uses", "10", "--valid-for", "30d"],
        {"do": "badge.enrol", "member": 2, "uid": "04a1b2c3", "uses": 10, "valid_for_h": 720},
        {"ok": True, "badge": 10},
        "badge c10 enrolled for m2\n",
    ),
    (
        ["badge", "set", "c5", "--uses", "any", "--valid-for", "12h"],
        {"do": "badge.set", "badge": 5, "uses": None, "valid_for_h": 12},
        DONE,
        "c5 is changed\n",
    ),
    (
        ["badge", "suspend", "c5", "--until", "2026-12-01"],
        {"do": "badge.suspend", "badge": 5, "until": 1796166000},
        DONE,
        "c5 is suspended\n",
    ),
    (
        ["badge", "enrol", "2", "--uid", "04a1b2c3", "--valid-from", "2026-12-01 08:00",
         "--valid-to", "2026-12-01"],
        {"do": "badge.enrol", "member": 2, "uid": "04a1b2c3", "valid_from": 1796108400,
         "valid_to": 1796166000},
        {"ok": True, "badge": 10},
        "badge c10 enrolled for m2\n"
        "  valid from 2026-12-01 08:00 (Europe/Paris)\n"
        "  valid until 2026-12-02 00:00 (Europe/Paris)\n",
    ),
    (
        ["profile", "set", "days", "--at", "front/entry@office", "--at", "front/exit", "--at=*@n"],
        {"do": "profile.set", "name": "days", "policies": [
            {"access_point": "front/entry", "schedule": "office"},
            {"access_point": "front/exit"},
            {"access_point": "*", "schedule": "n"}]},
        DONE,
        "days is set\n",
    ),
    (
        ["schedule", "set", "office", "mon 08:00-20:00", "sam 22:00-02:00", "sun 23:00-24:00"],
        {"do": "schedule.set", "name": "office", "periods": [[480, 1200], [8520, 8760], [10020, 0]]},
        DONE,
        "office is set\n",
    ),
    (
        ["schedule", "set", "shop", "mon 08:00-20:00", "--on", "holidays closed", "--on",
         "eves 08:00-12:00, 22:00-01:00"],
        {"do": "schedule.set", "name": "shop", "periods": [[480, 1200]], "special": [
            {"group": "holidays", "periods": []},
            {"group": "eves", "periods": [[480, 720], [1320, 60]]}]},
        DONE,
        "shop is set\n",
    ),
    (
        ["day", "add", "holidays", "12-25", "--label", "Noël"],
        {"do": "day.add", "name": "holidays", "month": 12, "day": 25, "label": "Noël"},
        DONE,
        "holidays has one more special day\n",
    ),
    (
        ["day", "remove", "holidays", "2026-05-15"],
        {"do": "day.remove", "name": "holidays", "year": 2026, "month": 5, "day": 15},
        DONE,
        "holidays has one special day less\n",
    ),
    (
        ["door", "hours", "front", "office", "--first-person"],
        {"do": "door.hours", "door": "front", "schedule": "office", "first_person": True},
        DONE,
        "front: has its hours\n",
    ),
    (
        ["door", "hours", "front", "none"],
        {"do": "door.hours", "door": "front", "schedule": None},
        DONE,
        "front: has no hours any more\n",
    ),
    (["open", "front"], {"do": "door.open", "door": "front"}, DONE, "front: released\n"),
    (
        ["journal", "replay", "--from", "17"],
        {"do": "journal.replay", "from": 17},
        DONE,
        "the link publishes again from row 17 on\n",
    ),
]


class Changes(CliTest):
    def setUp(self):
        super().setUp()
        self.make_database()

    def test_each_change_is_asked_of_loquetd_and_told(self):
        fake = self.loquetd(*[[answer] for _, _, answer, _ in CHANGES for _ in range(2)])
        for words, request, answer, told in CHANGES:
            with self.subTest(words=words):
                self.assertEqual(self.succeed(*words), told)
                self.assertEqual(fake.requests[-1], request)
                options = ["--json", "--lang", "fr"]
                self.assertEqual(self.lines_of(*options, *words), [answer])
                self.assertEqual(fake.requests[-1], request)

    def test_french_is_spoken_where_the_configuration_says_so(self):
        with open(self.config, encoding="utf-8") as file:
            text = file.read().replace("language = en", "language = fr")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)
        self.loquetd([DONE], [DONE])
        self.assertEqual(self.succeed("open", "front"), "front : déverrouillée\n")
        self.assertEqual(self.succeed("open", "front", "--lang", "en"), "front: released\n")

    def test_without_a_configuration_the_environment_chooses_the_language(self):
        for variables, word in (
            ({"LANG": "fr_FR.UTF-8"}, "utilisation"),
            ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "usage"),
            ({"LC_MESSAGES": "fr_BE"}, "utilisation"),
        ):
            told = self.succeed("--help", "--config", "/nonexistent", env=variables)
            self.assertTrue(told.startswith(f"{word}: ") or told.startswith(f"{word} : "), told)


class Enrolment(CliTest):
    WAITING = {"ok": True, "waiting": True}

    def test_enrolling_by_tap_says_when_to_tap_and_that_it_is_done(self):
        fake = self.loquetd([self.WAITING, {"ok": True, "badge": 4}])
        self.assertEqual(
            self.succeed("badge", "enrol", "m1", "--reader", "front-in", "--timeout", "5"),
            "present the badge now at front-in … (5 s)\nbadge c4 enrolled for m1\n",
        )
        self.assertEqual(
            fake.requests,
            [{"do": "badge.enrol", "member": 1, "timeout_s": 5, "reader": "front-in"}],
        )

    def test_at_any_reader_for_half_a_minute_unless_told_otherwise(self):
        fake = self.loquetd([self.WAITING, {"ok": True, "badge": 4}])
        self.assertIn("now at any reader … (30 s)", self.succeed("badge", "enrol", "1"))
        self.assertEqual(fake.requests, [{"do": "badge.enrol", "member": 1, "timeout_s": 30}])

    def test_in_json_both_answers_are_lines(self):
        self.loquetd([self.WAITING, {"ok": True, "badge": 4}])
        self.assertEqual(
            self.lines_of("badge", "enrol", "1"), [self.WAITING, {"ok": True, "badge": 4}]
        )

    def test_nobody_tapped(self):
        self.loquetd([self.WAITING, {"ok": False, "error": "timeout", "text": "30 s went by"}])
        told = self.loquet("badge", "enrol", "1")
        self.assertEqual(told.returncode, 4)
        self.assertEqual(
            told.stderr, "loquet: no badge was presented in time: 30 s went by\n"
        )

    def test_loquetd_goes_away_meanwhile(self):
        self.loquetd([self.WAITING, None])
        told = self.loquet("badge", "enrol", "1")
        self.assertEqual(told.returncode, 3)
        self.assertIn("loquetd closed the connection", told.stderr)


if __name__ == "__main__":
    unittest.main()

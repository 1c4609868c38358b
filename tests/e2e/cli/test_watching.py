"""Status and watch: what loquetd says, shown; what it does not say is unknown, never guessed."""

import json
import subprocess
import unittest

from clirig import DEADLINE_S, LOQUET, CliTest

STATUS = {
    "ok": True, "version": "0.1.0", "space": "demo", "controller": "front-board",
    "clock": {"trust": "rtc", "time": "2026-07-01T06:00:00.000Z"},
    "journal": {"head": 12, "pending": 1, "stalled": False, "lost": 0},
    "roster": {"credentials": 3},
    "doors": [
        {"name": "front", "mode": "Accessed", "contact": "unknown", "lines": "gpiod"},
        {"name": "meeting-room", "mode": "Locked", "contact": "none", "lines": "sim"},
        {"name": "yard", "mode": "Locked", "contact": "open", "lines": "gpiod"},
    ],
    "readers": [
        {"name": "front-in", "access_point": "front/entry", "state": "online", "restarts": 0,
         "text": "PN532 v1.6", "polls": 123, "poll_us_median": 9000},
        {"name": "front-out", "access_point": "front/exit", "state": "offline", "restarts": 7,
         "text": "\x1b[2Jgone", "polls": 0, "poll_us_median": 0},
    ],
    "link": {"state": "disconnected", "cursor": 10, "text": "connection refused"},
    "stages": {"decide": {"count": 5, "p50_us": 120, "p95_us": 300, "p99_us": 400, "max_us": 450},
               "relay": {"count": 0, "p50_us": 0, "p95_us": 0, "p99_us": 0, "max_us": 0}},
    "alarms": ["a reader does not work: front-out"],
}

STATUS_TEXT = """\
demo / front-board   loquetd 0.1.0
clock    2026-07-01 08:00, rtc
journal  up to row 12, waiting for the disk: 1, lost: 0
roster   badges: 3
link     disconnected, published up to row 10: connection refused
ALARM    a reader does not work: front-out

DOOR          COMMANDED  OBSERVED           LINES
front         Accessed   unknown            gpiod
meeting-room  Locked     no contact fitted  sim
yard          Locked     open               gpiod

READER     AT           STATE    RESTARTS     POLL  SAYS
front-in   front/entry  online          0  9.00 ms  PN532 v1.6
front-out  front/exit   offline         7        ?  \\x1b[2Jgone

STAGE   TAPS   MEDIAN     95 %     99 %      MAX
decide     5  0.12 ms  0.30 ms  0.40 ms  0.45 ms
relay      0        ?        ?        ?        ?
"""


def event(kind, **data):
    return {"type": f"org.loquet.{kind}.v1", "time": "2026-07-01T06:00:01.500Z",
            "loquetclock": "rtc", "data": data}


WATCHED = [
    {"seq": 18, "event": event("access.granted", accessPoint="front/entry", reason="Granted",
                               holder="m1", credential="c1",
                               stagesUs={"detect": 9100, "decide": 150})},
    {"seq": 19, "event": event("access.denied", accessPoint="front/entry",
                               reason="CredentialExpired", holder="m9", credential="c4")},
    {"seq": 20, "event": event("door.released", door="front", cause="grant", recorded=False,
                               stagesUs={"record": 300000, "relay": 80})},
    {"seq": 21, "event": event("door.melted", door="front", text="\x1b]0;hi\x07")},
    {"seq": 22, "event": {"type": 5, "time": [], "data": "x"}},
    {"seq": 23, "event": event("access.denied", reason="novel:Reason") | {"loquetclock": "unset"}},
    {"seq": 24, "event": event("access.denied", reason="CredentialNotEnabled", holder="m9",
                               credential="c4", credentialState="stolen")},
    {"seq": 25, "event": event("access.denied", reason="CredentialNotEnabled", holder="m9",
                               credential="c4", credentialState="eaten")},
    {"news": "of another version"},
]

WATCHED_TEXT = """\
    18  2026-07-01 08:00:01.500  front/entry  granted  m1 Ada Example  c1  detect 9.1 ms  decide 0.1 ms
    19  2026-07-01 08:00:01.500  front/entry  denied: badge expired  m9  c4
    20  2026-07-01 08:00:01.500  front  released  grant  not recorded yet  record 300.0 ms  relay 0.1 ms
    21  2026-07-01 08:00:01.500  front  door.melted.v1  \\x1b]0;hi\\x07
    22  ?  ?
    23  2026-07-01 08:00:01.500 (clock not set)  denied: novel:Reason
    24  2026-07-01 08:00:01.500  denied: badge not enabled (stolen)  m9  c4
    25  2026-07-01 08:00:01.500  denied: badge not enabled  m9  c4
"""


class Status(CliTest):
    def test_what_was_commanded_and_what_was_observed_stand_apart(self):
        fake = self.loquetd([STATUS])
        self.assertEqual(self.succeed("status"), STATUS_TEXT)
        self.assertEqual(fake.requests, [{"do": "status"}])

    def test_json_is_what_loquetd_said(self):
        self.loquetd([STATUS])
        self.assertEqual(self.lines_of("status"), [STATUS])

    def test_in_french_too(self):
        self.loquetd([STATUS])
        told = self.succeed("status", "--lang", "fr")
        self.assertIn("front         déverrouillée un moment  inconnu", told)
        self.assertIn("horloge  2026-07-01 08:00, plausible", told)
        self.assertIn("décision         5  0,12 ms", told)
        self.assertIn("liaison  déconnectée, publié jusqu’à la ligne 10 : conn", told)

    def test_what_loquetd_does_not_say_is_unknown(self):
        self.loquetd([{"ok": True, "doors": [{}, 5, {"name": "front", "contact": 1}],
                       "readers": [{}], "stages": {"decide": {}}, "alarms": [7]}])
        told = self.succeed("status")
        self.assertIn("unknown / unknown   loquetd unknown\nclock    ?, unknown\n", told)
        self.assertIn("front    unknown    unknown   unknown\n", told)
        self.assertIn("journal  up to row ?, waiting for the disk: ?, lost: ?\nroster   badges: ?\n", told)
        self.assertIn("link     unknown, published up to row ?\n", told)
        for word in ("Locked", "open", "closed", "online"):
            self.assertNotIn(word, told)

    def test_a_stalled_journal_is_told(self):
        self.loquetd([STATUS | {"journal": {"head": 1, "pending": 9, "stalled": True, "lost": 2}}])
        self.assertIn("up to row 1, waiting for the disk: 9, lost: 2, STALLED\n", self.succeed("status"))


class Watch(CliTest):
    def test_events_are_shown_as_they_come_until_loquetd_goes(self):
        self.make_database()
        self.loquetd([{"ok": True, "watching": True}, *WATCHED, None])
        told = self.loquet("watch")
        self.assertEqual(told.stdout, WATCHED_TEXT)
        self.assertEqual(told.returncode, 3)
        self.assertIn("loquetd closed the connection", told.stderr)

    def test_json_lines_are_what_loquetd_said(self):
        self.loquetd([{"ok": True, "watching": True}, *WATCHED, None])
        told = self.loquet("watch", "--json")
        self.assertEqual([json.loads(line) for line in told.stdout.splitlines()],
                         [{"ok": True, "watching": True}, *WATCHED])
        self.assertEqual(json.loads(told.stderr)["error"], "unreachable")

    def test_without_a_database_members_have_no_names(self):
        self.loquetd([{"ok": True, "watching": True}, WATCHED[0], None])
        self.assertIn("  granted  m1  c1  detect", self.loquet("watch").stdout)

    def test_each_line_is_out_before_the_next_event(self):
        self.loquetd([{"ok": True, "watching": True}, WATCHED[1]])
        with subprocess.Popen([LOQUET, "watch"], env=self.environment(), stdout=subprocess.PIPE,
                              encoding="utf-8") as watcher:
            try:
                self.assertIn("denied: badge expired", watcher.stdout.readline())
                self.assertIsNone(watcher.poll())
            finally:
                watcher.terminate()
            self.assertEqual(watcher.wait(DEADLINE_S), -15)

    def test_a_reader_that_went_away_ends_it(self):
        self.loquetd([{"ok": True, "watching": True}, *[WATCHED[1]] * 50, None])
        watcher = subprocess.Popen([LOQUET, "watch"], env=self.environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        watcher.stdout.close()
        _, told = watcher.communicate(timeout=DEADLINE_S)
        self.assertNotEqual(watcher.returncode, 0, told)


if __name__ == "__main__":
    unittest.main()

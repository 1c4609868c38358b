"""Every wrong input: what is said, and with which exit code."""

import glob
import json
import os
import re
import sqlite3
import subprocess
import unittest

from clirig import DEADLINE_S, LOQUET, CliTest, FakeLoquetd

OK, REFUSED, USAGE, UNREACHABLE, TIMEOUT, IO = range(6)

# What is said again and again.
NAME = "a name is 1 to 128 bytes of UTF-8 without control characters, not only spaces"
BADGE = "a badge is a number, like 5 or c5; see: loquet badge list"
NO_DB = ("there is no {folder}/state/door.db yet; loquetd makes it when it first starts: "
         "systemctl start loquetd")
NOT_RUNNING = ("loquetd is not running (no socket at {folder}/run/control.sock); start it with: "
               "systemctl start loquetd")
NO_TAP = "--uid waits for no tap: leave out --reader and --timeout"
NO_BACK = "there is no door 'back' in {config}; there are: front"
NOT_UNDERSTOOD = "loquetd said something that is not understood here; are both of the same version?"
IO_FAILED = "loquetd could not write or read"
UID = "--uid: a UID is 4, 7 or 10 bytes in hexadecimal"
NO_CONF = "{folder}/none.conf: it cannot be opened: No such file or directory"

# Command line, exit code, word in JSON, the whole message.
WITHOUT_LOQUETD = [
    # no command, or none that there is
    ("", USAGE, "usage", "no command given"),
    ("member", USAGE, "usage", "no command given"),
    ("mebmer list", USAGE, "usage", "there is no command 'mebmer'; see: loquet help"),
    ("member lst", USAGE, "usage", "there is no command 'member lst'; did you mean 'member list'?"),
    ("member xyzzy", USAGE, "usage", "there is no command 'member xyzzy'; see: loquet help"),
    ("help xyzzy", USAGE, "usage", "there is no command 'xyzzy'; see: loquet help"),
    ("statsu", USAGE, "usage", "there is no command 'statsu'; did you mean 'status'?"),
    # options
    ("status --colour", USAGE, "usage", "unknown option --colour; usage: loquet status"),
    ("status -x", USAGE, "usage", "unknown option -x; usage: loquet status"),
    ("--lang de status", USAGE, "usage", "--lang: 'de' is neither en nor fr"),
    ("journal export --proof=1", USAGE, "usage",
     "no value may stand behind --proof; usage: loquet journal export [--from NUMBER] [--to-file "
     "FILE] [--proof]"),
    ("member add A --profile a --profile b", USAGE, "usage",
     "given twice: --profile; usage: loquet member add NAME [--profile PROFILE] [--any-time] "
     "[--extended-time]"),
    ("journal replay", USAGE, "usage",
     "this option is missing: --from; usage: loquet journal replay --from NUMBER"),
    ("profile set p", USAGE, "usage",
     "this option is missing: --at; usage: loquet profile set NAME (--at DOOR/entry[@SCHEDULE])…"),
    # too few, too many
    ("member add", USAGE, "usage",
     "something is missing; usage: loquet member add NAME [--profile PROFILE] [--any-time] "
     "[--extended-time]"),
    ("member add A B", USAGE, "usage",
     "too many words; usage: loquet member add NAME [--profile PROFILE] [--any-time] [--extended-time]"),
    ("member list x", USAGE, "usage", "too many words; usage: loquet member list"),
    ("schedule set s", USAGE, "usage",
     "something is missing; usage: loquet schedule set NAME PERIOD… [--on GROUP TIMES]…"),
    ("open", USAGE, "usage", "something is missing; usage: loquet open DOOR [--extended]"),
    ("export", USAGE, "usage", "no command given"),
    ("export doors", USAGE, "usage", "there is no command 'export doors'; see: loquet help"),
    ("export members x", USAGE, "usage", "too many words; usage: loquet export members"),
    ("export badges", IO, "not_found", NO_DB),
    # names and numbers
    (["member", "add", ""], USAGE, "invalid", NAME),
    (["member", "add", "x" * 129], USAGE, "invalid", NAME),
    (["member", "add", "   "], USAGE, "invalid", NAME),
    (["member", "add", "\u00a0 "], USAGE, "invalid", NAME),
    (["member", "add", "a\tb"], USAGE, "invalid", NAME),
    (["member", "add", b"\xff"], USAGE, "invalid", NAME),
    ("member add m3", USAGE, "invalid", "'m3' would be taken for a member's number; choose a name"),
    ("member add 17", USAGE, "invalid", "'17' would be taken for a member's number; choose a name"),
    ("member add A --profile Days", USAGE, "invalid",
     "'Days' is no name of a profile: 1 to 32 of a-z, 0-9, - and _"),
    ("profile set Days --at *", USAGE, "invalid", "'Days' is no name: 1 to 32 of a-z, 0-9, - and _"),
    ("schedule set Office mon", USAGE, "invalid", "'Office' is no name: 1 to 32 of a-z, 0-9, - and _"),
    ("badge revoke x", USAGE, "usage", BADGE),
    ("badge lost m5", USAGE, "usage", BADGE),
    ("badge revoke 0", USAGE, "usage", BADGE),
    ("member set 1", USAGE, "usage", "nothing to change: --any-time or --extended-time is missing"),
    ("member set 1 --any-time maybe", USAGE, "invalid", "--any-time: 'maybe' is neither yes nor no"),
    # places and hours
    ("profile set p --at front", USAGE, "invalid",
     "--at: 'front' is no access point; write DOOR/entry, DOOR/exit or *, and @SCHEDULE behind it"),
    ("profile set p --at front/in", USAGE, "invalid",
     "--at: 'front/in' is no access point; write DOOR/entry, DOOR/exit or *, and @SCHEDULE behind it"),
    ("profile set p --at back/entry", REFUSED, "not_found",
     "--at: the door of 'back/entry' is not in {config}"),
    (["schedule", "set", "s", "someday 08:00-09:00"], USAGE, "invalid",
     "'someday 08:00-09:00': at 'someday 08:00-09:00': a day was expected: mon … sun, lun … dim"),
    (["schedule", "set", "s", "mon 8-9"], USAGE, "invalid",
     "'mon 8-9': at '8-9': times were expected: 08:00-20:00"),
    (["schedule", "set", "s", "mon 08:00-08:00"], USAGE, "invalid",
     "'mon 08:00-08:00': at '08:00-08:00': it ends when it begins; the whole day is 00:00-24:00"),
    (["schedule", "set", "s", "mon 08:00-09:00 x"], USAGE, "invalid",
     "'mon 08:00-09:00 x': at 'x': this was not expected"),
    (["schedule", "set", "s"] + ["mon-sun 01:00-02:00"] * 5, USAGE, "invalid",
     "'mon-sun 01:00-02:00': at 'mon-sun 01:00-02:00': a schedule has at most 28 periods a week"),
    (["schedule", "set", "s", "mon 08:00-09:00", "--on", "Holidays closed"], USAGE, "invalid",
     "'Holidays closed': at 'Holidays closed': a group of special days was expected: loquet day list"),
    (["schedule", "set", "s", "mon 08:00-09:00", "--on", "eves 8-9"], USAGE, "invalid",
     "'eves 8-9': at '8-9': times were expected: 08:00-20:00"),
    (["schedule", "set", "s", "mon 08:00-09:00"] + ["--on", "eves closed"] * 9, USAGE, "invalid",
     "'eves closed': at 'eves closed': a schedule names at most 8 groups, each with 4 times"),
    ("day add Holidays 12-25", USAGE, "invalid", "'Holidays' is no name: 1 to 32 of a-z, 0-9, - and _"),
    (["day", "add", "holidays", "12-25", "--label", "x" * 129], USAGE, "invalid",
     "--label: a label is at most 128 bytes of UTF-8 without control characters"),
    ("day add holidays 2026-02-29", USAGE, "invalid",
     "'2026-02-29' is no date; write 2026-05-15, or 12-25 for every year"),
    ("day add holidays 25.12", USAGE, "invalid",
     "'25.12' is no date; write 2026-05-15, or 12-25 for every year"),
    ("day remove holidays", USAGE, "usage", "something is missing; usage: loquet day remove GROUP DATE"),
    # enrolment
    ("badge enrol 1 --uid 04a1", USAGE, "invalid", UID),
    ("badge enrol 1 --uid 04a1b2cx", USAGE, "invalid", UID),
    ("badge enrol 1 --uid 04a1b2c3 --timeout 3", USAGE, "usage", NO_TAP),
    ("badge enrol 1 --uid 04a1b2c3 --reader front-in", USAGE, "usage", NO_TAP),
    ("badge enrol 1 --timeout 0", USAGE, "invalid", "--timeout: '0' is no number of seconds from 1 to 600"),
    ("badge enrol 1 --timeout 601", USAGE, "invalid",
     "--timeout: '601' is no number of seconds from 1 to 600"),
    ("badge enrol 1 --timeout soon", USAGE, "invalid",
     "--timeout: 'soon' is no number of seconds from 1 to 600"),
    ("badge enrol 1 --reader back-in", REFUSED, "not_found", "there is no reader 'back-in' in {config}"),
    ("badge enrol 1 --valid-from tomorrow", USAGE, "invalid",
     "--valid-from: 'tomorrow' is no moment; write 2026-12-01, '2026-12-01 08:00' or RFC 3339"),
    ("badge enrol 1 --valid-to 2026-02-30", USAGE, "invalid",
     "--valid-to: '2026-02-30' is no moment; write 2026-12-01, '2026-12-01 08:00' or RFC 3339"),
    (["badge", "enrol", "1", "--valid-from", "2026-03-29 02:30"], USAGE, "invalid",
     "--valid-from: the clock in Europe/Paris never shows '2026-03-29 02:30' (it is put forward then)"),
    ("badge enrol 1 --valid-from 2026-12-02 --valid-to 2026-12-01", USAGE, "invalid",
     "--valid-to has to be later than --valid-from"),
    ("badge enrol 1 --uid 04a1b2c3 --uses 0", USAGE, "invalid", "--uses: '0' is no number from 1 to 65535"),
    ("badge enrol 1 --uid 04a1b2c3 --uses many", USAGE, "invalid",
     "--uses: 'many' is no number from 1 to 65535"),
    ("badge enrol 1 --uid 04a1b2c3 --valid-for 30", USAGE, "invalid",
     "--valid-for: '30' is no duration; write 30d or 12h"),
    ("badge set c1", USAGE, "usage", "nothing to change: --uses or --valid-for is missing"),
    ("member enable", USAGE, "usage", "something is missing; usage: loquet member enable MEMBER"),
    ("badge stolen x", USAGE, "usage", BADGE),
    ("badge returned x", USAGE, "usage", BADGE),
    ("badge damaged x", USAGE, "usage", BADGE),
    ("badge enable x", USAGE, "usage", BADGE),
    ("import members", USAGE, "usage",
     "something is missing; usage: loquet import members FILE [--dry-run] [--disable-missing]"),
    ("import badges {folder}/none.csv", IO, "io", "cannot read {folder}/none.csv: No such file or directory"),
    ("maintainer add Spare", USAGE, "invalid", "'Spare' is no name: 1 to 32 of a-z, 0-9, - and _"),
    ("maintainer list all", USAGE, "usage", "too many words; usage: loquet maintainer list"),
    ("maintainer remove", USAGE, "usage", "something is missing; usage: loquet maintainer remove NAME"),
    ("config reference door", USAGE, "usage", "too many words; usage: loquet config reference"),
    ("reasons Granted", USAGE, "usage", "too many words; usage: loquet reasons [--schema]"),
    ("badge suspend c1 --until soon", USAGE, "invalid",
     "--until: 'soon' is no moment; write 2026-12-01, '2026-12-01 08:00' or RFC 3339"),
    # doors
    ("open back", REFUSED, "not_found", NO_BACK),
    ("door hours front", USAGE, "usage", "a schedule is missing behind the door; none ends its hours"),
    ("door hours back office", REFUSED, "not_found", NO_BACK),
    ("door mode back Locked", REFUSED, "not_found", NO_BACK),
    ("door mode front Open", USAGE, "invalid",
     "'Open' is no mode: Locked, Unlocked, Blocked, LockedDown or LockedOpen"),
    ("door prop back 5", REFUSED, "not_found", NO_BACK),
    ("door prop front 1441", USAGE, "invalid", "'1441' is no number of minutes from 0 to 1440"),
    ("door fire-confirm back", REFUSED, "not_found", NO_BACK),
    ("door fire-confirm front", UNREACHABLE, "unreachable", NOT_RUNNING),
    ("onsite --frozen=yes", USAGE, "usage",
     "no value may stand behind --frozen; usage: loquet onsite [--frozen]"),
    ("passback forgive", USAGE, "usage", "something is missing; usage: loquet passback forgive MEMBER"),
    ("key new {config}", REFUSED, "exists",
     "{config} is there already, and no key is written over: choose another name"),
    # signing
    ("command sign --key k --as Office --door front door.open", USAGE, "invalid",
     "--as: 'Office' is no name of 1 to 32 characters of a-z, 0-9, _ and -"),
    ("command sign --key k --as office --door " + 33 * "x" + " door.open", USAGE, "invalid",
     "--door: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' is no name of 1 to 32 characters of a-z, 0-9, _ and -"),
    ("command sign --key k --as office --to demo --door front door.open", USAGE, "invalid",
     "--to: 'demo' is no SPACE/CONTROLLER"),
    ("command sign --key k --as office --to demo/a/b --door front door.open", USAGE, "invalid",
     "--to: 'demo/a/b' is no SPACE/CONTROLLER"),
    # the journal
    ("journal list --from 0", USAGE, "invalid", "--from: '0' is no number from 1 to 9223372036854775807"),
    ("journal list --limit many", USAGE, "invalid", "--limit: 'many' is no number from 0 to 1000000"),
    ("journal list --type acces", USAGE, "invalid",
     "--type: there are no events 'acces'; see loquet-events(7)"),
    ("journal export --from -1", USAGE, "invalid", "--from: '-1' is no number from 1 to 9223372036854775807"),
    ("journal replay --from 0", USAGE, "invalid", "--from: '0' is no number from 1 to 9223372036854775807"),
    # no door.db yet
    ("member list", IO, "not_found", NO_DB),
    ("member show 1", IO, "not_found", NO_DB),
    ("day list", IO, "not_found", NO_DB),
    ("badge list", IO, "not_found", NO_DB),
    ("journal list", IO, "not_found", NO_DB),
    ("journal verify", IO, "not_found", NO_DB),
    ("journal export", IO, "not_found", NO_DB),
    # no loquetd
    ("status", UNREACHABLE, "unreachable",
     NOT_RUNNING),
    ("watch", UNREACHABLE, "unreachable", NOT_RUNNING),
    ("open front", UNREACHABLE, "unreachable", NOT_RUNNING),
    ("member add Ada", UNREACHABLE, "unreachable", NOT_RUNNING),
    ("member disable 1", UNREACHABLE, "unreachable", NOT_RUNNING),
    ("badge enrol 1", UNREACHABLE, "unreachable", NOT_RUNNING),
    ("badge revoke c1", UNREACHABLE, "unreachable", NOT_RUNNING),
    ("profile set p --at *", UNREACHABLE, "unreachable", NOT_RUNNING),
    (["schedule", "set", "s", "mon 08:00-09:00"], UNREACHABLE, "unreachable", NOT_RUNNING),
    ("journal replay --from 1", UNREACHABLE, "unreachable", NOT_RUNNING),
    # the configuration
    ("--config {folder}/none.conf status", USAGE, "config", NO_CONF),
    ("--config {folder}/none.conf member list", USAGE, "config", NO_CONF),
    ("--config {folder}/none.conf config show", USAGE, "config", NO_CONF),
    ("config check {folder}/none.conf", USAGE, "config", NO_CONF),
    ("config check {folder}/bad.conf", USAGE, "config",
     "{folder}/bad.conf:2: spaec is not a key of [controller]; did you mean space?"),
    ("--config {folder}/bad.conf open front", USAGE, "config",
     "{folder}/bad.conf:2: spaec is not a key of [controller]; did you mean space?"),
    ("config check {folder}/zone.conf", USAGE, "config",
     "{folder}/zone.conf:5: time_zone = Europe/Nowhere is not in the time zone database (tzdata)"),
    ("--config {folder}/zone.conf status", USAGE, "config",
     "{folder}/zone.conf:5: time_zone = Europe/Nowhere is not in the time zone database (tzdata)"),
]

# Answer of loquetd to `loquet open front`, exit code, word in JSON, the whole message.
REFUSALS = [
    ({"ok": False, "error": "invalid", "text": "why"}, USAGE, "invalid", "loquetd refused the request: why"),
    ({"ok": False, "error": "not_found", "text": "why"}, REFUSED, "not_found", "not found: why"),
    ({"ok": False, "error": "exists", "text": "why"}, REFUSED, "exists", "it exists already: why"),
    ({"ok": False, "error": "full", "text": "why"}, REFUSED, "full", "a limit, or the disk, is full: why"),
    ({"ok": False, "error": "busy", "text": "why"}, REFUSED, "busy", "busy, try again: why"),
    ({"ok": False, "error": "timeout", "text": "why"}, TIMEOUT, "timeout",
     "no badge was presented in time: why"),
    ({"ok": False, "error": "io", "text": "why"}, IO, "io", "loquetd could not write or read: why"),
    ({"ok": False, "error": "unsupported"}, REFUSED, "unsupported", "loquetd does not offer this"),
    ({"ok": False, "error": "novel", "text": "why"}, REFUSED, "novel", "why"),
    ({"ok": False, "error": "novel\x1b[2J"}, REFUSED, "novel\x1b[2J", "novel\x1b[2J"),
    ({"ok": False}, IO, "io", IO_FAILED),
    ({}, IO, "io", IO_FAILED),
    ({"ok": "true"}, IO, "io", IO_FAILED),
    (b"no json", IO, "io", NOT_UNDERSTOOD),
    (b"[true]", IO, "io", NOT_UNDERSTOOD),
    (b'{"ok":true,"ok":false}', IO, "io", NOT_UNDERSTOOD),
    (b"\xff", IO, "io", NOT_UNDERSTOOD),
    (b'{"ok":true,"x":"' + b"x" * 16384 + b'"}', IO, "io", NOT_UNDERSTOOD),
    (None, UNREACHABLE, "unreachable", "loquetd closed the connection; look at: systemctl status loquetd"),
]


class WrongInputs(CliTest):
    def setUp(self):
        super().setUp()
        with open(f"{self.folder}/bad.conf", "w", encoding="utf-8") as file:
            file.write("[controller]\nspaec = demo\n")
        with open(self.config, encoding="utf-8") as file:
            zone = file.read().replace("Europe/Paris", "Europe/Nowhere")
        with open(f"{self.folder}/zone.conf", "w", encoding="utf-8") as file:
            file.write(zone)

    def fill(self, text):
        if isinstance(text, bytes):
            return text
        return text.format(folder=self.folder, config=self.config)

    def check(self, words, code, error, text):
        told = self.loquet(*words)
        self.assertEqual((told.returncode, told.stdout), (code, ""), told.stderr)
        if text == "no command given":
            self.assertTrue(told.stderr.startswith("usage: loquet"))
        else:
            self.assertEqual(told.stderr, "loquet: %s\n" % text.replace("\x1b", "\\x1b"))
        told = self.loquet(*words, "--json")
        self.assertEqual((told.returncode, told.stdout), (code, ""), told.stderr)
        answer = json.loads(told.stderr)
        self.assertEqual(
            (answer["ok"], answer["error"], answer["exit"]), (False, error, code), answer
        )
        self.assertEqual(answer["text"], text)
        french = self.loquet(*words, "--json", "--lang", "fr")
        self.assertEqual((french.returncode, json.loads(french.stderr)["error"]), (code, error))

    def test_every_wrong_input_is_told_with_its_exit_code(self):
        for line, code, error, text in WITHOUT_LOQUETD:
            words = line.split() if isinstance(line, str) else line
            with self.subTest(line=line):
                self.check([self.fill(w) for w in words], code, error, self.fill(text))

    def test_no_command_goes_without_a_wrong_input(self):
        overview = self.succeed("help").split("Options of every command:")[0]
        commands = re.findall(r"^  ([a-z]+(?: [a-z-]+)?)(?:  | [A-Z[])", overview, re.MULTILINE)
        tried = [line if isinstance(line, str) else " ".join(map(os.fsdecode, line))
                 for line, *_ in WITHOUT_LOQUETD]
        self.assertGreater(len(commands), 40)
        self.assertEqual([command for command in commands
                          if not any((" " + line + " ").find(" " + command + " ") >= 0 for line in tried)],
                         [])

    def test_every_refusal_of_loquetd_is_told_with_its_exit_code(self):
        for answer, code, error, text in REFUSALS:
            with self.subTest(answer=answer):
                fake = FakeLoquetd(f"{self.folder}/run", [[answer]] * 3)
                try:
                    self.check(["open", "front"], code, error, text)
                finally:
                    fake.close()
                    os.unlink(f"{self.folder}/run/control.sock")

    def test_what_loquetd_refuses_is_told_in_french(self):
        texts = (("not_found", "no such badge: see loquet badge list",
                  "introuvable : pas de tel badge : voir loquet badge list"),
                 ("busy", "the office keeps the roster: change it there",
                  "le bureau tient la liste : la modifier là-bas"),
                 ("not_found", "no such novelty", "introuvable : no such novelty"))
        fake = FakeLoquetd(f"{self.folder}/run", [
            [{"ok": False, "error": error, "text": text}] for error, text, _ in texts])
        self.addCleanup(fake.close)
        for _, _, french in texts:
            told = self.loquet("--lang", "fr", "open", "front")
            self.assertEqual(told.stderr, f"loquet: {french}\n")

    def test_the_sentences_that_have_a_french_form_are_those_of_loquetd(self):
        def joined(path):
            with open(path, encoding="utf-8") as file:
                return re.sub(r'"\s*"', "", file.read())
        cli = os.environ["LOQUET_SOURCE"]
        door = "".join(joined(path) for path in glob.glob(f"{cli}/../../firmware/door/*.c"))
        door += joined(f"{cli}/../../firmware/wire/control_wire.h")
        sentences = re.findall(r'^\t\{"((?:[^"\\]|\\.)*)",', joined(f"{cli}/said.c"), re.M)
        self.assertGreater(len(sentences), 15)
        for sentence in sentences:
            self.assertIn(f'"{sentence}"', door)

    def test_a_value_that_is_missing_at_the_end_is_told(self):
        for words in (["status", "--config"], ["--json", "journal", "replay", "--from"]):
            told = self.loquet(*words)
            self.assertEqual(told.returncode, USAGE)
            self.assertIn(f"a value is missing behind {words[-1]}", told.stderr)

    def test_a_uid_is_never_repeated(self):
        for words in (
            ["badge", "enrol", "1", "--uid", "04a1b2c3d4"],
            ["badge", "enrol", "1", "--uid=04a1b2c3d4", "--uid=04a1b2c3d4"],
            ["badge", "enrol", "1", "--uid=04a1b2c3d4e5f6"],
            ["badge", "enrol", "1", "04a1b2c3d4e5f6"],
            ["badge", "revoke", "04a1b2c3d4e5f6"],
        ):
            for form in ([], ["--json"]):
                told = self.loquet(*words, *form)
                self.assertNotEqual(told.returncode, OK)
                self.assertNotIn("04a1b2", told.stdout + told.stderr)

    def test_a_socket_that_nobody_listens_on_is_told(self):
        self.loquetd().close()
        self.check(["status"], UNREACHABLE, "unreachable",
                   f"loquetd does not answer at {self.folder}/run/control.sock; look at: "
                   "systemctl status loquetd")

    def test_an_answer_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "wb") as full:
            told = subprocess.run(
                [LOQUET, "reasons"], env=self.environment(), stdout=full, stderr=subprocess.PIPE,
                encoding="utf-8", timeout=DEADLINE_S, check=False,
            )
        self.assertEqual(told.returncode, IO, told.stderr)
        self.assertIn("cannot write the answer: No space left on device", told.stderr)

    def test_a_text_is_one_object_too(self):
        for words in ("config show", "config reference", "help", "help badge enrol", "badge enrol --help",
                      "badge --help", "--version"):
            told = self.succeed(*words.split(), "--json")
            self.assertEqual(told.count("\n"), 1)
            self.assertEqual(json.loads(told), {"ok": True, "text": self.succeed(*words.split())})

    def test_help_is_no_error(self):
        overview = self.succeed("--help")
        for words in ("member add", "badge enrol", "journal verify", "reasons"):
            self.assertIn(f"  {words}", overview)
            page = self.succeed(*words.split(), "--help")
            self.assertEqual(page, self.succeed("help", *words.split()))
            self.assertIn(f"usage: loquet {words}", page)
            self.assertIn(f"Example: loquet {words}", page)
            self.assertIn("  4  timeout", page)
        self.assertIn("badge revoke BADGE", self.succeed("badge", "--help"))
        for group in ("badge", "member", "journal"):
            page = self.succeed(group, "--help")
            self.assertIn(f"\nExample: loquet {group} ", page)
            self.assertIn("\nExit codes:\n", page)
        self.assertNotIn("member add", self.succeed("badge", "--help"))

    def test_the_version_is_said_without_a_configuration(self):
        self.assertRegex(
            self.succeed("--version", "--config", "/nonexistent"), r"\Aloquet \d+\.\d+\.\d+\n\Z"
        )


class Damage(CliTest):
    """door.db is data from outside."""

    def test_a_file_that_is_no_database_is_told(self):
        with open(self.database, "wb") as file:
            file.write(b"this is no database, and long enough to be looked at " * 100)
        for words in (["member", "list"], ["journal", "list"], ["journal", "verify"]):
            told = self.loquet(*words, "--json")
            self.assertEqual((told.returncode, told.stdout), (IO, ""), told.stderr)
            self.assertIn(self.database, json.loads(told.stderr)["text"])

    def test_a_database_of_another_version_is_told(self):
        self.make_database()
        for version in (1, 999):
            with sqlite3.connect(self.database) as database:
                database.execute(f"PRAGMA user_version = {version}")
            database.close()
            told = self.loquet("member", "list", "--json")
            self.assertEqual(told.returncode, IO, told.stderr)
            self.assertEqual(json.loads(told.stderr)["error"], "unsupported")

    def test_a_changed_row_does_not_hold(self):
        self.make_database()
        with sqlite3.connect(self.database) as database:
            database.execute("UPDATE journal SET body = CAST(body || ' ' AS BLOB) WHERE seq = 3")
        database.close()
        told = self.loquet("journal", "verify")
        self.assertEqual(told.returncode, REFUSED, told.stdout)
        self.assertIn("row 3 of ", told.stderr)
        self.assertIn("does not hold: the body was changed; keep the file as evidence", told.stderr)
        told = self.loquet("journal", "verify", "--json")
        self.assertEqual(told.returncode, REFUSED, told.stderr)
        answer = json.loads(told.stdout)
        self.assertEqual((answer["holds"], answer["bad"], answer["rows"]), (False, 3, 2))

    def test_a_changed_last_row_can_still_be_looked_at(self):
        self.make_database()
        before = self.lines_of("journal", "list")
        with sqlite3.connect(self.database) as database:
            database.execute("UPDATE journal SET body = CAST('not JSON' AS BLOB) WHERE seq = ?",
                             (before[-1]["seq"],))
        database.close()
        changed = {"seq": before[-1]["seq"], "damaged": True}
        self.assertEqual(self.lines_of("journal", "list"), before[:-1] + [changed])
        self.assertEqual(self.lines_of("journal", "list", "--limit", "1"), [changed])
        self.assertIn("  (damaged: see journal verify)", self.succeed("journal", "list"))

    def test_a_missing_key_is_told(self):
        self.make_database()
        os.unlink(f"{self.folder}/state/controller.pub")
        told = self.loquet("journal", "verify")
        self.assertEqual(told.returncode, IO)
        self.assertIn(f"{self.folder}/state/controller.pub", told.stderr)

    def test_another_controllers_key_does_not_verify(self):
        self.make_database()
        with open(f"{self.folder}/state/controller.pub", "w", encoding="ascii") as file:
            file.write("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\n")
        told = self.loquet("journal", "verify")
        self.assertEqual(told.returncode, REFUSED, told.stdout)
        self.assertIn("signature does not hold", told.stderr)

    def test_a_purged_row_still_holds(self):
        self.make_database()
        with sqlite3.connect(self.database) as database:
            database.execute("UPDATE journal SET body = x'' WHERE seq = 2")
        database.close()
        self.succeed("journal", "verify")
        self.assertIn("     2  (purged)", self.succeed("journal", "list"))
        self.assertEqual(self.lines_of("journal", "list")[1], {"seq": 2, "purged": True})


class Ambiguity(CliTest):
    def setUp(self):
        super().setUp()
        self.make_database()

    def test_an_ambiguous_name_lists_the_candidates(self):
        told = self.loquet("member", "disable", "Sam Sample")
        self.assertEqual(told.returncode, REFUSED)
        self.assertIn("2 members are called 'Sam Sample': m2, m3; say the number", told.stderr)
        self.assertNotIn("not running", told.stderr)

    def test_an_unknown_name_or_number_is_told(self):
        for words in (
            ["member", "show", "ada example"],
            ["badge", "list", "Nobody"],
            ["badge", "enrol", "Nobody"],
            ["member", "show", "m99"],
            ["badge", "list", "99"],
        ):
            told = self.loquet(*words)
            self.assertEqual(told.returncode, REFUSED, told.stderr)
            self.assertIn("see: loquet member list", told.stderr)


if __name__ == "__main__":
    unittest.main()

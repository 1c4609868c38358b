"""Commands that only read: they need door.db or the configuration, never loquetd."""

import csv
import hashlib
import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import unittest

from clirig import DEADLINE_S, LOQUET, CliTest


class Roster(CliTest):
    def setUp(self):
        super().setUp()
        self.make_database()

    def rename(self, member, name):
        with sqlite3.connect(self.database) as database:
            database.execute("UPDATE member SET name = ? WHERE id = ?", (name, member))
        database.close()

    def test_members_are_listed_in_columns(self):
        self.rename(2, "Zoë Sample")
        self.assertEqual(
            self.succeed("member", "list"),
            "MEMBER  NAME         PROFILE  BADGES  STATE    RIGHTS\n"
            "m1      Ada Example  always        2  enabled  -\n"
            "m2      Zoë Sample   always        0  enabled  -\n"
            "m3      Sam Sample   always        0  enabled  -\n",
        )

    def test_members_are_listed_as_json_lines(self):
        self.assertEqual(
            self.lines_of("member", "list")[0],
            {"member": 1, "name": "Ada Example", "profile": "always", "enabled": True,
             "any_time": False, "extended_time": False,
             "badges": 2},
        )

    def test_a_name_that_would_command_the_terminal_is_shown_as_text(self):
        self.rename(1, "Eve\x1b[2J\u202eEve")
        self.assertIn(r"m1      Eve\x1b[2J\u{202e}Eve  always", self.succeed("member", "list"))
        self.assertIn(r"m1  Eve\x1b[2J\u{202e}Eve", self.succeed("member", "show", "1"))
        self.assertEqual(self.lines_of("member", "list")[0]["name"], "Eve\x1b[2J\u202eEve")

    def test_a_name_that_is_not_utf8_is_still_json(self):
        with sqlite3.connect(self.database) as database:
            database.execute("UPDATE member SET name = CAST(x'41ff' AS TEXT) WHERE id = 1")
        database.close()
        self.assertIn(r"m1      A\xff", self.succeed("member", "list"))
        self.assertEqual(self.lines_of("member", "list")[0]["name"], "A\ufffd")

    def test_a_member_is_shown_with_their_badges(self):
        self.assertEqual(
            self.succeed("member", "show", "Ada Example"),
            "m1  Ada Example\n"
            "profile always, enabled\n"
            "BADGE  MEMBER  NAME         STATE    VALID FROM  UNTIL             USES\n"
            "c1     m1      Ada Example  enabled  -           -                 -\n"
            "c2     m1      Ada Example  enabled  -           2027-01-01 00:00  -\n",
        )
        self.assertEqual(
            self.lines_of("member", "show", "m1"),
            [{"member": 1, "name": "Ada Example", "profile": "always", "enabled": True,
             "any_time": False, "extended_time": False,
              "badges": [
                  {"badge": 1, "member": 1, "state": "enabled", "valid_from": None,
                   "valid_to": None, "uses_left": None, "valid_for_h": None,
                   "suspended_until": None, "expired": False},
                  {"badge": 2, "member": 1, "state": "enabled", "valid_from": None,
                   "valid_to": "2026-12-31T23:00:00.000Z", "uses_left": None,
                   "valid_for_h": None, "suspended_until": None, "expired": False}]}],
        )
        self.assertIn("no badge; enrol one with: loquet badge enrol m2",
                      self.succeed("member", "show", "2"))

    def test_badges_are_listed(self):
        with sqlite3.connect(self.database) as database:
            database.execute("UPDATE credential SET state = 2 WHERE id = 2")
        database.close()
        badges = self.lines_of("badge", "list")
        self.assertEqual([(b["badge"], b["state"]) for b in badges], [(1, "enabled"), (2, "lost")])
        self.assertEqual(self.lines_of("badge", "list", "m2"), [])
        self.assertIn("c2     m1      Ada Example  perdu", self.succeed("badge", "list", "1",
                                                                        "--lang", "fr"))

    def test_no_key_of_a_badge_is_ever_printed(self):
        shown = "".join(
            self.succeed(*words, *form)
            for words in (["member", "show", "1"], ["badge", "list"], ["export", "badges"],
                          ["export", "members"], ["journal", "export"])
            for form in ([], ["--json"])
        )
        self.assertNotIn("0100000000", shown)
        self.assertNotIn("0200000000", shown)

    def exported(self, what):
        """The bytes, and the rows as another reader of CSV understands them."""
        done = subprocess.run([LOQUET, "export", what], env=self.environment(),
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE_S,
                              check=True)
        self.assertEqual(done.stderr, b"")
        text = done.stdout.decode("utf-8")
        return done.stdout, list(csv.reader(io.StringIO(text, newline=""), strict=True))

    def test_members_are_exported_as_csv(self):
        name = 'Zoë "Z" Example, '
        self.rename(2, name)
        self.rename(3, "two\r\nlines")
        with sqlite3.connect(self.database) as database:
            database.execute("UPDATE member SET enabled = 0 WHERE id = 3")
        database.close()
        raw, rows = self.exported("members")
        self.assertTrue(raw.startswith(b"member,external_id,name,profile,enabled,any_time,extended_time\r\n"
                                       b"m1,,Ada Example,always,yes,no,no\r\n"))
        self.assertEqual(raw.count(b"\n"), raw.count(b"\r\n"))
        self.assertEqual(rows[2:], [["m2", "", name, "always", "yes", "no", "no"],
                                    ["m3", "", r"two\x0d\x0alines", "always", "no", "no", "no"]])
        self.assertEqual(self.lines_of("export", "members")[1],
                         {"member": "m2", "external_id": "", "name": name, "profile": "always", "enabled": "yes",
                          "any_time": "no", "extended_time": "no"})

    def test_badges_are_exported_as_csv(self):
        with sqlite3.connect(self.database) as database:
            database.execute("UPDATE credential SET state = 2 WHERE id = 2")
        database.close()
        _, rows = self.exported("badges")
        self.assertEqual(rows, [["badge", "member", "external_id", "state", "valid_from", "valid_to", "uses_left",
                                 "valid_for_h", "suspended_until", "badge_external_id"],
                                ["c1", "m1", "", "enabled", "", "", "", "", "", ""],
                                ["c2", "m1", "", "lost", "", "2026-12-31T23:00:00.000Z", "", "", "", ""]])
        self.assertEqual(self.lines_of("export", "badges")[0],
                         dict(zip(rows[0], rows[1])))


class Journal(CliTest):
    def setUp(self):
        super().setUp()
        self.make_database()
        with sqlite3.connect(self.database) as database:
            self.rows = database.execute(
                "SELECT seq, body, body_hash, hash FROM journal ORDER BY seq").fetchall()
        database.close()

    def test_the_events_are_listed_for_a_person(self):
        told = self.succeed("journal", "list")
        self.assertEqual(len(told.splitlines()), len(self.rows))
        granted = [line for line in told.splitlines() if "granted" in line]
        self.assertEqual(len(granted), 1)
        self.assertRegex(
            granted[0],
            r"\A +\d+  2026-07-01 08:00:09\.000  front/entry  granted  m1 Ada Example  c1"
            r"  detect 9\.1 ms  decide 0\.2 ms\Z",
        )
        self.assertIn("  front/entry  denied: badge unknown here\n", told)
        self.assertIn("  front  opened  without a release\n", told)
        self.assertIn(r"  front-in  reader fault  line\x0abreak \x1b[31m", told)
        self.assertIn("  journal signed  up to row ", told)
        self.assertNotIn("\x1b", told)

    def test_in_french_too(self):
        told = self.succeed("journal", "list", "--lang", "fr")
        self.assertIn("refusé : badge inconnu ici", told)
        self.assertIn("détection 9,1 ms", told)

    def test_json_lines_carry_the_recorded_bytes(self):
        lines = self.succeed("journal", "list", "--json").encode().splitlines()
        self.assertEqual(
            lines,
            [b'{"seq":%d,"event":%b}' % (seq, body) for seq, body, _, _ in self.rows],
        )

    def test_from_limit_and_type_choose_rows(self):
        last = self.rows[-1][0]

        def numbers(*options):
            return [line["seq"] for line in self.lines_of("journal", "list", *options)]

        self.assertEqual(numbers("--limit", "2"), [last - 1, last])
        self.assertEqual(numbers("--limit", "0"), [row[0] for row in self.rows])
        self.assertEqual(numbers("--from", "2", "--limit", "3"), [2, 3, 4])
        self.assertEqual(numbers("--from", "2"), list(range(2, last + 1)))
        self.assertEqual(numbers("--from", str(last + 1)), [])
        taps = [r[0] for r in self.rows if b'"type":"org.loquet.access.' in r[1]]
        self.assertEqual(len(taps), 2)
        self.assertEqual(numbers("--type", "access"), taps)
        self.assertEqual(numbers("--type", "access", "--limit", "1"), taps[1:])
        self.assertEqual(numbers("--type", "access", "--from", "1", "--limit", "1"), taps[:1])
        self.assertEqual(numbers("--type", "access.denied"), taps[1:])
        self.assertEqual(numbers("--type", "org.loquet.access.denied.v1"), taps[1:])

    def test_the_export_holds_the_recorded_bytes(self):
        bodies = b"".join(body + b"\n" for _, body, _, _ in self.rows)
        self.assertEqual(self.succeed("journal", "export").encode(), bodies)
        path = f"{self.folder}/out.jsonl"
        self.assertEqual(self.succeed("journal", "export", "--to-file", path, "--from", "2"), "")
        with open(path, "rb") as file:
            self.assertEqual(file.read(), bodies.split(b"\n", 1)[1])

    def test_the_export_with_proof_can_be_verified_by_anybody(self):
        previous = bytes(32)
        rows = [json.loads(line) for line in
                self.succeed("journal", "export", "--proof").splitlines()]
        self.assertEqual(len(rows), len(self.rows))
        for row in rows:
            body_hash = hashlib.sha256(row["body"].encode()).digest()
            previous = hashlib.sha256(previous + body_hash).digest()
            self.assertEqual((row["body_hash"], row["hash"]), (body_hash.hex(), previous.hex()))

    def test_the_export_cannot_be_written(self):
        told = self.loquet("journal", "export", "--to-file", f"{self.folder}/none/x")
        self.assertEqual(told.returncode, 5)
        self.assertIn(f"cannot write {self.folder}/none/x: No such file or directory", told.stderr)
        told = self.loquet("journal", "export", "--to-file", "/dev/full")
        self.assertEqual((told.returncode, told.stdout), (5, ""))
        self.assertIn("cannot write /dev/full", told.stderr)

    def test_verify_says_what_signatures_cover(self):
        signed = [r[0] for r in self.rows if b"journal.checkpoint" in r[1]]
        last = self.rows[-1][0]
        self.assertTrue(signed)
        self.assertEqual(
            self.lines_of("journal", "verify"),
            [{"holds": True, "rows": len(self.rows), "first": 1, "last": last,
              "signatures": len(signed), "signed_up_to": signed[-1] - 1}],
        )
        self.assertEqual(
            self.succeed("journal", "verify"),
            f"chain   rows 1 to {last} hold\n"
            f"signed  rows 1 to {signed[-1] - 1} are proven unchanged; "
            f"signatures of this controller: {len(signed)}\n"
            f"open    rows {signed[-1]} to {last} are not signed yet\n",
        )

    def test_verify_says_when_nothing_is_signed(self):
        with sqlite3.connect(self.database) as database:
            first = min(r[0] for r in self.rows if b"journal.checkpoint" in r[1])
            database.execute("DELETE FROM journal WHERE seq >= ?", (first,))
        database.close()
        self.assertIn("signed  nothing yet", self.succeed("journal", "verify"))

    def loquet_as_other(self, *words, state="state"):
        """As root the program runs as nobody, of the group that owns the folder; otherwise as the
        user that runs the test."""
        program = shutil.copy(LOQUET, self.folder)
        os.chmod(self.folder, 0o755)
        other = {}
        if os.geteuid() == 0:
            other = {"user": 65534, "group": 65534, "extra_groups": []}
            for name in (state, f"{state}/door.db"):
                os.chown(f"{self.folder}/{name}", -1, 65534)
        return subprocess.run(
            [program, *words], env=self.environment(), capture_output=True, encoding="utf-8",
            timeout=DEADLINE_S, check=False, **other,
        )

    def test_a_stranger_may_not_read(self):
        os.chmod(f"{self.folder}/state", 0)
        self.addCleanup(os.chmod, f"{self.folder}/state", 0o700)
        told = self.loquet_as_other("member", "list")
        self.assertEqual(told.returncode, 5, told.stdout)
        self.assertIn(f"may not read {self.database} (permission denied)", told.stderr)

    def test_who_may_only_read_can_read_while_loquetd_is_stopped(self):
        odd = f"{self.folder}/odd?name#100%41"
        os.rename(f"{self.folder}/state", odd)
        with open(self.config, encoding="utf-8") as file:
            text = file.read().replace(f"{self.folder}/state", odd)
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(f"{odd}/door.db", 0o440)
        os.chmod(odd, 0o550)
        self.addCleanup(os.chmod, odd, 0o700)
        told = self.loquet_as_other("member", "list", state=os.path.basename(odd))
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("Ada Example", told.stdout)
        told = self.loquet_as_other("journal", "verify", state=os.path.basename(odd))
        self.assertEqual(told.returncode, 0, told.stderr)

    def test_who_may_only_read_can_read_while_loquetd_runs(self):
        os.chmod(f"{self.folder}/state", 0o750)
        os.chmod(self.database, 0o640)
        if os.geteuid() == 0:
            os.chown(self.database, -1, 65534)
        writer = sqlite3.connect(self.database)
        self.addCleanup(writer.close)
        with writer:
            writer.execute("UPDATE member SET name = 'Just Written' WHERE id = 1")
        self.assertTrue(os.path.exists(f"{self.database}-wal"))
        told = self.loquet_as_other("member", "list")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("Just Written", told.stdout)

    def test_reading_leaves_the_file_alone(self):
        before = os.stat(self.database)
        self.succeed("journal", "list")
        self.succeed("journal", "verify")
        self.succeed("member", "list")
        after = os.stat(self.database)
        self.assertEqual((before.st_mtime_ns, before.st_size), (after.st_mtime_ns, after.st_size))
        self.assertTrue(stat.S_ISREG(after.st_mode))


class Tables(CliTest):
    def test_the_configuration_is_shown_so_that_it_can_be_read_again(self):
        shown = self.succeed("config", "show")
        self.assertIn("release_ms = 5000\n", shown)
        again = f"{self.folder}/again.conf"
        with open(again, "w", encoding="utf-8") as file:
            file.write(shown)
        self.assertEqual(self.succeed("config", "check", again), f"{again}: no error\n")
        self.assertEqual(self.succeed("config", "show", "--config", again), shown)
        self.assertEqual(self.lines_of("config", "check", again), [{"ok": True, "file": again}])

    def test_the_reference_names_every_setting(self):
        reference = self.succeed("config", "reference")
        for key in ("space", "release_ms", "uid_badges", "keepalive_s"):
            self.assertIn(key, reference)

    def test_reasons_are_the_same_in_every_form(self):
        lines = self.lines_of("reasons")
        self.assertEqual(lines[0]["reason"], "loquet:NotDecided")
        self.assertIn({"reason": "Granted", "en": "access granted", "fr": "accès autorisé"}, lines)
        schema = self.succeed("reasons", "--schema")
        self.assertEqual(schema, self.succeed("reasons", "--schema", "--json", "--lang", "fr"))
        self.assertEqual(json.loads(schema)["enum"], [line["reason"] for line in lines])
        table = self.succeed("reasons").splitlines()
        self.assertEqual([row.split()[0] for row in table[1:]], [r["reason"] for r in lines])


if __name__ == "__main__":
    unittest.main()

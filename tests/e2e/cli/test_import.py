"""Members and badges from CSV through the real command line and loquetd: what is taken, and what is said of
anything that does not fit."""

import csv
import io
import json
import os
import subprocess
import unittest

from house import House

DEADLINE_S = 60
ROWS = 300
NOTHING = "; nothing was changed\n"
NAMES = "member, external_id, name, profile, enabled, any_time, extended_time"
BADGE_NAMES = ("badge, member, external_id, uid, state, valid_from, valid_to, uses_left, valid_for_h, "
               "suspended_until, badge_external_id")
UID = "4, 7 or 10 bytes in hexadecimal that are not random, or nothing"
STATES = "enabled, revoked, lost, suspended, stolen, returned or damaged"
MOMENT = "2026-12-01, 2026-12-01 08:00, RFC 3339, or nothing for no bound"
KEYS = "one of them, so that the next import finds the row"
UTF8 = "text in UTF-8 (in a spreadsheet: save as CSV UTF-8)"

# What is imported, the file, and all that is said of it. Nobody has to be asked for these.
MALFORMED = [
    ("members", b"", f"found an empty file, expected {NAMES}"),
    ("members", b"\xef\xbb\xbf\r\n", f"found an empty file, expected {NAMES}"),
    ("members", b"external_id,name\n\n", "found no row below the names of the columns, expected at least one"),
    ("members", b"external_id,nom\nE,A\n", f"line 1: found 'nom', expected {NAMES}"),
    ("members", b"External_id\nE\n", f"line 1: found 'External_id', expected {NAMES}"),
    ("members", b"external_id,\nE,A\n", f"line 1: found nothing, expected {NAMES}"),
    ("badges", b"id\n1\n", f"line 1: found 'id', expected {BADGE_NAMES}"),
    ("members", b"external_id,name,name\nE,A,B\n",
     "line 1, column name: found this column twice, expected it once"),
    ("members", b"name,profile\nA,always\n",
     f"line 1: found neither a column member nor a column external_id, expected {KEYS}s again"),
    ("badges", b"member,state\nm1,lost\n",
     f"line 1: found neither a column badge nor a column uid, expected {KEYS}s again"),
    ("members", b"external_id,name\nE,A,B\n", "line 2: found 3 cells, expected 2, as in the first row"),
    ("members", b"external_id,name\nE,A\nF\n", "line 3: found 1 cells, expected 2, as in the first row"),
    ("members", b"external_id;name\nE,A\n", "line 2: found 1 cells, expected 2, as in the first row"),
    ("members", b"member,external_id,name\n,,A\n",
     f"line 2: found neither member nor external_id, expected {KEYS} again"),
    ("badges", b"uid,member\n,m1\n", f"line 2: found neither badge nor uid, expected {KEYS} again"),
    ("members", b"external_id,name\nE,A\n\nE,B\n",
     "line 4, column external_id: found 'E' again, as on line 2, expected it once"),
    ("members", b"member,name\nm1,A\n1,B\n", "line 3, column member: found 'm1' again, as on line 2, expected it once"),
    ("badges", b"uid,member\n04a1b2c3,m1\n04:A1:B2:C3,m1\n",
     "line 3, column uid: found a UID again, as on line 2, expected it once"),
    ("members", b"external_id,name\n\"E,A\n", "line 3, column external_id: found the end of the file inside quotes, "
     "expected a closing quote"),
    ("members", b"external_id,name\nE,A\"B\n", "line 2, column name: found a quote inside a cell that does not begin "
     "with one, expected the whole cell in quotes, and each quote in it twice"),
    ("members", b"external_id,name\n\"E\"F,A\n", "line 2, column external_id: found text behind a closing quote, "
     "expected the end of the cell, or the quote twice"),
    ("members", b"external_id,name\nE,A\0\n", "line 2, column name: found a NUL byte, "
     "expected text in UTF-8 (UTF-16 has to be saved as UTF-8 first)"),
    ("members", "external_id,name\nE,A\n".encode("utf-16"),
     "line 1: found a NUL byte, expected text in UTF-8 (UTF-16 has to be saved as UTF-8 first)"),
    ("members", b"external_id,name\nE,Zo\xeb\n",
     f"line 2, column name: found bytes that are not UTF-8, expected {UTF8}"),
    ("members", b"external_id,name\rE,A\r",
     "line 1: found a CR without LF, expected rows that end with LF or CR LF"),
    ("members", b"external_id,name\nE," + b"a" * 1025 + b"\n",
     "line 2, column name: found a cell of more than 1024 bytes, expected a shorter one"),
    ("members", b"," * 70, "line 1: found more than 64 cells, expected at most 64"),
    ("members", b"external_id,name\nE," + b"a" * 129 + b"\n", "line 2, column name: found '" + "a" * 40 + "…', "
     "expected 1 to 128 bytes of text, not only spaces, that do not read like a member's number"),
    ("members", b"external_id,name\nE,\n", "line 2, column name: found nothing, "
     "expected 1 to 128 bytes of text, not only spaces, that do not read like a member's number"),
    ("members", b"external_id,name\nE,m3\n", "line 2, column name: found 'm3', "
     "expected 1 to 128 bytes of text, not only spaces, that do not read like a member's number"),
    ("members", b"external_id\n" + b"e" * 65 + b"\n", "line 2, column external_id: found '" + "e" * 40 + "…', "
     "expected at most 64 bytes of text"),
    ("members", b"member,name\nx3,A\n",
     "line 2, column member: found 'x3', expected a member's number like m3, or nothing"),
    ("badges", b"badge\nm3\n", "line 2, column badge: found 'm3', expected a badge's number like c5, or nothing"),
    ("members", b"external_id,profile\nE,Week days\n", "line 2, column profile: found 'Week days', "
     "expected the name of a profile, 1 to 32 of a-z, 0-9, - and _"),
    ("members", b"external_id,enabled\nE,maybe\n", "line 2, column enabled: found 'maybe', expected yes or no"),
    ("badges", b"badge,state\nc1,gone\n", f"line 2, column state: found 'gone', expected {STATES}"),
    ("badges", b"uid,member\n04a1b2,m1\n",
     f"line 2, column uid: found 6 characters (a UID is not shown), expected {UID}"),
    ("badges", b"uid,member\n08a1b2c3,m1\n",
     f"line 2, column uid: found 8 characters (a UID is not shown), expected {UID}"),
    ("badges", b"badge,valid_to\nc1,31/12/2026\n",
     f"line 2, column valid_to: found '31/12/2026', expected {MOMENT}"),
    ("badges", b"badge,valid_from\nc1,2026-02-30\n",
     f"line 2, column valid_from: found '2026-02-30', expected {MOMENT}"),
    ("badges", b"badge,valid_from\nc1,2026-03-29 02:30\n", "line 2, column valid_from: found '2026-03-29 02:30', "
     "expected a moment that clocks in Europe/Paris show (they are put forward then)"),
    ("members", b"external_id,any_time\nE,always\n",
     "line 2, column any_time: found 'always', expected yes or no"),
    ("members", b"external_id,extended_time\nE,\n",
     "line 2, column extended_time: found nothing, expected yes or no"),
    ("badges", b"badge,uses_left\nc1,65536\n", "line 2, column uses_left: found '65536', "
     "expected a number from 0 to 65535, or nothing for no limit"),
    ("badges", b"badge,valid_for_h\nc1,0\n", "line 2, column valid_for_h: found '0', "
     "expected hours from 1 to 65535, or nothing for no limit"),
    ("badges", b"badge,suspended_until\nc1,soon\n",
     f"line 2, column suspended_until: found 'soon', expected {MOMENT}"),
    ("badges", b"badge,badge_external_id\nc1," + b"e" * 65 + b"\n",
     "line 2, column badge_external_id: found '" + "e" * 40 + "…', expected at most 64 bytes of text"),
    ("badges", b"badge_external_id,state\n4711,lost\n",
     f"line 1: found neither a column badge nor a column uid, expected {KEYS}s again"),
    ("badges", b"badge,valid_from,valid_to\nc1,2026-12-02,2026-12-01\n",
     "line 2, column valid_to: found an end that is not after valid_from, expected a later one"),
]

# These, loquetd finds.
UNFIT = [
    ("members", b"external_id,name,profile\nnew,Ada,days\n", "line 2, column profile: found 'days', "
     "expected a profile: always, or one of loquet profile set"),
    ("members", b"member,name\nm999,Ada\n", "line 2, column member: found 'm999', expected a member of this roster"),
    ("members", b"member,external_id\nm1,E-2\n",
     "line 2, column external_id: found 'E-2', expected one that does not belong to m3"),
    ("members", b"external_id,profile\nnew,always\n", "line 2, column name: found nothing, "
     "expected what a new member needs: external_id, name, profile"),
    ("members", b"member,external_id,name\n,E-1,A\nm2,,B\n",
     "line 3, column member: found m2 again, expected it once"),
    ("badges", b"badge,state\nc999,lost\n", "line 2, column badge: found 'c999', "
     "expected a badge of this roster, or nothing and a uid to add one"),
    ("badges", b"uid,external_id\n04a1b2c3d4e5f6,E-nobody\n",
     "line 2, column external_id: found 'E-nobody', expected a member of this roster"),
    ("badges", b"uid,member\n04a1b2c3d4e5f6,m999\n",
     "line 2, column member: found 'm999', expected a member of this roster"),
    ("badges", b"uid,state\n04a1b2c3d4e5f6,lost\n",
     "line 2, column member: found nothing, expected who holds the new badge: member or external_id"),
    ("badges", b"badge,member,external_id\nc1,m1,E-1\n",
     "line 2, column external_id: found 'E-1', expected one that does not belong to m2"),
    ("badges", b"badge,uid\nFIRST,04000000000001\n",
     "line 2, column uid: found a UID, expected one that does not belong to SECOND"),
    ("badges", b"badge,uid\nFIRST,04ffffffffffff\n",
     "line 2, column uid: found a UID, expected the UID that this badge has, or nothing"),
]


class Import(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.house = House(os.environ["LOQUET_BUILD"], settings="time_zone = Europe/Paris")
        cls.addClassCleanup(cls.house.close)
        cls.house.write_config()
        cls.house.start_door()
        members = "external_id,name,profile\n" + "".join(
            f"E-{row},Example {row},always\n" for row in range(ROWS))
        badges = "external_id,uid\n" + "".join(f"E-{row},04{row:012x}\n" for row in range(ROWS))
        told = [cls.loquet("import", what, "-", given=text.encode())
                for what, text in (("members", members), ("badges", badges))]
        assert all(done.returncode == 0 for done in told), told

    @classmethod
    def loquet(cls, *words, given=b""):
        done = subprocess.run([cls.house.program("loquet"), "--config", cls.house.config, *words], input=given,
                              capture_output=True, timeout=DEADLINE_S, check=False)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        return done

    def succeed(self, *words, given=b""):
        done = self.loquet(*words, given=given)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def setUp(self):
        """As it was, whatever the test before left."""
        rows = "".join(f"m{row + 1},E-{row},Example {row},always,yes\n" for row in range(ROWS))
        self.succeed("import", "members", "-", given=("member,external_id,name,profile,enabled\n" + rows).encode())

    def exported(self, what):
        return self.succeed("export", what)

    def head(self):
        return self.house.status()["journal"]["head"]

    def counted(self, what, text, *options):
        answer = json.loads(self.succeed("--json", "import", what, "-", *options, given=text.encode()).splitlines()[-1])
        return tuple(answer[key] for key in ("added", "changed", "unchanged", "missing", "disabled"))

    def test_every_wrong_file_is_told_where_and_changes_nothing(self):
        before = [self.exported(what) for what in ("members", "badges")], self.head()
        badges = {row["external_id"]: row["badge"] for row in csv.DictReader(io.StringIO(before[0][1]))}
        for what, given, told in MALFORMED + UNFIT:
            given = given.replace(b"FIRST", badges["E-0"].encode())
            told = told.replace("SECOND", badges["E-1"])
            with self.subTest(what=what, given=given[:60]):
                done = self.loquet("import", what, "-", given=given)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertEqual(done.stderr, "loquet: standard input: " + told + NOTHING)
        self.assertEqual(before, ([self.exported(what) for what in ("members", "badges")], self.head()))

    def test_what_another_system_calls_a_badge_comes_back_as_it_was(self):
        def named(**wanted):
            rows = csv.DictReader(io.StringIO(self.exported("badges")))
            return [row for row in rows if all(row[key] == value for key, value in wanted.items())]
        first, second = named(external_id="E-0")[0], named(external_id="E-1")[0]
        given = ("badge,badge_external_id\n%s,carte nº 4711\n%s,carte nº 4711\n"
                 % (first["badge"], second["badge"]))  # its owner's business, who may give it twice
        self.assertEqual(self.counted("badges", given), (0, 2, 0, ROWS - 2, 0))
        self.assertEqual(self.counted("badges", given), (0, 0, 2, ROWS - 2, 0))
        kept = self.exported("badges")
        self.assertEqual(named(badge=first["badge"])[0], {**first, "badge_external_id": "carte nº 4711"})
        self.assertEqual(self.counted("badges", kept), (0, 0, ROWS, 0, 0))
        self.assertEqual(self.counted("badges", "badge,state\n%s,lost\n" % first["badge"])[1], 1)
        self.assertEqual(named(badge=first["badge"])[0]["badge_external_id"], "carte nº 4711")
        shown = self.succeed("import", "badges", "-", "--dry-run",
                             given=b"badge,badge_external_id\n%s,=1+1\n" % second["badge"].encode())
        self.assertIn("badge_external_id", shown)
        back = "badge,state,badge_external_id\n%s,enabled,\n%s,enabled,\n" % (first["badge"], second["badge"])
        self.assertEqual(self.counted("badges", back)[1], 2)
        self.assertEqual([named(badge=row["badge"])[0] for row in (first, second)], [first, second])

    def test_a_wrong_row_behind_many_good_ones_changes_nothing(self):
        before = self.exported("members"), self.head()
        rows = "".join(f"new-{row},Example {row},always\n" for row in range(ROWS)) + "new-x,Example,nowhere\n"
        path = os.path.join(self.house.folder, "members.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("external_id,name,profile\n" + rows)
        done = self.loquet("--json", "import", "members", path)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(json.loads(done.stderr), {
            "ok": False, "error": "row", "exit": 1, "file": path, "line": ROWS + 2, "column": "profile",
            "found": "'nowhere'", "expected": "a profile: always, or one of loquet profile set"})
        self.assertEqual(before, (self.exported("members"), self.head()))

    def test_in_french(self):
        done = self.loquet("--lang", "fr", "import", "members", "-", given=b"external_id;name\nE-1;Ada;x\n")
        self.assertEqual(done.stderr, "loquet: entrée standard : ligne 2 : trouvé 3 cellules, attendu 2, "
                                      "comme à la première ligne ; rien n’a été modifié\n")
        told = self.succeed("--lang", "fr", "import", "members", "-", "--dry-run",
                            given=b"external_id;enabled\nE-1;non\n").splitlines()
        self.assertEqual(told[0], "~ ligne 2 : m2 : enabled yes → no")
        self.assertEqual(told[1], "  m1 « Example 0 » : absent du fichier, reste tel quel")

    def test_more_rows_than_there_may_be(self):
        rows = b"external_id\n" + b"".join(b"%d\n" % row for row in range(250001))
        done = self.loquet("import", "members", "-", given=rows)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "loquet: standard input: line 250002: found more than 250000 rows, "
                                      "expected at most so many" + NOTHING)

    def test_a_file_that_cannot_be_read(self):
        done = self.loquet("import", "members", "/nonexistent/members.csv")
        self.assertEqual(done.returncode, 5)
        self.assertIn("cannot read /nonexistent/members.csv: No such file or directory", done.stderr)

    def test_what_export_writes_import_reads_back_unchanged(self):
        name = '=1+1, "Zoë"; \'s'
        written = io.StringIO()
        csv.writer(written).writerows([["member", "name", "external_id"], ["m5", name, "-5"]])
        self.assertEqual(self.counted("members", written.getvalue())[1], 1)
        for what in ("members", "badges"):
            text = self.exported(what)
            before = self.head()
            self.assertEqual(self.counted(what, text), (0, 0, ROWS, 0, 0))
            self.assertEqual(self.counted(what, text.replace("\r\n", "\n")), (0, 0, ROWS, 0, 0))
            self.assertEqual((self.exported(what), self.head()), (text, before))
        self.assertIn("""m5,'-5,"'=1+1, ""Zoë""; 's",always,yes,no,no\r\n""", self.exported("members"))
        row = [json.loads(line) for line in self.succeed("--json", "export", "members").splitlines()][4]
        self.assertEqual((row["name"], row["external_id"]), (name, "-5"))

    def test_a_dry_run_shows_what_the_import_then_does(self):
        given = "\ufeffexternal_id\tname\tprofile\r\nE-7\tSeven Example\talways\r\nE-8\tExample 8\talways\r\n"
        before = self.exported("members"), self.head()
        told = self.succeed("import", "members", "-", "--dry-run", "--disable-missing", given=given.encode())
        lines = told.splitlines()
        self.assertEqual(lines[0], "~ line 2: m8: name 'Example 7' → 'Seven Example'")
        self.assertEqual(lines[1], "- m1 'Example 0': not in the file, would be disabled")
        self.assertEqual(lines[-1], f"would add 0, change 1, leave 1 unchanged; not in the file: {ROWS - 2} would be "
                                    "disabled, 0 stay as they are")
        self.assertEqual(before, (self.exported("members"), self.head()))
        shown = [json.loads(line) for line in self.succeed(
            "--json", "import", "members", "-", "--dry-run", given=given.encode()).splitlines()]
        self.assertEqual(shown[0], {"outcome": "changed", "line": 2, "member": "m8",
                                    "values": {"name": {"from": "Example 7", "to": "Seven Example"}}})
        self.assertEqual(shown[1], {"outcome": "missing", "member": "m1", "values": {}})
        self.assertEqual(shown[-1], {"ok": True, "dry_run": True, "added": 0, "changed": 1, "unchanged": 1,
                                     "missing": ROWS - 2, "disabled": 0})
        self.assertEqual(self.counted("members", given, "--disable-missing"), (0, 1, 1, 0, ROWS - 2))
        self.assertEqual(self.head(), before[1] + 1)
        event = json.loads(self.house.journal(self.head())[-1])
        self.assertEqual(event["type"], "org.loquet.roster.imported.v1")
        self.assertEqual(event["data"], {
            "action": "members.imported", "actor": f"account-{os.getuid()}", "added": 0, "changed": 1,
            "disabled": ROWS - 2})
        self.assertEqual(self.exported("members").count(",no,no,no\r\n"), ROWS - 2)

    def test_no_uid_is_said_or_kept(self):
        uid = "04ab54a98ceb1f"
        told = self.succeed("import", "badges", "-", "--dry-run", given=f"uid,member\n{uid},m1\n".encode())
        self.assertIn("+ line 2: member m1\n", told)
        self.assertNotIn(uid, told)
        self.assertNotIn("54a98ceb", self.house.log("loquetd"))


if __name__ == "__main__":
    unittest.main()

"""The journal verifies with a verifier written apart, and both find the same thing wrong."""

import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import unittest

import eventschema
import verify_journal

FOLDER = pathlib.Path(os.environ["LOQUET_SCHEMAS"])
LOQUET = os.environ["LOQUET_CLI"]
MAKE = os.environ["LOQUET_MAKE_JOURNAL"]
SPACE, CONTROLLER = "example-space", "front-board"
PURGED = 3  # a roster.changed


class Journal(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        subprocess.run([MAKE, self.folder], check=True)
        (self.folder / "loquet.conf").write_text(
            "[controller]\nspace = %s\ncontroller = %s\nstate_dir = %s\nruntime_dir = %s\n"
            "[door front]\nlines = sim\nchip = %s/lines\nrelay = 0\n"
            % (SPACE, CONTROLLER, self.folder, self.folder, self.folder), "utf-8")
        self.public_key = bytes.fromhex((self.folder / "controller.pub").read_text("ascii"))
        self.change("UPDATE journal SET body = x'' WHERE seq = %d" % PURGED)

    def change(self, *statements):
        with sqlite3.connect(self.folder / "door.db") as db:
            for statement in statements:
                db.execute(statement)
        db.close()

    def loquet(self, *arguments):
        return subprocess.run([LOQUET, "--config", self.folder / "loquet.conf", *arguments],
                              capture_output=True, check=False)

    def export(self):
        result = self.loquet("journal", "export", "--proof")
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.splitlines()

    def verify(self, lines, space=SPACE, controller=CONTROLLER, key=None):
        return verify_journal.verify(lines, space, controller, key or self.public_key)

    def test_it_verifies_and_so_does_the_example(self):
        lines = self.export()
        self.assertEqual(self.verify(lines), (16, 13))
        self.assertEqual(self.loquet("journal", "verify").returncode, 0)
        self.assertEqual(
            (FOLDER / "examples/journal.jsonl").read_bytes().splitlines(), lines,
            "write it again: make_journal, purge row 3, loquet journal export --proof")
        self.assertEqual((FOLDER / "examples/controller.pub").read_bytes(),
                         (self.folder / "controller.pub").read_bytes())

    def test_the_example_fits_the_schemas_and_has_what_is_hard(self):
        schemas = eventschema.Schemas(FOLDER)
        bodies = [json.loads(line)["body"] for line in self.export()]
        events = [schemas.check(body.encode("utf-8")) for body in bodies if body is not None]
        self.assertEqual(bodies.count(None), 1)
        types = [event["type"] for event in events]
        self.assertGreaterEqual(types.count("org.loquet.journal.checkpoint.v1"), 3)
        texts = "".join(event["data"].get("text", "") for event in events)
        self.assertTrue(all(letter in texts for letter in '"\\é🚪\n'), texts)

    def test_the_command_line_of_the_verifier(self):
        command = [verify_journal.__file__, SPACE, CONTROLLER, self.folder / "controller.pub"]
        lines = self.export()
        good = subprocess.run(command, input=b"\n".join(lines), capture_output=True, check=False)
        self.assertEqual((good.returncode, good.stdout),
                         (0, b"16 rows hold, signed up to row 13\n"))
        bad = subprocess.run(command, input=b"\n".join(lines[1:]), capture_output=True,
                             check=False)
        self.assertEqual((bad.returncode, bad.stderr),
                         (1, b"row 2: the rows before it are missing\n"))

    def test_any_change_of_an_exported_line_is_found(self):
        lines = self.export()
        for number, line in enumerate(lines):
            row = json.loads(line)
            changes = {
                "seq": row["seq"] + 1,
                "body_hash": hashlib.sha256(b"x").hexdigest(),
                "hash": hashlib.sha256(b"y").hexdigest(),
                "body": "{}" if row["body"] is None else row["body"].replace("T10:", "T11:"),
            }
            for key, value in changes.items():
                wrong = lines.copy()
                wrong[number] = json.dumps(dict(row, **{key: value}))
                with self.subTest(row=row["seq"], change=key):
                    self.assertRaises(ValueError, self.verify, wrong)
            with self.subTest(row=row["seq"], change="gone"):
                if number + 1 < len(lines):
                    self.assertRaises(ValueError, self.verify, lines[:number] + lines[number + 1:])
            if number > 0:
                swapped = lines.copy()
                swapped[number - 1:number + 1] = lines[number], lines[number - 1]
                with self.subTest(row=row["seq"], change="order"):
                    self.assertRaises(ValueError, self.verify, swapped)

    def test_another_key_space_or_controller_is_found(self):
        lines = self.export()
        for wrong in ({"key": bytes(range(32))}, {"space": "other"}, {"controller": "other"}):
            with self.subTest(wrong):
                self.assertRaises(ValueError, self.verify, lines, **wrong)

    def rechain(self):
        """What a forger without the key can do: make every hash fit again."""
        previous = bytes(32)
        with sqlite3.connect(self.folder / "door.db") as db:
            for seq, body, body_hash in db.execute(
                    "SELECT seq, body, body_hash FROM journal ORDER BY seq").fetchall():
                body_hash = hashlib.sha256(body).digest() if body else body_hash
                previous = hashlib.sha256(previous + body_hash).digest()
                db.execute("UPDATE journal SET body_hash = ?, hash = ? WHERE seq = ?",
                           (body_hash, previous, seq))
        db.close()

    def test_both_verifiers_find_the_same(self):
        """(statements, whether the hashes are made to fit, what is wrong)"""
        replace = ("UPDATE journal SET body = CAST(replace(CAST(body AS TEXT), 'T10:', 'T11:')"
                   " AS BLOB) WHERE seq = 6")
        cases = (
            ([], False, None),
            (["UPDATE journal SET body = x'' WHERE seq = 6"], False, None),
            ([replace], False, "row 6"),
            ([replace], True, "row 8"),
            (["UPDATE journal SET hash = zeroblob(32) WHERE seq = 9"], False, "row 9"),
            (["UPDATE journal SET body_hash = zeroblob(32) WHERE seq = 3"], False, "row 3"),
            (["DELETE FROM journal WHERE seq = 7"], False, "row 8"),
            (["DELETE FROM journal WHERE seq < 3"], False, "row 3"),
            (["DELETE FROM journal WHERE seq > 15"], False, None),
            (["UPDATE journal SET seq = 99 WHERE seq = 16"], False, "row 99"),
        )
        for statements, fit, problem in cases:
            with self.subTest(statements, fit=fit):
                self.setUp()
                self.change(*statements)
                if fit:
                    self.rechain()
                ours = self.loquet("--lang", "en", "journal", "verify")
                try:
                    self.verify(self.export())
                    found = None
                except ValueError as error:
                    found = str(error)
                self.assertEqual(found is None, problem is None, found)
                self.assertEqual(ours.returncode, 0 if problem is None else 1, ours.stderr)
                if problem is not None:
                    self.assertTrue(found.startswith(problem + ":"), found)
                    self.assertIn(problem + " of", ours.stderr.decode())


if __name__ == "__main__":
    unittest.main()

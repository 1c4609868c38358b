"""A released schema is never edited, and a released word never vanishes."""

import json
import os
import pathlib
import shutil
import tempfile
import unittest

import released

FOLDER = pathlib.Path(os.environ["LOQUET_SCHEMAS"])


class Gate(unittest.TestCase):
    def test_what_was_released_stands(self):
        self.assertEqual([], list(released.complaints(FOLDER)))


class Canary(unittest.TestCase):
    """A copy in which everything is released: each thing that the gate is there for fails."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp()) / "schemas"
        self.addCleanup(shutil.rmtree, self.folder.parent)
        shutil.copytree(FOLDER, self.folder)
        self.added = released.release(self.folder)

    def complaints(self):
        return "\n".join(released.complaints(self.folder))

    def edit(self, name, change):
        path = self.folder / name
        document = json.loads(path.read_text("utf-8"))
        change(document)
        path.write_text(json.dumps(document), "utf-8")

    def test_a_release_holds_and_is_made_once(self):
        self.assertGreater(self.added, 40)
        self.assertEqual("", self.complaints())
        self.assertEqual(0, released.release(self.folder))

    def test_every_frozen_file_is_guarded(self):
        for name in released.frozen(self.folder):
            with self.subTest(name):
                path = self.folder / name
                before = path.read_bytes()
                path.write_bytes(before.replace(b"\n", b" \n", 1))
                self.assertIn("%s was edited" % name, self.complaints())
                path.unlink()
                self.assertIn("%s is gone" % name, self.complaints())
                path.write_bytes(before)

    def test_a_list_may_grow(self):
        self.edit("reason.json", lambda d: d["enum"].append("loquet:NewReason"))
        self.edit("vocabulary.json", lambda d: d["$defs"]["method"]["oneOf"].append(
            {"const": "desfire", "description": "by a key of the badge"}))
        self.assertEqual("", self.complaints())
        self.assertEqual(2, released.release(self.folder))

    def test_a_word_may_not_go(self):
        self.edit("reason.json", lambda d: d["enum"].remove("Unauthorized"))
        self.assertIn("Unauthorized is no longer there", self.complaints())
        self.edit("vocabulary.json", lambda d: d["$defs"]["releaseCause"]["oneOf"].pop())
        self.assertIn("releaseCause mode is no longer there", self.complaints())

    def test_a_new_type_is_no_edit(self):
        shutil.copy(self.folder / "events/org.loquet.door.opened.v1.json",
                    self.folder / "events/org.loquet.door.opened.v2.json")
        self.assertEqual("", self.complaints())
        self.assertEqual(1, released.release(self.folder))

    def test_a_line_that_says_nothing_is_told(self):
        with open(self.folder / "released.txt", "a", encoding="utf-8") as file:
            file.write("fiel abc events/x.json\n")
        self.assertIn("neither file nor word", self.complaints())


if __name__ == "__main__":
    unittest.main()

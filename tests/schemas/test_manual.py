"""The manual pages are sound, and say what the tables and the programs say."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import manual

LOQUET = os.environ["LOQUET_CLI"]
BUILD = os.environ["LOQUET_BUILD"]
ROOT = manual.ROOT
PAGES = sorted([*manual.PAGES.glob("*.[1-8]"), *(ROOT / "host").glob("*/*.[18]")])
PROGRAMS = {name: os.environ["LOQUET_" + name.upper().replace("-", "_")]
            for name in ("loquetd", "loquet-reader", "loquet-link", "loquet-office")}


def lint(path):
    """Everything that mandoc and groff have to say."""
    told = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", path], capture_output=True,
                          text=True, check=False).stdout
    return told + subprocess.run(
        ["groff", "-mandoc", "-ww", "-W", "break", "-z", "-Kutf8", "-Tutf8", path], capture_output=True,
        text=True, check=False).stderr


class Pages(unittest.TestCase):
    def test_all_pages_are_there(self):
        names = {page.name for page in PAGES}
        self.assertLessEqual({"loquetd.8", "loquet-reader.8", "loquet-link.8", "loquet.conf.5",
                              "loquet-events.7"}, names)

    def test_they_are_free_of_complaints(self):
        for page in PAGES:
            with self.subTest(page.name):
                self.assertEqual("", lint(page))

    def test_canary_a_broken_page_is_complained_of(self):
        text = PAGES[0].read_text("utf-8")
        with tempfile.NamedTemporaryFile("w", suffix=".8") as broken:
            broken.write(text.replace(".Sh DESCRIPTION", ".Sh DESCRIPTION\n.Bl -tag\n.Xx", 1))
            broken.flush()
            self.assertNotEqual("", lint(broken.name))

    def test_what_is_made_from_tables_is_up_to_date(self):
        made = manual.parts(LOQUET)
        used = set()
        for page in manual.PAGES.glob("*.[1-8]"):
            text = page.read_text("utf-8")
            used |= {part["name"] for part in manual.PART.finditer(text)}
            with self.subTest(page.name):
                self.assertEqual(text, manual.fill(text, made),
                                 "write it again: tests/schemas/manual.py --loquet … --write")
        self.assertEqual(used, set(made))

    def test_canary_a_stale_part_is_seen(self):
        text = (manual.PAGES / "loquet.conf.5").read_text("utf-8")
        stale = text.replace(".It Cm window\n", ".It Cm windows\n")
        self.assertNotEqual(stale, text)
        self.assertEqual(text, manual.fill(stale, manual.parts(LOQUET)))

    def test_pages_refer_to_pages_that_are_there(self):
        there = {(page.stem, page.suffix[1:]) for page in PAGES}
        for page in PAGES:
            for name, section in re.findall(r"^\.Xr (\S+) (\d)", page.read_text("utf-8"),
                                            re.MULTILINE):
                if name.startswith("loquet") and name != "loquet":
                    self.assertIn((name, section), there, page.name)

    def test_every_option_and_exit_code_of_a_program_is_explained(self):
        for name, program in PROGRAMS.items():
            page = next(path for path in PAGES if path.name == name + ".8").read_text("utf-8")
            help_ = subprocess.run([program, "--help"], capture_output=True, text=True,
                                   check=True).stdout
            options = set(re.findall(r"--([a-z]+)", help_))
            self.assertGreaterEqual(len(options), 3)
            for option in options:
                with self.subTest(name, option=option):
                    self.assertIn("Fl -%s" % option, page)
            codes = re.findall(r"\b([0-9]) [a-z]", help_[help_.index("Exit"):])
            self.assertEqual(codes, re.findall(r"^\.It ([0-9])$", page, re.MULTILINE), name)

    def test_the_configurations_of_the_examples_are_correct(self):
        page = (manual.PAGES / "loquet.conf.5").read_text("utf-8")
        examples = re.findall(r"^\.Bd -literal.*?\n(\[controller\]\n.*?)^\.Ed", page,
                              re.MULTILINE | re.DOTALL)
        self.assertEqual(len(examples), 2)
        for example in examples:
            with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
                file.write(example)
                file.flush()
                result = subprocess.run([LOQUET, "config", "check", file.name],
                                        capture_output=True, text=True, check=False)
                self.assertEqual(result.returncode, 0, result.stderr)

    def test_figures_of_the_example_journal_are_those_of_the_page(self):
        lines = (manual.SCHEMAS / "examples" / "journal.jsonl").read_text("utf-8").splitlines()
        self.assertIn("a verifier finds %d rows, one of them purged, signed up to row 13"
                      % len(lines), (manual.PAGES / "loquet-events.7").read_text("utf-8"))


class Installation(unittest.TestCase):
    def test_what_pages_and_units_speak_of_is_installed(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["cmake", "--install", BUILD, "--prefix", folder],
                           stdout=subprocess.DEVNULL, check=True)
            there = {path.name for path in pathlib.Path(folder).rglob("*")}
            for page in PAGES:
                self.assertIn(page.name, there)
                if page.suffix in (".1", ".8"):
                    self.assertIn(page.stem, there)
            units = list(pathlib.Path(folder).rglob("*.service"))
            self.assertGreaterEqual(len(units), 3)
            for unit in units:
                program = re.search(r"^ExecStart=(\S+)", unit.read_text("utf-8"), re.MULTILINE)
                self.assertIn(os.path.basename(program.group(1)), there, unit.name)
            for schema in manual.SCHEMAS.glob("*.json"):
                self.assertIn(schema.name, there)


if __name__ == "__main__":
    unittest.main()

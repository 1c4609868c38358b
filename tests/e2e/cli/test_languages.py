"""A wrong configuration, and each program that reads it: in whose language it says what is wrong."""

import os
import subprocess
import tempfile
import unittest

BUILD = os.environ["LOQUET_BUILD"]
DEADLINE_S = 60
USAGE, CONFIGURATION = 2, 3  # the exit codes of those that say the same for both, and of the others

WRONG = "[door front]\nrelais = 17\n"
CONTROLLER = "[controller]\nspace = demo\ncontroller = front-board\n"
EN = "{path}:{line}: relais is not a key of [door front]; did you mean relay?\n"
FR = "{path}:{line}: relais n’est pas une clé de [door front] ; vouliez-vous dire relay ?\n"

FRENCH = {"LANG": "fr_FR.UTF-8"}
ENGLISH = {"LANG": "C.UTF-8"}


def teller(program):
    """What messages begin with."""
    return "loquet" if program.startswith("host/") else os.path.basename(program)


class Languages(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="loquet-languages."))
        self.path = f"{self.folder}/loquet.conf"

    def write(self, text):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)

    def run_with(self, environment, program, *words):
        return subprocess.run(
            [f"{BUILD}/{program}", "--config", self.path, *words],
            env={"PATH": "/usr/bin:/bin"} | environment, stdin=subprocess.DEVNULL,
            capture_output=True, encoding="utf-8", timeout=DEADLINE_S, check=False)

    def says(self, message, environment, line=2):
        """Each program refuses to start, and says so."""
        for code, program, *words in (
            (USAGE, "firmware/door/loquetd"),
            (USAGE, "firmware/door/loquetd", "-t"),
            (USAGE, "firmware/door/loquetd", "-T"),
            (CONFIGURATION, "firmware/reader/loquet-reader", "--reader", "in"),
            (CONFIGURATION, "firmware/link/loquet-link"),
            (USAGE, "host/cli/loquet", "config", "check"),
            (USAGE, "host/cli/loquet", "config", "check", self.path),
            (USAGE, "host/cli/loquet", "status"),
            (USAGE, "host/office/loquet-office", "run"),
        ):
            with self.subTest(program=program, words=words):
                done = self.run_with(environment, program, *words)
                told = f"{teller(program)}: " + message.format(path=self.path, line=line)
                self.assertEqual((done.stderr, done.stdout, done.returncode), (told, "", code))

    def test_the_environment_chooses_where_the_file_has_not_said(self):
        self.write(WRONG + CONTROLLER + "language = fr\n")
        for environment, message in (
            ({}, EN), (ENGLISH, EN), (FRENCH, FR), (FRENCH | {"LC_ALL": "C"}, EN),
            ({"LC_MESSAGES": "fr_BE.UTF-8"}, FR), (ENGLISH | {"LC_ALL": "fr"}, FR),
        ):
            with self.subTest(environment):
                self.says(message, environment)

    def test_the_file_chooses_once_it_has_said(self):
        for language, message, environment in (("fr", FR, ENGLISH), ("en", EN, FRENCH)):
            with self.subTest(language):
                self.write(CONTROLLER + f"language = {language}\n" + WRONG)
                self.says(message, environment, line=6)

    def test_a_language_that_was_asked_for_is_spoken_in_any_case(self):
        for program, *words in (
            ("host/cli/loquet", "config", "check"),
            ("host/cli/loquet", "config", "check", self.path),
            ("host/office/loquet-office", "now"),
        ):
            for language, other, message in (("fr", "en", FR), ("en", "fr", EN)):
                with self.subTest(program, words=words, language=language):
                    self.write(CONTROLLER + f"language = {other}\n" + WRONG)
                    done = self.run_with({"LANG": other}, program, "--lang", language, *words)
                    self.assertEqual(done.stderr, "loquet: " + message.format(path=self.path, line=6))

    def test_a_file_that_is_not_there_is_missed_in_french(self):
        self.says("{path} : ouverture impossible : aucun fichier de ce nom\n", FRENCH)
        self.says("{path}: it cannot be opened: No such file or directory\n", ENGLISH)

    def test_what_is_right_is_said_in_the_language_of_the_file(self):
        for language, told in (("fr", "{path} : correct\n"), ("en", "{path}: correct\n")):
            self.write(CONTROLLER + f"language = {language}\n[door front]\nrelay = 17\n")
            done = self.run_with({}, "firmware/door/loquetd", "-t")
            self.assertEqual((done.stdout, done.stderr, done.returncode),
                             (told.format(path=self.path), "", 0))

    def test_a_reader_and_a_password_that_are_not_there_are_missed_in_french(self):
        self.write(CONTROLLER + "language = fr\n[door front]\nrelay = 17\n[mqtt]\nhost = localhost\n"
                   f"username = u\npassword_file = {self.folder}/empty\n")
        with open(f"{self.folder}/empty", "wb"):
            pass
        done = self.run_with({}, "firmware/reader/loquet-reader", "--reader", "in")
        self.assertEqual((done.returncode, done.stderr), (
            CONFIGURATION,
            f"loquet-reader: {self.path} n’a pas de [reader in] : l’ajouter, ou corriger --reader\n"))
        done = self.run_with({}, "firmware/link/loquet-link")
        self.assertEqual((done.returncode, done.stderr), (
            CONFIGURATION,
            f"loquet-link: {self.folder}/empty : la première ligne doit être un mot de passe de 254 octets au "
            "plus\n"))


if __name__ == "__main__":
    unittest.main()

"""What explains the program: the manual page and the completion, held against the program."""

import os
import re
import subprocess
import unittest

from clirig import DEADLINE_S, LOQUET, CliTest

SOURCE = os.environ["LOQUET_SOURCE"]


def commands_of(overview):
    """Names and operands of every command, from the help."""
    lines = overview.split("Options of every command:")[0].splitlines()
    return [re.match(r"  ([a-z]+(?: [a-z-]+)?)(?:  | [A-Z[])", line).group(1)
            for line in lines if line[:2] == "  "]


class Manual(CliTest):
    def setUp(self):
        super().setUp()
        with open(f"{SOURCE}/loquet.1", encoding="utf-8") as file:
            self.page = file.read()

    def lint(self, page):
        return subprocess.run(["mandoc", "-Tlint", "-Wwarning"], input=page, encoding="utf-8",
                              capture_output=True, timeout=DEADLINE_S, check=False)

    def test_the_page_is_sound(self):
        done = self.lint(self.page)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_no_bracket_of_a_synopsis_stands_in_another(self):
        shown = subprocess.run(["mandoc", "-Tascii"], input=self.page, encoding="utf-8",
                               capture_output=True, timeout=DEADLINE_S, check=True).stdout
        plain = " ".join(re.sub(".\b", "", shown).split())
        self.assertIn("command sign --key file --as name [--to space/controller] [--door door]", plain)
        self.assertIn("[--seconds seconds] command", plain)
        self.assertNotRegex(plain, r"\[--[^][]*\[--")

    def test_an_unsound_page_would_be_found(self):
        self.assertNotEqual(self.lint(self.page.replace(".El\n", "", 1)).returncode, 0)

    def test_every_command_and_option_is_in_the_page(self):
        commands = commands_of(self.succeed("help"))
        self.assertIn("badge enrol", commands)
        self.assertIn("status", commands)
        for command in commands:
            entries = re.findall(rf"(?m)^\.It Cm {command}(?: .*)?$", self.page)
            self.assertTrue(entries, command)
            own = self.succeed("help", *command.split()).split("Options of every command:")[0]
            for option in re.findall(r"(?m)^  --([a-z-]+)", own):
                self.assertIn(f"Fl -{option}", entries[0])

    def test_every_command_of_the_page_is_one(self):
        commands = commands_of(self.succeed("help"))
        for entry in re.findall(r"(?m)^\.It Cm ([a-z]+(?: [a-z-]+)?)", self.page.split(".Sh JSON")[0]):
            self.assertIn(entry, commands)

    def test_global_options_and_exit_codes_are_in_the_page(self):
        overview = self.succeed("help")
        options, codes = overview.split("Options of every command:")[1].split("Exit codes:")
        for option in re.findall(r"(?m)^  --([a-z]+)", options):
            self.assertRegex(self.page, rf"(?m)^\.It Fl -{option}\b")
        listed = re.findall(r"(?m)^  (\d)  ", codes)
        self.assertEqual(listed, list("012345"))
        status = self.page.split(".Sh EXIT STATUS")[1].split(".Sh ")[0]
        self.assertEqual(re.findall(r"(?m)^\.It (\d)$", status), listed)


class Completion(CliTest):
    def complete(self, *words):
        script = (
            f'source "{SOURCE}/loquet.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _loquet; '
            'printf "%s\\n" "${COMPREPLY[@]}"'
        )
        done = subprocess.run(["bash", "-c", script, "bash", LOQUET, *words], encoding="utf-8",
                              env=self.environment(), capture_output=True, timeout=DEADLINE_S,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_words_are_completed(self):
        self.assertIn("status", self.complete(""))
        self.assertEqual(sorted(set(self.complete("mem"))), ["member"])
        self.assertEqual(self.complete("badge", "")[:2], ["enrol", "set"])
        self.assertEqual(self.complete("--json", "--config", "/x", "badge", "lo"), ["lost"])
        self.assertEqual(self.complete("open", ""), [])

    def test_options_are_completed(self):
        self.assertEqual(self.complete("journal", "export", "--pr"), ["--proof"])
        self.assertEqual(self.complete("badge", "enrol", "m1", "--val"),
                         ["--valid-from", "--valid-to", "--valid-for"])
        self.assertEqual(self.complete("--js"), ["--json"])


if __name__ == "__main__":
    unittest.main()

"""The maintainers' badges on the command line: their file, and what is asked of loquetd."""

import hashlib
import hmac
import json
import os
import stat
import unittest

from clirig import CliTest

UID = "045a5a5a5a5a5a"


class Maintainers(CliTest):
    def setUp(self):
        super().setUp()
        self.file = f"{self.folder}/maintainers"
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text.replace("[controller]\n", f"[controller]\nmaintainers = {self.file}\n"))

    def rows(self):
        with open(self.file, encoding="ascii") as file:
            return [line.split() for line in file if not line.startswith("#")]

    def remove_socket(self):
        os.unlink(f"{self.folder}/run/control.sock")

    def test_by_uid_without_loquetd(self):
        told = self.succeed("maintainer", "add", "spare", "--uid", "04:5A:5A:5A:5A:5A:5A")
        self.assertIn("spare: opens whatever else is lost\n", told)
        self.assertIn("loquetd does not know it yet", told)
        ((word, name, salt, digest),) = self.rows()
        self.assertEqual((word, name), ("maintainer", "spare"))
        self.assertEqual(digest, hmac.new(bytes.fromhex(salt), bytes.fromhex(UID),
                                          hashlib.sha256).hexdigest()[:32])
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o640)
        self.assertNotIn(UID, open(self.file, encoding="ascii").read())
        self.succeed("maintainer", "add", "second", "--uid", UID)
        self.assertNotEqual(self.rows()[0][2], self.rows()[1][2])
        self.assertEqual(self.succeed("maintainer", "list"), "spare\nsecond\n")
        self.assertEqual(self.succeed("maintainer", "list", "--json"),
                         '{"name":"spare"}\n{"name":"second"}\n')
        fake = self.loquetd([{"ok": True, "badges": 1}])
        self.assertEqual(self.succeed("maintainer", "remove", "spare"), "spare: opens no more\n")
        self.assertEqual(fake.requests, [{"do": "maintainer.read"}])
        self.assertEqual(self.succeed("maintainer", "list"), "second\n")

    def test_by_a_tap(self):
        digest = "00112233445566778899aabbccddeeff"
        fake = self.loquetd([{"ok": True, "waiting": True}, {"ok": True, "hash": digest}],
                            [{"ok": True, "badges": 1}])
        lines = self.succeed("maintainer", "add", "spare", "--reader", "front-in", "--timeout",
                             "5", "--json").splitlines()
        self.assertEqual([json.loads(line) for line in lines],
                         [{"ok": True, "waiting": True},
                          {"ok": True, "maintainers": 1, "read": True}])
        ((_, _, salt, found),) = self.rows()
        self.assertEqual(found, digest)
        self.assertEqual(fake.requests[0], {"do": "maintainer.tap", "salt": salt, "timeout_s": 5,
                                            "reader": "front-in"})

    def test_what_goes_wrong_leaves_the_file_as_it_was(self):
        self.succeed("maintainer", "add", "spare", "--uid", UID)
        before = self.rows()
        for code, words in ((1, ["add", "spare", "--uid", UID]), (1, ["remove", "nobody"]),
                            (2, ["add", "Spare", "--uid", UID]),
                            (2, ["add", "x", "--uid", "08a1b2c3"]), (2, ["add", "x", "--uid", "0"]),
                            (2, ["add", "x", "--timeout", "0"]), (3, ["add", "x"])):
            with self.subTest(words):
                self.assertEqual(self.loquet("maintainer", *words).returncode, code)
                self.assertEqual(self.rows(), before)
        for answers, code in (([{"ok": False, "error": "timeout", "text": "x"}], 4),
                              ([{"ok": True, "waiting": True},
                                {"ok": False, "error": "timeout", "text": "x"}], 4),
                              ([{"ok": True, "waiting": True}, {"ok": True, "hash": "00"}], 5)):
            fake = self.loquetd(answers)
            self.assertEqual(self.loquet("maintainer", "add", "x").returncode, code)
            self.assertEqual(self.rows(), before)
            fake.close()
            self.remove_socket()
        for number in range(7):
            self.succeed("maintainer", "add", f"n{number}", "--uid", UID)
        self.assertEqual(self.loquet("maintainer", "add", "ninth", "--uid", UID).returncode, 1)
        with open(self.file, "a", encoding="ascii") as file:
            file.write("nonsense\n")
        for words in (["list"], ["remove", "spare"], ["add", "x", "--uid", UID]):
            self.assertEqual(self.loquet("maintainer", *words).returncode, 5)
        os.chmod(self.file, 0o666)
        self.assertIn("chmod 640", self.loquet("maintainer", "list").stderr)

    def test_a_configuration_without_a_file(self):
        with open(self.config, encoding="utf-8") as file:
            text = file.read()
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text.replace(f"maintainers = {self.file}", "maintainers ="))
        self.assertEqual(self.loquet("maintainer", "list").returncode, 2)


if __name__ == "__main__":
    unittest.main()

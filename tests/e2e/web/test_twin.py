#!/usr/bin/python3
"""What the page's twin answers is what schemas/openapi.yaml says that the office answers."""

import json
import os
import pathlib
import subprocess
import unittest

from described import Described, Untrue

HERE = pathlib.Path(__file__).parent


class TwinIsOne(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.described = Described(os.environ["LOQUET_SCHEMAS"])
        cls.answers = json.loads(subprocess.run(
            ["node", HERE / "twin_answers.mjs"], capture_output=True, text=True, timeout=300, check=True).stdout)

    def check(self, path, status, body):
        self.described.check("GET", path, None, None, status, {"Content-Type": "application/json"}, body)

    def test_it_says_what_the_office_says(self):
        self.assertGreater(len(self.answers), 25)
        for path, status, body in self.answers:
            with self.subTest(path):
                self.assertEqual(status, 200)
                self.assertIsNotNone(self.described.find("GET", path))
                self.check(path, status, body)

    def test_canary_what_it_does_not_say_is_told(self):
        for path, status, body in self.answers:
            value = json.loads(body)
            if "items" in value:
                with self.subTest(path), self.assertRaises(Untrue):
                    value["items"].append({"wine": 1})
                    self.check(path, status, json.dumps(value))


if __name__ == "__main__":
    unittest.main()

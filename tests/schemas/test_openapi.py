"""schemas/openapi.yaml is an OpenAPI document, and speaks of the calls that the office answers."""

import copy
import json
import os
import pathlib
import re
import subprocess
import unittest

import yaml

FOLDER = pathlib.Path(os.environ["LOQUET_SCHEMAS"])
HERE = pathlib.Path(__file__).parent / "openapi"
SETTINGS = FOLDER.parent / "host" / "office" / "settings.def"
METHODS = {"get", "put", "post", "patch", "delete"}


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.validator = subprocess.run([HERE / "validator"], stdout=subprocess.PIPE, text=True,
                                       check=True).stdout.strip()
        cls.document = yaml.safe_load((FOLDER / "openapi.yaml").read_text("utf-8"))
        rows = subprocess.run([os.environ["LOQUET_ROUTES"]], stdout=subprocess.PIPE, text=True,
                              check=True).stdout.splitlines()
        cls.routes = {tuple(row.split()[:2]): row.split()[2] for row in rows}

    def verdict(self, document):
        done = subprocess.run(["node", HERE / "validate.mjs", self.validator],
                              input=json.dumps(document), capture_output=True, text=True,
                              check=True)
        return json.loads(done.stdout)

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if method in METHODS:
                    yield method.upper(), path, operation

    def test_it_is_an_openapi_document(self):
        verdict = self.verdict(self.document)
        self.assertEqual((verdict["valid"], verdict["version"]), (True, "3.1"), verdict["errors"])

    def test_canary_what_is_none_is_refused(self):
        for spoil in (lambda wrong: wrong.pop("info"),
                      lambda wrong: wrong.update(openapi="4.0.0"),
                      lambda wrong: wrong["paths"]["/api/v1/session"]["get"].pop("responses")
                      and wrong["paths"]["/api/v1/session"]["get"].update(responses=7)):
            wrong = copy.deepcopy(self.document)
            spoil(wrong)
            self.assertFalse(self.verdict(wrong)["valid"])

    def test_it_speaks_of_no_call_that_the_office_lacks(self):
        self.assertGreater(len(self.routes), 10)
        for method, path, operation in self.operations():
            with self.subTest("%s %s" % (method, path)):
                self.assertIn((method, path), self.routes)
                named = {scope for way in operation["security"] for scopes in way.values()
                         for scope in scopes}
                self.assertEqual(named or {"-"}, {self.routes[method, path]})

    def test_it_speaks_of_every_call(self):
        told = {(method, path) for method, path, _ in self.operations()}
        self.assertEqual(sorted(set(self.routes) - told), [])

    def test_every_call_can_be_refused(self):
        names = [operation["operationId"] for _, _, operation in self.operations()]
        self.assertEqual(len(names), len(set(names)))
        for method, path, operation in self.operations():
            with self.subTest("%s %s" % (method, path)):
                self.assertEqual(operation["responses"]["default"],
                                 {"$ref": "#/components/responses/Problem"})
        self.assertIn("application/problem+json",
                      self.document["components"]["responses"]["Problem"]["content"])

    def test_the_bounds_of_settings_are_those_of_the_program(self):
        rows = re.findall(r'^SETTING\(\w+, "(\w+)", (\w+), (\d+), (\d+), "(.*)"\)$',
                          SETTINGS.read_text("utf-8"), re.M)
        told = self.document["components"]["schemas"]["Settings"]["properties"]
        self.assertEqual(sorted(told), sorted(row[0] for row in rows))
        for key, kind, least, most, usual in rows:
            with self.subTest(key):
                self.assertEqual({
                    "NUMBER": {"type": "integer", "minimum": int(least), "maximum": int(most)},
                    "BOOL": {"type": "boolean"},
                    "WORD": {"type": "string", "enum": usual.split("|")},
                    "TEXT": {"type": "string", "maxLength": int(most)}}[kind],
                    {word: told[key][word] for word in told[key] if word != "description"})

    def test_it_is_sorted(self):
        paths = list(self.document["paths"])
        self.assertEqual(paths, sorted(paths))


if __name__ == "__main__":
    unittest.main()

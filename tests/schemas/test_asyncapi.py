"""schemas/asyncapi.yaml is an AsyncAPI document, and speaks of every schema and of no other."""

import copy
import json
import os
import pathlib
import subprocess
import unittest

import jsonschema
import yaml

FOLDER = pathlib.Path(os.environ["LOQUET_SCHEMAS"])
HERE = pathlib.Path(__file__).parent
# The file describes what is published; these lists only serve the others.
LISTS = {"cloudevents.json", "reason.json", "vocabulary.json"}


def references(value):
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "$ref":
                yield item
            else:
                yield from references(item)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)


class AsyncApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        fetched = subprocess.run([HERE / "asyncapi" / "schema"], stdout=subprocess.PIPE, text=True,
                                 check=True)
        specification = json.loads(pathlib.Path(fetched.stdout.strip()).read_text("utf-8"))
        cls.validator = jsonschema.Draft7Validator(specification)
        cls.document = yaml.safe_load((FOLDER / "asyncapi.yaml").read_text("utf-8"))

    def errors(self, document):
        return ["%s: %s" % (list(error.absolute_path), error.message[:300])
                for error in self.validator.iter_errors(document)]

    def resolve(self, reference):
        value = self.document
        for step in reference[2:].split("/"):
            value = value[step]
        return value

    def test_it_is_an_asyncapi_document(self):
        self.assertEqual([], self.errors(self.document))

    def test_every_reference_leads_somewhere(self):
        found = list(references(self.document))
        self.assertGreater(len(found), 50)
        for reference in found:
            with self.subTest(reference):
                if reference.startswith("#/"):
                    self.resolve(reference)
                else:
                    self.assertTrue((FOLDER / reference).is_file())

    def test_it_speaks_of_every_schema_and_of_no_other(self):
        told = [reference for reference in references(self.document)
                if not reference.startswith("#")]
        there = [path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.json")]
        self.assertEqual(sorted(told), sorted(set(there) - LISTS))

    def test_every_event_is_a_message_of_the_topic_events(self):
        messages = self.document["channels"]["events"]["messages"]
        types = [self.resolve(message["$ref"])["name"] for message in messages.values()]
        self.assertEqual(sorted(types),
                         sorted(path.stem for path in (FOLDER / "events").glob("*.json")))
        for message in messages.values():
            message = self.resolve(message["$ref"])
            schema = json.loads((FOLDER / message["payload"]["schema"]["$ref"]).read_text("utf-8"))
            self.assertEqual(message["title"], schema["title"])
            self.assertEqual(message["name"], schema["properties"]["type"]["const"])

    def test_no_message_and_no_channel_is_left_over(self):
        used = set(references(self.document))
        for kind in ("messages", "messageTraits", "securitySchemes"):
            for name in self.document["components"][kind]:
                self.assertIn("#/components/%s/%s" % (kind, name), used)
        for name in self.document["channels"]:
            self.assertIn("#/channels/" + name, used)

    def test_a_parameter_stands_in_its_address(self):
        for channel in self.document["channels"].values():
            for name in channel["parameters"]:
                self.assertIn("{%s}" % name, channel["address"])
            self.assertEqual(channel["address"].count("{"), len(channel["parameters"]))

    def test_canary_what_is_no_asyncapi_document_is_refused(self):
        def spoil(*path, value):
            wrong = copy.deepcopy(self.document)
            part = wrong
            for step in path[:-1]:
                part = part[step]
            part[path[-1]] = value
            return self.errors(wrong)

        self.assertNotEqual([], spoil("asyncapi", value="2.6.0"))
        self.assertNotEqual([], spoil("info", value={"title": "no version"}))
        self.assertNotEqual([], spoil("operations", "publishEvents", "action", value="shout"))
        self.assertNotEqual([], spoil("channels", "events", "adress", value="x"))
        self.assertNotEqual([], spoil(
            "operations", "publishEvents", "bindings", "mqtt", "qos", value=3))
        self.assertNotEqual([], spoil("components", "messages", "state", "title", value=7))


if __name__ == "__main__":
    unittest.main()

"""Every event that the program can write fits its schema, and what does not fit is refused."""

import collections
import copy
import json
import os
import pathlib
import re
import subprocess
import unittest

import eventschema

FOLDER = pathlib.Path(os.environ["LOQUET_SCHEMAS"])
BODIES = os.environ["LOQUET_BODIES"]
LOQUET = os.environ["LOQUET_CLI"]

# What each field of event.def is called in a body.
FIELDS = {
    "DOOR": ["door"], "ACCESS_POINT": ["accessPoint"], "ZONE": ["zone"], "READER": ["reader"],
    "TRANSACTION": ["transaction"], "REASON": ["reason"], "CREDENTIAL": ["credential"],
    "HOLDER": ["holder"], "METHOD": ["method"], "STATE": ["credentialState"],
    "STAGES": ["stagesUs"], "CAUSE": ["cause"], "ACTION": ["action"], "ACTOR": ["actor"],
    "RECORDED": ["recorded"], "EXPECTED": ["expected"], "COUNT": ["count"], "LOST": ["lost"],
    "WAITED": ["waitedMs"], "SEQ": ["seq"], "HEAD": ["headSeq", "headHash"],
    "SIGNATURE": ["signature"], "PUBLIC_KEY": ["publicKey"], "VERSION": ["version"],
    "TEXT": ["text"], "MODE": ["mode"], "NONCE": ["nonce"], "PASSBACK": ["passback"],
    "IMPORTED": ["added", "changed", "disabled"], "ROSTER": ["rosterVersion", "parts", "persons", "badges"],
    "USES": ["usesLeft"],
}


def bodies(mode):
    return subprocess.run([BODIES, mode], capture_output=True, check=True).stdout.splitlines()


def data_schema(document):
    return document["properties"]["data"]


class Documents(unittest.TestCase):
    """The schemas themselves."""

    def setUp(self):
        self.schemas = eventschema.Schemas(FOLDER)

    def test_they_are_json_schemas(self):
        for name, document in self.schemas.documents.items():
            with self.subTest(name):
                self.assertEqual(document["$schema"],
                                 "https://json-schema.org/draft/2020-12/schema")
                self.schemas.validator(name).check_schema(document)

    def test_they_name_each_other_and_nothing_else(self):
        for name, document in self.schemas.documents.items():
            for reference in re.findall(r'"\$ref": "([^"]*)"', json.dumps(document)):
                path, _, pointer = reference.partition("#")
                target = os.path.normpath(os.path.join(os.path.dirname(name), path))
                value = self.schemas.documents[target]
                for step in pointer.split("/")[1:]:
                    value = value[step]

    def test_every_object_is_closed_and_every_field_is_explained(self):
        def walk(name, schema, path):
            for key, value in schema.get("properties", {}).items():
                with self.subTest(name, field=path + key):
                    if path + key != "type":
                        self.assertGreater(len(value.get("description", "")), 5)
                    if value.get("type") == "object" and path + key != "data":
                        self.assertIs(value["additionalProperties"], False)
                walk(name, value, path + key + ".")

        for name, document in self.schemas.documents.items():
            walk(name, document, "")
            if name.startswith("events/"):
                self.assertGreater(len(document["title"]), 5)
                self.assertGreater(len(document["description"]), 20)
                self.assertIs(document["unevaluatedProperties"], False)
                self.assertIs(data_schema(document)["additionalProperties"], False)

    def test_a_number_says_its_unit(self):
        units = re.compile(r"microsecond|millisecond|How often|Events that|[Rr]ow|until|Until|"
                           r"decision|parts|persons|badges|a higher one")
        for name, document in self.schemas.documents.items():
            for key, value in document.get("properties", {}).get("data", {}).get(
                    "properties", {}).items():
                if value.get("type") == "integer" or key == "stagesUs":
                    with self.subTest(name, field=key):
                        self.assertRegex(value["description"], units)

    def test_a_field_has_one_form_wherever_it_stands(self):
        forms = collections.defaultdict(set)
        for name in self.schemas.events():
            data = data_schema(self.schemas.documents["events/%s.json" % name])
            for key, value in data["properties"].items():
                form = {k: v for k, v in value.items() if k != "description"}
                if "allOf" not in form and key not in ("reason", "stagesUs"):
                    forms[key].add(json.dumps(form, sort_keys=True))
        self.assertEqual({}, {key: form for key, form in forms.items() if len(form) > 1})


class Types(unittest.TestCase):
    """Schemas and event.def, in both directions."""

    def setUp(self):
        self.schemas = eventschema.Schemas(FOLDER)
        self.rows = dict(line.decode().split(" ", 1) for line in bodies("types"))

    def test_no_type_without_a_schema_and_no_schema_without_a_type(self):
        self.assertEqual(sorted("org.loquet.%s.v1" % name for name in self.rows),
                         sorted(self.schemas.events()))

    def test_a_schema_has_the_fields_of_its_type(self):
        for name, mask in self.rows.items():
            fields = [field for word in mask.split(" | ") for field in FIELDS[word]]
            document = self.schemas.documents["events/org.loquet.%s.v1.json" % name]
            with self.subTest(name):
                self.assertEqual(sorted(fields), sorted(data_schema(document)["properties"]))

    def test_the_reasons_are_those_of_the_program_and_of_the_command_line(self):
        reasons = [line.decode() for line in bodies("reasons")]
        self.assertEqual(self.schemas.documents["reason.json"]["enum"], reasons)
        printed = subprocess.run([LOQUET, "reasons", "--schema"], capture_output=True, check=True)
        self.assertEqual((FOLDER / "reason.json").read_bytes(), printed.stdout)


class Variants(unittest.TestCase):
    """Bodies of every type in every combination of what may be there and what not."""

    @classmethod
    def setUpClass(cls):
        cls.schemas = eventschema.Schemas(FOLDER)
        cls.lines = sorted(set(bodies("variants")))
        cls.events = [eventschema.parse(line) for line in cls.lines]

    def test_they_fit(self):
        self.assertGreater(len(self.lines), 1000)
        for event in self.events:
            self.schemas.check_value(event)

    def test_what_must_be_there_always_is_and_what_may_lack_sometimes_does(self):
        always, ever = {}, collections.defaultdict(set)
        for event in self.events:
            fields = set(event["data"])
            always[event["type"]] = always.get(event["type"], fields) & fields
            ever[event["type"]] |= fields
        for name in self.schemas.events():
            data = data_schema(self.schemas.documents["events/%s.json" % name])
            with self.subTest(name):
                self.assertEqual(sorted(ever[name]), sorted(data["properties"]))
                self.assertEqual(sorted(always[name]), sorted(data.get("required", [])))

    def test_every_word_is_in_the_vocabulary_and_the_vocabulary_has_no_other(self):
        known = collections.defaultdict(set)
        used = collections.defaultdict(set)
        vocabulary = self.schemas.documents["vocabulary.json"]["$defs"]
        for event in self.events:
            properties = data_schema(
                self.schemas.documents["events/%s.json" % event["type"]])["properties"]
            for key, value in event["data"].items():
                reference = properties[key].get("allOf", [{}])[0].get("$ref", "")
                if "vocabulary" in reference:
                    used[reference.rsplit("/", 1)[1]].add(value)
        for name, words in vocabulary.items():
            known[name] = {word["const"] for word in words["oneOf"]}
            self.assertTrue(all(len(word["description"]) > 5 for word in words["oneOf"]))
        used["commandError"] = known["commandError"]  # of answers, which are no events
        self.assertEqual(known, used)
        self.assertEqual(known["stallCause"], {line.decode() for line in bodies("stalls")})


class Examples(unittest.TestCase):
    def setUp(self):
        self.schemas = eventschema.Schemas(FOLDER)
        self.file = FOLDER / "examples" / "events.jsonl"

    def test_the_program_writes_exactly_these(self):
        def of_any_version(lines):
            return [re.sub(rb'"version":"[0-9.]+"', b'"version":"x"', line) for line in lines]

        self.assertEqual(of_any_version(self.file.read_bytes().splitlines()),
                         of_any_version(bodies("examples")),
                         "write it again: bodies examples > schemas/examples/events.jsonl")

    def test_there_is_one_of_each_type_and_it_fits(self):
        events = [self.schemas.check(line) for line in self.file.read_bytes().splitlines()]
        self.assertEqual(sorted(event["type"] for event in events), sorted(self.schemas.events()))


def mutations(event, schemas):
    """What a schema must refuse, each with a name."""
    for part, path in ((event, ""), (event["data"], "data.")):
        for key in part:
            required = path == "" or key in data_schema(
                schemas.documents["events/%s.json" % event["type"]]).get("required", [])
            if required:
                yield "without " + path + key, path, lambda p, key=key: p.pop(key)
            for wrong in (None, 1.5, -1, [], {"no": "thing"}, "", "a word that nobody uses", True):
                if isinstance(part[key], dict) and wrong == {}:
                    continue
                if isinstance(wrong, bool) and isinstance(part[key], bool):
                    continue
                if isinstance(wrong, str) and wrong and key == "text":
                    continue
                yield ("%s%s = %r" % (path, key, wrong), path,
                       lambda p, key=key, wrong=wrong: p.update({key: wrong}))
        yield "one field more in " + (path or "the envelope"), path, \
            lambda p: p.update(uid="04a1b2c3d4e5f6")


class Refusals(unittest.TestCase):
    """The canary of all of the above: a schema that lets everything pass would fail here."""

    def setUp(self):
        self.schemas = eventschema.Schemas(FOLDER)
        self.events = [eventschema.parse(line) for line in bodies("examples")]

    def test_a_body_with_anything_wrong_is_refused(self):
        count = 0
        for event in self.events:
            for name, path, change in mutations(event, self.schemas):
                wrong = copy.deepcopy(event)
                change(wrong if path == "" else wrong["data"])
                with self.subTest(event["type"], change=name):
                    self.assertRaises(eventschema.Invalid, self.schemas.check_value, wrong)
                count += 1
        self.assertGreater(count, 1500)

    def test_a_denial_is_no_grant_and_a_grant_no_denial(self):
        by_type = {event["type"]: event for event in self.events}
        reasons = self.schemas.documents["reason.json"]["enum"]
        for reason in reasons:
            if reason == "loquet:Maintainer":
                continue
            granted = copy.deepcopy(by_type["org.loquet.access.granted.v1"])
            denied = copy.deepcopy(by_type["org.loquet.access.denied.v1"])
            granted["data"]["reason"] = denied["data"]["reason"] = reason
            refused = denied if reason == "Granted" else granted
            fits = granted if reason == "Granted" else denied
            self.schemas.check_value(fits)
            self.assertRaises(eventschema.Invalid, self.schemas.check_value, refused)

    def test_a_maintainers_badge_is_neither_granted_nor_denied(self):
        by_type = {event["type"]: event for event in self.events}
        for noun in ("granted", "denied"):
            wrong = copy.deepcopy(by_type["org.loquet.access.%s.v1" % noun])
            wrong["data"]["reason"] = "loquet:Maintainer"
            self.assertRaises(eventschema.Invalid, self.schemas.check_value, wrong)
        for key in ("reason", "cause"):
            wrong = copy.deepcopy(by_type["org.loquet.access.overridden.v1"])
            wrong["data"][key] = "Granted"
            self.assertRaises(eventschema.Invalid, self.schemas.check_value, wrong)

    def test_a_badge_is_named_with_its_member_or_not_at_all(self):
        denied = next(e for e in self.events if e["type"] == "org.loquet.access.denied.v1")
        for key in ("credential", "holder", "credentialState"):
            wrong = copy.deepcopy(denied)
            del wrong["data"][key]
            self.assertRaises(eventschema.Invalid, self.schemas.check_value, wrong)

    def test_what_is_not_one_json_object_is_refused(self):
        line = bodies("examples")[0]
        for wrong in (b"", line[:-1], line + line, b"\xff" + line, b"[]",
                      line.replace(b'"data":{', b'"type":"x","data":{')):
            with self.subTest(wrong[:20]):
                self.assertRaises(eventschema.Invalid, self.schemas.check, wrong)


if __name__ == "__main__":
    unittest.main()

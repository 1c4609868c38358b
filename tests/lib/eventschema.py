"""Checks events against schemas/: for any test that comes by published bodies.

    schemas = eventschema.Schemas("/path/to/schemas")
    schemas.check(b'{"specversion":"1.0",…}')      # raises eventschema.Invalid
"""

import json
import pathlib

import jsonschema


class Invalid(AssertionError):
    pass


def _only_here(uri):
    raise Invalid("%s is not in the folder of schemas" % uri)


def _reject_twice(pairs):
    object_ = dict(pairs)
    if len(object_) != len(pairs):
        raise Invalid("a key stands twice in %r" % (pairs,))
    return object_


def parse(body):
    """One JSON object without duplicate keys; body is bytes."""
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=_reject_twice)
    except ValueError as error:
        raise Invalid("%s: %r" % (error, body)) from error


class Schemas:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.documents = {
            path.relative_to(self.folder).as_posix(): json.loads(path.read_text("utf-8"))
            for path in sorted(self.folder.rglob("*.json"))}
        self._validators = {}

    def events(self):
        """The types that have a schema."""
        return [name[len("events/"):-len(".json")]
                for name in self.documents if name.startswith("events/")]

    def validator(self, name):
        """For the file schemas/<name>."""
        if name not in self._validators:
            document = self.documents[name]
            store = {(self.folder / other).as_uri(): schema
                     for other, schema in self.documents.items()}
            resolver = jsonschema.RefResolver(
                (self.folder / name).as_uri(), document, store=store,
                handlers={scheme: _only_here for scheme in ("file", "http", "https")})
            self._validators[name] = jsonschema.Draft202012Validator(
                document, resolver=resolver, format_checker=jsonschema.FormatChecker())
        return self._validators[name]

    def check_document(self, name, value):
        errors = sorted(self.validator(name).iter_errors(value),
                        key=lambda error: error.message)
        if errors:
            raise Invalid("%s: %s\n%s" % (
                name, "; ".join("%s: %s" % ("/".join(map(str, error.absolute_path)) or "whole",
                                            error.message) for error in errors),
                json.dumps(value)))

    def check_value(self, event):
        if not isinstance(event, dict):
            raise Invalid("an event is an object, not %r" % (event,))
        name = "events/%s.json" % event.get("type")
        if name not in self.documents:
            raise Invalid("no schema for the type %r" % event.get("type"))
        self.check_document(name, event)

    def check(self, body):
        """Returns the event."""
        event = parse(body)
        self.check_value(event)
        return event

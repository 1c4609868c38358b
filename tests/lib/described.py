"""Holds what a client and the office say to each other against schemas/openapi.yaml.

    described = Described("/path/to/schemas")
    described.check("GET", "/api/v1/now", None, None, 200, headers, body)   # raises Untrue
    described.calls - described.done                                        # what nobody called
"""

import json
import pathlib
import re
import urllib.parse

import jsonschema
import yaml

METHODS = {"get", "put", "post", "patch", "delete"}


class Untrue(AssertionError):
    """What is said of a call is not so."""


class Described:
    def __init__(self, folder, document=None):
        self.document = document or yaml.load(
            (pathlib.Path(folder) / "openapi.yaml").read_text("utf-8"),
            getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.calls = {(method.upper(), path) for path, item in self.document["paths"].items()
                      for method in item if method in METHODS}
        self.done = set()  # those that were answered with what they promise
        self._resolver = jsonschema.RefResolver.from_schema(self.document)
        self._validators = {}
        self._paths = sorted(((self._pattern(path), path) for path in self.document["paths"]),
                             key=lambda pair: -len(re.sub(r"{.*?}", "", pair[1])))

    @staticmethod
    def _pattern(path):
        parts = re.split(r"({[a-z]+})", path)
        return re.compile("".join("(?P<%s>[^/]+)" % part[1:-1] if part.startswith("{")
                                  else re.escape(part) for part in parts))

    def find(self, method, target):
        """(path, item, parameters of the path), or None for what is not described."""
        there = urllib.parse.urlsplit(target).path
        for pattern, path in self._paths:
            match = pattern.fullmatch(there)
            if match and method.lower() in self.document["paths"][path]:
                values = {key: urllib.parse.unquote(value)
                          for key, value in match.groupdict().items()}
                return path, self.document["paths"][path], values
        return None

    def objections(self, schema, value):
        """What a schema of the document has against a value, as sentences."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            self._validators[key] = jsonschema.Draft202012Validator(
                schema, resolver=self._resolver, format_checker=jsonschema.FormatChecker())
        return ["%s: %s" % ("/".join(map(str, error.absolute_path)) or "whole", error.message)
                for error in self._validators[key].iter_errors(value)]

    def objections_to_body(self, method, target, content_type, body):
        """What the description has against a body that is to be sent."""
        _, item, _ = self.find(method, target)
        told = item[method.lower()].get("requestBody")
        if body is None or told is None:
            return ["a body is needed"] if told is not None and told["required"] else \
                ["no body is told of"] if body is not None else []
        content = told["content"].get((content_type or "").split(";")[0])
        if content is None:
            return ["the type %s is not told of" % content_type]
        if content_type.startswith("application/json"):
            return self.objections(content["schema"], json.loads(body))
        return []

    # ---- an exchange ----

    def check(self, method, target, content_type, body, status, headers, answer):
        found = self.find(method, target)
        said = "%s %s: %d" % (method, target, status)
        if status >= 400:
            self._check_problem(said, target, status, headers, answer)
        elif found is not None:
            self._check_request(said, method, target, found, content_type, body)
            self._check_answer(said, found[1][method.lower()], status, headers, answer)
            self.done.add((method, found[0]))

    def _expect(self, said, objections, value):
        if objections:
            raise Untrue("%s: %s\n%s" % (said, "; ".join(objections), str(value)[:2000]))

    def _check_problem(self, said, target, status, headers, answer):
        schema = self.document["components"]["schemas"]["Problem"]
        self._expect(said, [] if headers["Content-Type"] == "application/problem+json" else
                     ["it is no problem by its type"], headers["Content-Type"])
        problem = json.loads(answer)
        self._expect(said, self.objections({"$ref": "#/components/schemas/Problem"}, problem),
                     problem)
        self._expect(said, ["%s is not told of" % key for key in problem
                            if key not in schema["properties"]], problem)
        if problem["status"] != status:
            raise Untrue("%s: the problem says %d" % (said, problem["status"]))
        if problem["instance"] != target.split("?")[0]:
            raise Untrue("%s: the problem is of %s" % (said, problem["instance"]))

    def _check_request(self, said, method, target, found, content_type, body):
        _, item, values = found
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query,
                                            keep_blank_values=True))
        told = item.get("parameters", []) + item[method.lower()].get("parameters", [])
        known = {parameter["name"] for parameter in told if parameter["in"] == "query"}
        self._expect(said, ["%s is not told of" % key for key in query if key not in known], query)
        for parameter in told:
            given = {"path": values, "query": query}.get(parameter["in"], {})
            if parameter["name"] in given:
                value = given[parameter["name"]]
                if parameter["schema"].get("type") == "integer":
                    value = int(value)
                self._expect(said, self.objections(parameter["schema"], value), value)
            elif parameter.get("required"):
                raise Untrue("%s was taken without %s" % (said, parameter["name"]))
        self._expect(said + ", as sent", self.objections_to_body(
            method, target, content_type, body), body)

    def _check_answer(self, said, operation, status, headers, answer):
        told = operation["responses"].get(str(status))
        if told is None:
            raise Untrue("%s is not told of" % said)
        for name in told.get("headers", {}):
            if not headers.get(name):
                raise Untrue("%s without %s" % (said, name))
        content = told.get("content")
        if content is None:
            self._expect(said, ["there is a body"] if answer else [], answer)
            return
        kind = (headers["Content-Type"] or "").split(";")[0]
        if kind not in content:
            raise Untrue("%s is %s" % (said, kind))
        if kind == "application/json":
            value = json.loads(answer)
            self._expect(said, self.objections(content[kind]["schema"], value), value)

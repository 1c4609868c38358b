#!/usr/bin/python3
"""Writes the parts of the manual pages that are made from tables.

    manual.py --loquet PROGRAM           says which pages differ: exit 0 when none does, else 1
    manual.py --loquet PROGRAM --write   writes them again

Such a part stands between the comments 'begin NAME' and 'end' of a page.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ROOT / "firmware" / "man"
SCHEMAS = ROOT / "schemas"
PART = re.compile(r'(?P<begin>^\.\\" begin (?P<name>[a-z_ ]+)\n)(?P<text>.*?)(?P<end>^\.\\" end$)',
                  re.MULTILINE | re.DOTALL)


def escape(text):
    return text.replace("\\", "\\e").replace("'", "\\(aq").replace("-", "\\-")


def prose(text):
    """One sentence a line, as mdoc wants it."""
    return "".join(escape(sentence) + "\n" for sentence in re.split(r"(?<=\.) (?=[A-Z])", text))


def load(name):
    return json.loads((SCHEMAS / name).read_text("utf-8"))


def fields(schema):
    """A list of the fields of an object."""
    text = ".Bl -tag -width Ds\n"
    for name, field in schema["properties"].items():
        absent = name not in schema.get("required", [])
        text += ".It Va %s%s\n" % (name, " Pq may be absent" if absent else "")
        text += prose(field["description"])
        if "const" in field:
            text += "Always\n.Ql %s .\n" % escape(str(json.dumps(field["const"])).strip('"'))
        if "enum" in field and not any(word in field["description"] for word in field["enum"]):
            text += "One of %s.\n" % ", ".join(field["enum"])
        if "items" in field:
            text += fields(field["items"])
        if "properties" in field and all("description" in each for each in field["properties"].values()):
            text += fields(dict(field, required=list(field["properties"])))
    return text + ".El\n"


def envelope():
    return fields(load("cloudevents.json"))


def example():
    line = (SCHEMAS / "examples" / "events.jsonl").read_text("utf-8").splitlines()[0]
    event = json.loads(line)
    data = event.pop("data")
    rows = ["{" + ",\n ".join('"%s": %s' % (key, json.dumps(value))
                              for key, value in event.items()) + ",", ' "data": {']
    rows += [",\n".join('  "%s": %s' % (key, json.dumps(value)) for key, value in data.items()),
             " }", "}"]
    return ".Bd -literal -offset indent\n%s\n.Ed\n" % escape("\n".join(rows))


def topic(name):
    document = load(name)
    text = prose(document["description"]) if name in ("state.json", "door_state.json", "health.json",
                                                             "occupancy.json") else ""
    choices = document.get("oneOf", [document])
    text += ".Pp\nEither:\n" if len(choices) > 1 else ""
    return text + ".Pp\nOr:\n".join(fields(choice) for choice in choices)


def events():
    order = re.findall(r'"type":"org\.loquet\.([a-z_.]+)\.v1"',
                       (SCHEMAS / "examples" / "events.jsonl").read_text("utf-8"))
    text = ""
    for name in order:
        document = load("events/org.loquet.%s.v1.json" % name)
        text += ".Ss %s\n" % name + prose(document["title"] + ". " + document["description"])
        text += fields(document["properties"]["data"])
    return text


def words():
    text = ""
    for definition in load("vocabulary.json")["$defs"].values():
        text += ".Ss %s\n.Bl -tag -width Ds -compact\n" % definition["description"].rstrip(".")
        for word in definition["oneOf"]:
            text += ".It %s\n%s" % (escape(word["const"]), prose(word["description"]))
        text += ".El\n"
    return text


def output(loquet, *arguments):
    return subprocess.run([loquet, "--lang", "en", *arguments], capture_output=True, text=True,
                          check=True).stdout


def reasons(loquet):
    text = ".Bl -tag -width Ds -compact\n"
    for line in output(loquet, "--json", "reasons").splitlines():
        row = json.loads(line)
        text += ".It %s\n%s" % (row["reason"], prose(row["en"]))
    return text + ".El\n"


def parts(loquet):
    return {
        "config reference": lambda: output(loquet, "config", "reference"),
        "envelope": envelope,
        "example": example,
        "state": lambda: topic("state.json"),
        "door_state": lambda: topic("door_state.json"),
        "health": lambda: topic("health.json"),
        "occupancy": lambda: topic("occupancy.json"),
        "command": lambda: topic("command.json"),
        "response": lambda: topic("response.json"),
        "events": events,
        "reasons": lambda: reasons(loquet),
        "words": words,
    }


def fill(page, made):
    """The page with its parts made anew."""
    return PART.sub(lambda part: part["begin"] + made[part["name"]]() + part["end"], page)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loquet", required=True, help="the command line, as built")
    parser.add_argument("--write", action="store_true", help="write the pages again")
    options = parser.parse_args()
    made = parts(options.loquet)
    stale = 0
    for path in sorted(PAGES.glob("*.[1-8]")):
        before = path.read_text("utf-8")
        after = fill(before, made)
        if after != before and options.write:
            path.write_text(after, "utf-8")
            print("%s written" % path.name)
        elif after != before:
            print("%s differs: write it again with --write" % path.name, file=sys.stderr)
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())

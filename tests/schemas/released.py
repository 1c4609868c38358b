#!/usr/bin/python3
"""Holds schemas/ against what was released, or releases what is new.

    released.py [--folder schemas]             every released line holds: exit 0; otherwise 1
    released.py [--folder schemas] --release   adds what is not yet released to released.txt
"""

import argparse
import hashlib
import json
import pathlib
import sys

LISTS = ("reason.json", "vocabulary.json")


def frozen(folder):
    """The files that a release freezes."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.json")
                  if path.name not in LISTS)


def words(folder):
    """(file, list, word) of everything that may grow but not shrink."""
    for name in LISTS:
        path = folder / name
        document = json.loads(path.read_text("utf-8")) if path.exists() else {}
        for word in document.get("enum", []):
            yield name, "enum", word
        for list_, definition in document.get("$defs", {}).items():
            for choice in definition["oneOf"]:
                yield name, list_, choice["const"]


def file_line(folder, name):
    return "file %s %s" % (hashlib.sha256((folder / name).read_bytes()).hexdigest(), name)


def lines(folder):
    return [line for line in (folder / "released.txt").read_text("utf-8").splitlines()
            if line and not line.startswith("#")]


def complaints(folder):
    present = {"word %s %s %s" % word for word in words(folder)}
    for line in lines(folder):
        kind, *rest = line.split(" ", 2)
        if kind == "word":
            if line not in present:
                yield "%s is no longer there: a released word stays" % line
        elif kind == "file" and len(rest) == 2:
            path = folder / rest[1]
            if not path.exists():
                yield "%s is gone: a released schema stays" % rest[1]
            elif file_line(folder, rest[1]) != line:
                yield ("%s was edited after its release: leave it as it was, and write the new "
                       "form beside it as .v2" % rest[1])
        else:
            yield "released.txt: %r is neither file nor word" % line


def release(folder):
    there = lines(folder)
    names = {line.split(" ", 2)[2] for line in there if line.startswith("file ")}
    new = [file_line(folder, name) for name in frozen(folder) if name not in names]
    new += [line for line in ("word %s %s %s" % word for word in words(folder))
            if line not in there]
    with open(folder / "released.txt", "a", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in new)
    return len(new)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2] / "schemas")
    parser.add_argument("--release", action="store_true", help="add what is not yet released")
    options = parser.parse_args()
    found = list(complaints(options.folder))
    for complaint in found:
        print(complaint, file=sys.stderr)
    if found:
        return 1
    if options.release:
        print("%d lines added to %s" % (release(options.folder), options.folder / "released.txt"))
    return 0


if __name__ == "__main__":
    sys.exit(main())

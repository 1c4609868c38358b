"""What ARCHITECTURE.md says can be seen is there: every test that a page names, and behind each feature
that a door system offers a test, a command, a key, a file, an event or a topic that exists.

    features.py ROOT BUILD LOQUET
"""

import collections
import json
import os
import re
import subprocess
import sys

PAGES = ("ARCHITECTURE.md", "README.md", "SECURITY.md")
TABLE = "## What a door system offers"
KINDS = "unit|e2e|contract|machine|property|schemas|tidy|bench|pn532sim|fuzz|sanitize"
TEST = re.compile(rf"(?:{KINDS})(?:\.[a-z0-9_-]+)+")
NO = re.compile(r"no\b")

# tests, keys, events, topics: names; runs(words): whether loquet knows the command and its options
There = collections.namedtuple("There", "root tests keys events topics runs")


def quoted(text):
    return re.findall(r"`([^`]+)`", text)


def is_test(item):
    return TEST.fullmatch(item) and not item.endswith((".c", ".py", ".yaml"))


def rows(text):
    """The cells of each row of the table, without its head."""
    table = text[text.index(TABLE):].split("\n\n", 2)[1]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in table.splitlines()[2:]]


def is_there(there, item):
    words = item.split()
    if is_test(item):
        return item in there.tests
    if words[0] == "loquet":
        return there.runs(words[1:])
    return (item.split("=")[0].strip() in there.keys or item in there.events or item in there.topics or
            os.path.exists(os.path.join(there.root, item)) or is_unit_setting(there.root, item))


def is_unit_setting(root, item):
    folder = os.path.join(root, "firmware/systemd")
    if "=" not in item or not os.path.isdir(folder):
        return False
    lines = set()
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            lines.update(file.read().splitlines())
    return item in lines


def findings(there):
    found = []
    for page in PAGES:
        with open(os.path.join(there.root, page), encoding="utf-8") as file:
            text = file.read()
        found += [f"{page}: there is no test {item}" for item in quoted(text)
                  if is_test(item) and item not in there.tests]
        if TABLE not in text:
            continue
        for feature, here, see in rows(text):
            if not see and not NO.match(here):
                found.append(f"{page}: {feature}: where can that be seen?")
            found += [f"{page}: {feature}: there is no {item}" for item in quoted(see)
                      if not is_there(there, item) and not is_test(item)]
    return found


def runs(loquet):
    def run(words):
        options = [word for word in words if word.startswith("--")]
        command = [word for word in words if not word.startswith("--")]
        done = subprocess.run([loquet, "--lang", "en", *command, "--help"], capture_output=True, text=True,
                              check=False)
        return done.returncode == 0 and all(option in done.stdout for option in options)
    return run


def gather(root, build, loquet):
    listed = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], capture_output=True,
                            text=True, check=True)
    reference = subprocess.run([loquet, "config", "reference"], capture_output=True, text=True, check=True)
    with open(os.path.join(root, "schemas/asyncapi.yaml"), encoding="utf-8") as file:
        addresses = re.findall(r"^    address: \S*?([a-z]+)$", file.read(), re.MULTILINE)
    return There(
        root=root,
        tests={test["name"] for test in json.loads(listed.stdout)["tests"]},
        keys=set(re.findall(r"^\.It Cm (\S+)", reference.stdout, re.MULTILINE)),
        events={name[len("org.loquet."):-len(".v1.json")]
                for name in os.listdir(os.path.join(root, "schemas/events"))},
        topics=set(addresses),
        runs=runs(loquet))


if __name__ == "__main__":
    sys.exit("\n".join(findings(gather(*sys.argv[1:]))) or 0)

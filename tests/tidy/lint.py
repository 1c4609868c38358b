"""clang-tidy over every file that is compiled, as .clang-tidy says.

    lint.py ROOT BUILD

One process a file: together in one, clang-tidy 14 takes a va_list of one file for uninitialised
because of another.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys

JOBS = 2
FINDING = re.compile(r"^(?P<where>\S+:\d+:\d+): (error|warning): (?P<what>.*)$")


def sources(root, build):
    """The compile command of each file of the project; what a build makes is not written by hand."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        commands = json.load(file)
    root = os.path.join(os.path.realpath(root), "")
    build = os.path.join(os.path.realpath(build), "")
    found = {}
    for command in commands:
        path = os.path.realpath(os.path.join(command["directory"], command["file"]))
        if path.startswith(root) and not path.startswith(build):
            found[path] = {"arguments": shlex.split(command["command"]), **command}
    return found


def findings_of(path, options, flags=()):
    done = subprocess.run(
        ["clang-tidy", "--quiet", *options, path, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = [line for line in done.stdout.splitlines() if FINDING.match(line)]
    if done.returncode != 0 and not lines:
        raise RuntimeError(f"{path}: {done.stdout}")
    return lines


def without_outputs(arguments):
    """The command without the files that it would write."""
    left = []
    rest = iter(arguments)
    for argument in rest:
        if argument in ("-o", "-MF", "-MT"):
            next(rest)
        elif argument != "-MD":
            left.append(argument)
    return left


def fingerprint(command, rules):
    """All that the verdict on a file rests on: the rules, and its text with every header, comment
    and macro definition."""
    arguments = without_outputs(command["arguments"])
    text = subprocess.run(
        [*arguments, "-E", "-C", "-dD", "-o", "-"],
        cwd=command["directory"],
        stdout=subprocess.PIPE,
        check=True,
    )
    return hashlib.sha256(rules + " ".join(arguments).encode() + text.stdout).hexdigest()


def rules_of(root):
    with open(os.path.join(root, ".clang-tidy"), "rb") as file:
        rules = file.read()
    version = subprocess.run(["clang-tidy", "--version"], stdout=subprocess.PIPE, check=True)
    return rules + version.stdout


def findings(root, build):
    """What was found clean is not looked at again until something about it has changed."""
    commands = sources(root, build)
    if not commands:
        raise RuntimeError("nothing is compiled")
    rules = rules_of(root)
    clean = os.path.join(build, "tidy-clean")
    os.makedirs(clean, exist_ok=True)

    def look(path):
        note = os.path.join(clean, fingerprint(commands[path], rules))
        if os.path.exists(note):
            return []
        lines = findings_of(path, ["-p", build])
        if not lines:
            with open(note, "w", encoding="utf-8") as file:
                file.write(path)
        return lines

    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        return sorted({line for lines in pool.map(look, sorted(commands)) for line in lines})


if __name__ == "__main__":
    sys.exit("\n".join(findings(sys.argv[1], sys.argv[2])) or 0)

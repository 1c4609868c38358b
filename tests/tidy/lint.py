"""clang-tidy over every file that is compiled, as .clang-tidy says.

    lint.py ROOT BUILD [FILE]

FILE alone, where the rest of the build is linted as a part of another. What was found clean is noted in ${LOQUET_CACHE:-~/.cache/loquet}/tidy, for other clones too.

One process a file: together in one, clang-tidy 14 takes a va_list of one file for uninitialised
because of another.
"""

import concurrent.futures
import hashlib
import json
import math
import os
import re
import shlex
import subprocess
import sys
import time

JOBS = 2
NOTE_AGE_S = 30 * 24 * 3600
FINDING = re.compile(r"^(?P<where>\S+:\d+:\d+): (error|warning): (?P<what>.*)$")

DEPENDENCIES = re.compile(r"^(?P<object>.+): #deps \d+, deps mtime (?P<time>\d+) \(VALID\)$")


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


def output_of(arguments):
    return arguments[arguments.index("-o") + 1]


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


class Contents:
    """What stands in files, as hashes; each file is read once."""

    def __init__(self):
        self.known = {}

    def look(self, path):
        """When the file was written last, and its hash. A file that is gone is newer than any."""
        if path not in self.known:
            try:
                with open(path, "rb") as file:
                    self.known[path] = (os.fstat(file.fileno()).st_mtime_ns,
                                        hashlib.sha256(file.read()).digest())
            except FileNotFoundError:
                self.known[path] = (math.inf, b"")
        return self.known[path]


def dependencies(build):
    """For each object: when it was made, and the files that it was compiled from."""
    if not os.path.exists(os.path.join(build, ".ninja_deps")):
        return {}
    told = subprocess.run(
        ["ninja", "-C", build, "-t", "deps"], stdout=subprocess.PIPE, text=True, check=True)
    found = {}
    for block in told.stdout.split("\n\n"):
        first, *names = block.splitlines() or [""]
        noted = DEPENDENCIES.match(first)
        if noted:
            found[noted["object"]] = (int(noted["time"]), [name.strip() for name in names])
    return found


def compiled_from(command, needed, contents):
    """The file and its headers with their hashes; None where the build is older than one of them."""
    made, names = needed.get(output_of(command["arguments"]), (0, []))
    paths = [os.path.normpath(os.path.join(command["directory"], name)) for name in names]
    if not paths or any(contents.look(path)[0] > made for path in paths):
        return None
    return b"".join(path.encode() + contents.look(path)[1] for path in paths)


def text_of(command, arguments):
    """The text of a file with every header, comment and macro definition."""
    text = subprocess.run(
        [*arguments, "-E", "-C", "-dD", "-o", "-"],
        cwd=command["directory"],
        stdout=subprocess.PIPE,
        check=True,
    )
    return text.stdout


def fingerprint(command, needed, contents, rules, root):
    """All that the verdict on a file rests on: the rules, the command, and the file with every
    header. The compiler is asked for them only where the build cannot tell, for that takes its
    time. Not where the clone stands."""
    arguments = without_outputs(command["arguments"])
    basis = " ".join(arguments).encode()
    basis += compiled_from(command, needed, contents) or text_of(command, arguments)
    return hashlib.sha256(rules + basis.replace(os.path.realpath(root).encode(), b"ROOT")).hexdigest()


def rules_of(root):
    with open(os.path.join(root, ".clang-tidy"), "rb") as file:
        rules = file.read()
    version = subprocess.run(["clang-tidy", "--version"], stdout=subprocess.PIPE, check=True)
    return rules + version.stdout


def forget_old(clean):
    """Notes that no run has met for long are those of files that have changed since."""
    for note in os.scandir(clean):
        if time.time() - note.stat().st_mtime > NOTE_AGE_S:
            os.unlink(note)


def findings(root, build, clean, only=None):
    """What was found clean is not looked at again until something about it has changed."""
    commands = sources(root, build)
    if only:
        path = os.path.realpath(os.path.join(root, only))
        commands = {path: commands[path]}
    if not commands:
        raise RuntimeError("nothing is compiled")
    rules = rules_of(root)
    os.makedirs(clean, exist_ok=True)
    forget_old(clean)

    needed = dependencies(build)
    contents = Contents()

    def look(path):
        note = os.path.join(clean, fingerprint(commands[path], needed, contents, rules, root))
        lines = [] if os.path.exists(note) else findings_of(path, ["-p", build])
        if not lines:
            with open(note, "w", encoding="utf-8") as file:
                file.write(os.path.relpath(path, root))
        return lines

    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        return sorted({line for lines in pool.map(look, sorted(commands)) for line in lines})


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("LOQUET_CACHE") or os.path.join(base, "loquet")


if __name__ == "__main__":
    sys.exit("\n".join(findings(*sys.argv[1:3], os.path.join(cache(), "tidy"), *sys.argv[3:])) or 0)

"""The core links nothing and keeps nothing: asked of the linker's own tables.

    purity.py ARCHIVE…

What an archive refers to must be in it, or be one of the few functions that any C compiler may call
by itself, and no object of it may be writable.
"""

import re
import subprocess
import sys

# <string.h> without the parts that keep state or allocate, as GCC calls them, fortified or not
ALLOWED = re.compile(
    r"mem(cpy|move|set|cmp|chr)|__mem(cpy|move|set)_chk|str(len|nlen|cmp|ncmp|chr|rchr|spn|cspn)"
    r"|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_"
)
# relocated once and then read-only
CONSTANT = re.compile(r"\.rodata|\.data\.rel\.ro|\.text|\*(UND|ABS)\*")


def output_of(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


def undefined(archive):
    """Symbols that the archive as a whole needs from elsewhere."""
    needed = set()
    defined = set()
    for line in output_of("nm", "--format=posix", archive).splitlines():
        parts = line.split()
        if len(parts) < 2 or len(parts[1]) != 1:
            continue
        (needed if parts[1] in "Uwv" else defined).add(parts[0])
    return needed - defined


def writable(archive):
    """Objects of static storage that the program could change."""
    found = set()
    for line in output_of("objdump", "--syms", archive).splitlines():
        match = re.match(r"[0-9a-f]{8,} (.{7}) (\S+)\s+[0-9a-f]+ +(?:\.hidden )?(\S+)", line)
        if not match:
            continue
        flags, section, name = match.groups()
        # sections and files have symbols too
        if not set("dfF") & set(flags) and not CONSTANT.match(section):
            found.add(f"{name} in {section}")
    return found


def findings(archives):
    found = []
    for archive in archives:
        found += [
            f"{archive}: refers to {name}"
            for name in sorted(undefined(archive))
            if not ALLOWED.fullmatch(name)
        ]
        found += [f"{archive}: keeps {what}" for what in sorted(writable(archive))]
    return found


if __name__ == "__main__":
    sys.exit("\n".join(findings(sys.argv[1:])) or 0)

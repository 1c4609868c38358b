"""C is written as .clang-format says.

    form.py ROOT
"""

import os
import subprocess
import sys


def sources(root):
    for top in ("firmware", "hal", "host", "tests"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.join(folder, name)


def findings(files):
    done = subprocess.run(
        ["clang-format", "--dry-run", "-Werror", *files], stderr=subprocess.PIPE, text=True
    )
    lines = [line for line in done.stderr.splitlines() if ": error: " in line]
    if done.returncode != 0 and not lines:
        raise RuntimeError(done.stderr)
    return lines


if __name__ == "__main__":
    sys.exit("\n".join(findings(list(sources(sys.argv[1])))) or 0)

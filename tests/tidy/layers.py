"""Nothing points back: which folder may include which.

    layers.py ROOT
"""

import os
import re
import sys

MIDDLE = ["firmware/config", "firmware/store", "firmware/wire"]
ADAPTERS = ["hal/gpiod", "hal/libnfc", "hal/linux", "hal/sim"]
# "hal" alone is its ports: the headers that stand in the folder itself
MAY_INCLUDE = {
    "firmware/core": [],
    "firmware/config": ["firmware/core", "hal"],
    "firmware/store": ["firmware/core", "hal"],
    "firmware/wire": ["firmware/core"],
    "firmware/door": ["firmware/core", *MIDDLE, "hal", *ADAPTERS],
    "firmware/reader": ["firmware/core", *MIDDLE, "hal", *ADAPTERS],
    "firmware/link": ["firmware/core", *MIDDLE, "hal", *ADAPTERS],
    "hal": ["firmware/core"],
    **{adapter: ["firmware/core", "hal"] for adapter in ADAPTERS},
    "host": ["firmware/core", *MIDDLE, "hal", *ADAPTERS],
}
# what a C11 implementation has without a library, and <string.h>
FREESTANDING = {
    "float.h", "iso646.h", "limits.h", "stdalign.h", "stdarg.h", "stdbool.h", "stddef.h",
    "stdint.h", "stdnoreturn.h", "string.h",
}
TOP_FOLDERS = {"firmware", "host", "hal", "schemas", "tests"}
SOURCES = (".c", ".h", ".def", ".c.in", ".h.in")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def layer_of(path):
    """The longest layer that the folder of a file lies in; hal's own headers are its ports."""
    folder = os.path.dirname(path)
    layers = [layer for layer in MAY_INCLUDE if f"{folder}/".startswith(f"{layer}/")]
    layer = max(layers, key=len, default=None)
    return None if layer == "hal" and folder != "hal" else layer


def sources(root, top):
    for folder, _, names in os.walk(os.path.join(root, top)):
        for name in sorted(names):
            if name.endswith(SOURCES):
                yield os.path.relpath(os.path.join(folder, name), root)


def objection(root, path, layer, bracket, name):
    if bracket == "<":
        if layer == "firmware/core" and name not in FREESTANDING:
            return f"the core may not include <{name}>"
        if name.startswith(tuple(f"{top}/" for top in TOP_FOLDERS)):
            return f'<{name}> is a file of the project: "{name}" was expected'
        return None
    if not os.path.exists(os.path.join(root, name)):
        # what a build makes stands in its own folder, under the same path
        if not os.path.exists(os.path.join(root, f"{name}.in")):
            return f'"{name}" is not a path from the root'
    target = layer_of(name)
    if target is None:
        return f'"{name}" belongs to no layer'
    if target != layer and target not in MAY_INCLUDE[layer]:
        return f"{layer} may not include {target} (\"{name}\")"
    return None


def findings(root):
    found = []
    for top in ("firmware", "hal", "host"):
        for path in sources(root, top):
            layer = layer_of(path)
            if layer is None:
                found.append(f"{path}: belongs to no layer")
                continue
            with open(os.path.join(root, path), encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    match = INCLUDE.match(line)
                    why = match and objection(root, path, layer, *match.groups())
                    if why:
                        found.append(f"{path}:{number}: {why}")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(findings(sys.argv[1])) or 0)

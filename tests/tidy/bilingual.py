"""Where a text for people stands in both languages, the French one is there, is French, and has the
typography of French. That both take the same arguments is the compiler's to check.

    bilingual.py ROOT
"""

import os
import re
import sys

# which arguments are the English and the French text
CALLS = {"lq_complain": (2, 3), "lq_in": (1, 2), "lq_tr": (1, 2), "REFUSAL": (2, 3)}
CALL = re.compile(r"\b(%s)\(" % "|".join(CALLS))
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"', re.S)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|" + LITERAL.pattern, re.S)  # a text is passed over
CONVERSION = re.compile(r"%[-0-9.*]*(?:l|ll|z)?[a-z]")


def sources(root):
    for top in ("firmware", "host"):
        for folder, _, names in os.walk(os.path.join(root, top)):
            for name in sorted(names):
                if name.endswith((".c", ".def")):
                    yield os.path.relpath(os.path.join(folder, name), root)


def arguments_of(text, start):
    """The arguments of the call whose parenthesis stands before `start`."""
    found, depth, begin, at = [], 0, start, start
    while depth >= 0:
        literal = LITERAL.match(text, at)
        if literal:
            at = literal.end()
            continue
        if text[at] in ",)" and depth == 0:
            found.append(text[begin:at].strip())
            begin = at + 1
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return found


def words_of(argument):
    """What literals say, in one piece; None where there is none."""
    pieces = LITERAL.findall(argument)
    return "".join(pieces) if pieces else None


def has_words(text):
    return re.search(r"[^\W\d_]", CONVERSION.sub("", text)) is not None


def objection(english, french):
    plain = CONVERSION.sub("X", french)
    if has_words(english) and not has_words(french):
        return "has no French text"
    if french == english and " " in english:
        return "says the same in French as in English"
    if re.search(r"\w'\w", plain):
        return "has a straight apostrophe in its French text"
    if re.search(r"[^ ][:;?!](?:\s|$)|\S»|«\S", plain):
        return "lacks a space before a : ; ? ! or inside « » in its French text"
    if '\\"' in french:
        return "has English quotation marks in its French text"
    return None


def without_comments(text):
    return COMMENT.sub(
        lambda part: part[0] if part[0][0] == '"' else re.sub(r"[^\n]", " ", part[0]), text)


def findings(root):
    found = []
    for path in sources(root):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = without_comments(file.read())
        for call in CALL.finditer(text):
            arguments = arguments_of(text, call.end())
            english, french = (words_of(arguments[i]) for i in CALLS[call[1]])
            if french is None and english is None:
                continue  # the functions themselves, and texts that stand in a table
            why = "has no French text" if french is None else objection(english or "", french)
            if why:
                line = text.count("\n", 0, call.start()) + 1
                found.append(f"{path}:{line}: {call[1]}() {why}: {french or english}")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(findings(sys.argv[1])) or 0)

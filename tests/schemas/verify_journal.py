#!/usr/bin/python3
"""Verifies an exported journal, after loquet-events(7) alone and with none of Loquet's code.

    loquet journal export --proof | verify_journal.py SPACE CONTROLLER controller.pub

Prints what holds, or the first row that does not, and exits 1.
"""

import hashlib
import json
import subprocess
import sys
import tempfile

DER_OF_ED25519 = bytes.fromhex("302a300506032b6570032100")  # RFC 8410, before the key's 32 bytes


def signature_holds(public_key, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("key", DER_OF_ED25519 + public_key), ("message", message),
                              ("signature", signature)):
            with open(folder + "/" + name, "wb") as file:
                file.write(content)
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key",
             "-rawin", "-in", "message", "-sigfile", "signature"], cwd=folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def verify(lines, space, controller, public_key):
    """(rows, number of the last row that a signature covers); ValueError names what is wrong."""
    previous, last, signed = bytes(32), 0, 0
    for count, line in enumerate(lines):
        row = json.loads(line)
        number, body_hash = row["seq"], bytes.fromhex(row["body_hash"])
        body = None if row["body"] is None else row["body"].encode("utf-8")
        event = {} if body is None else json.loads(body)
        anew = count == 0 and event.get("type") == "org.loquet.journal.restarted.v1"
        if number != last + 1 and not anew:
            raise ValueError("row %d: the rows before it are missing" % number)
        if row.get("damaged") or (body is not None and
                                  hashlib.sha256(body).digest() != body_hash):
            raise ValueError("row %d: the body was changed" % number)
        if event.get("type") == "org.loquet.journal.checkpoint.v1":
            message = b"loquet checkpoint v1\0%s\0%s\0%s%s" % (
                space.encode(), controller.encode(), (number - 1).to_bytes(8, "big"), previous)
            if event["data"]["headSeq"] != number - 1 or not signature_holds(
                    public_key, message, bytes.fromhex(event["data"]["signature"])):
                raise ValueError("row %d: the signature does not hold for this chain" % number)
            signed = number - 1
        previous, last = hashlib.sha256(previous + body_hash).digest(), number
        if previous.hex() != row["hash"]:
            raise ValueError("row %d: the chain is broken" % number)
    return count + 1 if last else 0, signed


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    with open(sys.argv[3], encoding="ascii") as key_file:
        key = bytes.fromhex(key_file.read())
    try:
        print("%d rows hold, signed up to row %d" % verify(
            sys.stdin, sys.argv[1], sys.argv[2], key))
    except ValueError as problem:
        sys.exit(str(problem))

#!/usr/bin/python3
"""Becomes a program under the system call filter of its systemd unit, as systemd would make it.

    sandboxed.py UNIT COMMAND…
"""

import os
import subprocess
import sys

import seccomp

# What systemd's ProtectClock= takes away, besides the capability to set the clock.
PROTECTED = {"ProtectClock=yes": "@clock"}


def expanded(words):
    """The calls behind names and groups, as the installed systemd knows them."""
    calls = set()
    for word in words:
        if not word.startswith("@"):
            calls.add(word)
            continue
        told = subprocess.run(["systemd-analyze", "syscall-filter", word], stdout=subprocess.PIPE,
                              text=True, check=True)
        lines = [line.strip() for line in told.stdout.splitlines()[1:]]
        calls |= expanded(line for line in lines if line and not line.startswith("#"))
    return calls


def allowed(unit):
    """The calls that a unit leaves to its program. systemd.exec(5): the first line says whether the
    list allows or denies; later ones add to it or take from it."""
    calls = set()
    protected = set()
    with open(unit, encoding="utf-8") as file:
        for line in file.read().splitlines():
            protected |= expanded([PROTECTED[line]] if line in PROTECTED else [])
            key, _, value = line.partition("=")
            if key != "SystemCallFilter":
                continue
            words = value.lstrip("~").split()
            calls = calls - expanded(words) if value.startswith("~") else calls | expanded(words)
    if not calls:
        raise ValueError("%s has no list of calls" % unit)
    return (calls | expanded(["@default"])) - protected


def confine(calls):
    """Any other call kills this process from here on."""
    rules = seccomp.SyscallFilter(defaction=seccomp.KILL_PROCESS)
    for call in calls:
        try:
            rules.add_rule(seccomp.ALLOW, call)
        except RuntimeError:
            pass  # not a call of this machine
    rules.load()


if __name__ == "__main__":
    here = allowed(sys.argv[1])
    if os.geteuid() == 0:
        # SQLite gives root's files to the owner of their folder. The units never run as root.
        here |= expanded(["@chown"])
    confine(here)
    os.execv(sys.argv[2], sys.argv[2:])

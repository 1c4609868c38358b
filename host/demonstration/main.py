"""host/demo's second half: plays the story, or lets a person play."""

import argparse
import contextlib
import os
import shutil
import signal
import sys

from house import StepFailed, UNTIL_OPENED
from play import Play, farewell
from space import Space
from story import Story


def interrupted(number, _frame):
    raise SystemExit(128 + number)


def language_from_environment():
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "fr" if value.startswith("fr") else "en"
    return "en"


def main():
    parser = argparse.ArgumentParser(prog="host/demo")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--remove", help=argparse.SUPPRESS)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--lang", choices=("en", "fr"), default=language_from_environment())
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)

    def say(text):
        print(text, flush=True)

    try:
        pace = {**UNTIL_OPENED, "weeks": 1} if options.check else {"release_ms": 3000}
        with Space(options.build, language=options.lang, **pace) as house:
            try:
                if options.check:
                    return 0 if Story(house, say).play() else 1
                return Play(house, say).play()
            except StepFailed as problem:
                print("host/demo: %s" % problem, file=sys.stderr)
                for name in ("loquetd", "loquet-reader", "loquet-link", "loquet-office", "mosquitto"):
                    print("-- %s --\n%s" % (name, house.log(name)[-1500:]), file=sys.stderr)
                return 1
    finally:
        if options.remove:
            shutil.rmtree(options.remove, ignore_errors=True)
        if not options.check:
            with contextlib.suppress(OSError):  # the terminal went away
                say(farewell(options.lang))


if __name__ == "__main__":
    sys.exit(main())

"""The board at a door, whole: loquetd on a simulated GPIO chip, one loquet-reader, and a simulated
PN532 for badges to be held to. All of it runs in a guest, from the build folder."""

import collections
import json
import os

from guest import TIMEOUT, GuestError

BUILD = os.environ["LOQUET_BUILD"]
LOQUETD = f"{BUILD}/firmware/door/loquetd"
READER = f"{BUILD}/firmware/reader/loquet-reader"
LOQUET = f"{BUILD}/host/cli/loquet"
TAP = f"{BUILD}/tests/machine/machine_tap"
PN532SIM = f"{BUILD}/hal/sim/pn532/loquet-pn532sim"

CONFIG = "/etc/loquet.conf"
CONTROL = "/run/loquet/control.sock"
FIELD = "/run/pn532.control"

# A reader that answers in no time would be polled in no time: a travelling clock never moved.
REAL_PACE = ("--pace", "115200", "--air")

# Two doors, so that both polarities of every kind of line are there.
RELAY, BACK_RELAY, GREEN, RED, CONTACT, REX, RESET = range(7)
LINES = 8
WIRING = """
[controller]
space = example-space
controller = bench
state_dir = {state}
record_deadline_ms = {record_deadline_ms}

[door front]
chip = {chip}
relay = 0
led_green = 2
led_red = !3
contact = 4
rex = !5
debounce_ms = 10
release_ms = {release_ms}
{front}
[door back]
chip = {chip}
relay = !1
release_ms = {release_ms}

[reader front-in]
door = front
device = pn532_uart:/run/pn532
uid_badges = yes
reset = !6
"""

Row = collections.namedtuple("Row", "seq event")


class Board:
    """`state` is the folder of the journal and the roster; on a disk, it outlives the guest."""

    def __init__(
        self, guest, state, release_ms=300, record_deadline_ms=60000, chip_name="sim",
        loquetd=LOQUETD, front="",
    ):
        """`front`: more lines for the section of that door."""
        self.guest = guest
        self.loquetd = loquetd
        self.chip = guest.add_chip(chip_name, lines=LINES)
        # what the wiring does to lines that nobody drives: locked, dark, nobody at the button
        for line in (BACK_RELAY, RED, REX, RESET):
            self.chip.pull(line, 1)
        self.config = WIRING.format(
            state=state,
            chip=self.chip.path,
            release_ms=release_ms,
            front=front,
            record_deadline_ms=record_deadline_ms,
        )
        guest.write(CONFIG, self.config)
        guest.make_folder("/run/loquet")  # as the unit's RuntimeDirectory= does
        self.door = None
        self.reader = None
        self.watches = []

    def start(self, env=None):
        """All programs at once, as at power-on; returns when a badge can be held to the reader."""
        self.start_door(env)
        self.guest.start(PN532SIM, "--link", "/run/pn532", "--control", FIELD, *REAL_PACE)
        self.reader = self.guest.start(READER, "--config", CONFIG, "--reader", "front-in")
        self.wait_for_door()
        self.wait_for_reader()

    def start_door(self, env=None):
        self.door = self.guest.start(self.loquetd, "--config", CONFIG, env=env)

    def restart_door(self, *settings):
        """With other lines under [controller]."""
        self.door.stop()
        lines = "".join(f"{line}\n" for line in settings)
        self.guest.write(CONFIG, self.config.replace("[controller]\n", f"[controller]\n{lines}"))
        self.start_door()
        self.wait_for_door()

    def wait_for_door(self):
        """Until loquetd listens, and from then on takes down every row that it publishes."""
        self.guest.wait_for(self._try_to_watch, "loquetd to listen")

    def _try_to_watch(self):
        if self.door.status is not None:
            raise AssertionError(f"loquetd ended with {self.door.status}: {self.door.err}")
        watch = self.guest.follow(CONTROL, '{"do":"watch"}')
        self.guest.wait_for(lambda: watch.out or watch.status is not None, "an answer")
        if watch.status is None:
            self.watches.append(watch)
        return watch.status is None

    def wait_for_reader(self):
        def online():
            return self.control({"do": "status"})["readers"][0]["state"] == "online"

        self.guest.wait_for(online, "the reader to be online")

    def control(self, request):
        """What the command line says to loquetd, without the time that starting one takes here."""
        answer = json.loads(self.guest.tell(CONTROL, json.dumps(request), "SOCK_SEQPACKET"))
        assert answer["ok"], f"{request}: {answer}"
        return answer

    def loquet(self, *words, check=True):
        return self.guest.run(LOQUET, "--config", CONFIG, "--json", *words, check=check)

    def enrol(self, uid, name):
        member = self.control({"do": "member.add", "name": name, "profile": "always"})["member"]
        self.control({"do": "badge.enrol", "member": member, "uid": uid})

    def hold(self, uid):
        """A badge enters the field and stays."""
        self._field(f"present 0 uid={uid}")

    def lift(self):
        self._field("remove 0")

    def _field(self, order):
        answer = self.guest.tell(FIELD, order + "\n")
        assert answer.startswith("ok"), f"{order}: {answer}"

    def plug(self, plugged):
        """The reader's cable."""
        self._field("plug" if plugged else "unplug")

    def tap(self, uid):
        """Held for as long as it takes to be found, like a hand does."""
        self.hold(uid)
        self._field("wait-poll 2")
        self.lift()

    def tap_once(self, uid):
        """By a reader that comes for one tap, where there is no other."""
        self.guest.run(TAP, "/run/loquet", "front-in", uid)

    def published(self):
        """What loquetd has told the outside so far, in complete lines."""
        return rows_of("".join(watch.out[: watch.out.rfind("\n") + 1] for watch in self.watches))

    def wait_until(self, condition, what, timeout=TIMEOUT):
        """Like the guest's own, and what does not come tells what the programs did last."""
        try:
            self.guest.wait_until(condition, timeout, what)
        except GuestError as error:
            raise GuestError(f"{self.account()}\n{error}") from error

    def account(self):
        rows = [f"{row.seq} {json.dumps(row.event)}" for row in self.published()[-8:]]
        relay = [f"{change.time} {change.value}" for change in self.chip.changes(RELAY)[-8:]]
        said = {"rows": rows, "relay": relay, "loquetd": [self.door.err], "reader": [self.reader.err]}
        return "\n".join(f"{name}: " + "\n  ".join(lines) for name, lines in said.items())

    def journal(self):
        """What is on the disk, as the operator reads it."""
        return rows_of(self.loquet("journal", "list", "--from", "1", "--limit", "0").out)

    def verify(self):
        return json.loads(self.loquet("journal", "verify").out)


def rows_of(text):
    """Of the lines that `loquet --json` prints or loquetd publishes; of a row that was emptied, no event."""
    return [Row(m["seq"], m.get("event")) for m in map(json.loads, text.splitlines()) if "seq" in m]


def kind(row):
    """access.granted, of org.loquet.access.granted.v1."""
    return row.event["type"].removeprefix("org.loquet.").removesuffix(".v1")

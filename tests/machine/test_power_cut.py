"""Power cuts in the middle of taps, as often and as unkindly as patience allows.

What counts as acknowledged is what had left the guest when the power went: a row that loquetd
published, a relay that moved. What counts as left is what the kernel's own ext4 makes of the disk
at the next boot. Most cuts are taken from a board that lives on: the guest is held still and its
disk copied, which is what a cut at that instant would have left; the last of each life is the end
of it. LQ_SEED repeats a run, LQ_CUTS says how many cuts at least."""

import collections
import json
import os
import random
import shutil
import subprocess
import tempfile
import time
import unittest

from board import LOQUET, LOQUETD, RELAY, Board, Row, kind, rows_of
from guest import Guest, make_disk

BUILD = os.environ["LOQUET_BUILD"]
CARELESS_DISK = f"{BUILD}/tests/machine/careless_disk.so"
SEED = int(os.environ.get("LQ_SEED") or random.SystemRandom().randrange(1 << 32))
CUTS_A_LIFE = 5
LIVES = -(-int(os.environ.get("LQ_CUTS") or 20) // CUTS_A_LIFE)
MOUNT = "/mnt/disk"
STATE = f"{MOUNT}/loquet"
# None comes twice in a life: a badge that is back within the reader's grace has not left.
BADGES = [f"04a1b2c3d4e5{n:02x}" for n in range(CUTS_A_LIFE + 1)]
RELEASE_MS = 100
DEADLINE_S = 60

# A board of the machine's own, to go on from where a cut left a folder.
SUCCESSOR = """
[controller]
space = example-space
controller = bench
state_dir = {folder}/loquet
runtime_dir = {folder}/run

[door front]
lines = sim
chip = {folder}/lines
relay = 0
"""

# `image` is the disk, `name` its file; the rest is what the outside knew.
Cut = collections.namedtuple("Cut", "name image life_start published releases")


def grants(rows):
    return sum(kind(row) in ("access.granted", "command.accepted") for row in rows)


def starts(rows):
    return [row.seq for row in rows if kind(row) == "controller.started"]


def objections(cut, journal):
    """What an acknowledged past has against the journal."""
    found = []
    for number, row in enumerate(journal, start=1):
        if row.seq != number:
            found.append(f"row {number} is missing, {row.seq} comes instead")
            break
    by_number = {row.seq: row for row in journal}
    times = [row.event["time"] for row in journal]
    if times != sorted(times):
        found.append("time ran backwards")
    for row in cut.published:
        if row.seq not in by_number:
            found.append(f"row {row.seq} ({kind(row)}) was published and is not in the journal")
        elif row != by_number[row.seq]:
            found.append(f"{row} was published and the journal has {by_number[row.seq]}")
    allowed = grants(row for row in journal if row.seq >= cut.life_start)
    if cut.releases > allowed:
        found.append(f"{cut.releases} releases and only {allowed} rows that allow one")
    return found


class Remains:
    """A state folder that a cut left, read and continued by the programs of this machine."""

    def __init__(self, image, folder):
        os.mkdir(folder)
        order = f"rdump {STATE.removeprefix(MOUNT)} {folder}"
        subprocess.run(["debugfs", "-R", order, image], check=True, stderr=subprocess.PIPE)
        self.control = f"{folder}/run/control.sock"
        self.config = f"{folder}/conf"
        with open(self.config, "w", encoding="ascii") as file:
            file.write(SUCCESSOR.format(folder=folder))

    def loquet(self, *words):
        command = [LOQUET, "--config", self.config, "--json", *words]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()

    def journal(self):
        return rows_of(self.loquet("journal", "list", "--from", "1", "--limit", "0"))

    def holds(self):
        return json.loads(self.loquet("journal", "verify"))["holds"]

    def live_on(self):
        """One more life, from start to an orderly end."""
        with subprocess.Popen([LOQUETD, "--config", self.config]) as door:
            end = time.monotonic() + DEADLINE_S
            while not os.path.exists(self.control) and time.monotonic() < end:
                time.sleep(0.005)
            door.terminate()
            return door.wait(DEADLINE_S)


class PowerCut(unittest.TestCase):
    """The lives come first, and after each the next boot makes up the disks that it left."""

    @classmethod
    def setUpClass(cls):
        print(f"LQ_SEED={SEED}", flush=True)
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.disk = f"{cls.folder}/disk"
        cls.random = random.Random(SEED)
        cls.unreplayed = []
        cls.firsts = []
        make_disk(cls.disk)
        cls.cuts = []
        for life in range(LIVES):
            cls.cuts += cls.live(f"life {life + 1}", CUTS_A_LIFE, enrol=life == 0)
        # the canary: the same life over a disk that lies
        cls.careless_cuts = cls.live("careless life", 1, env={"LD_PRELOAD": CARELESS_DISK})
        with Guest(others=cls.unreplayed) as guest:
            cls.replay(guest, first=0)
        print("from the programs' start after a cut to the first tap's relay: "
              + " ".join(f"{seconds:.2f} s" for seconds in cls.firsts), flush=True)

    @classmethod
    def replay(cls, guest, first=1):
        for number in range(len(cls.unreplayed)):
            guest.replay(first + number)
        cls.unreplayed = []

    @classmethod
    def live(cls, name, count, enrol=False, env=None):
        """From power-on to the last of `count` cuts."""
        with Guest(disk=cls.disk, mount_at=MOUNT, others=cls.unreplayed) as guest:
            cls.replay(guest)
            if env:
                # What the disk did not do, the kernel would after half a minute, which a busy machine may need.
                guest.write("/proc/sys/vm/dirty_writeback_centisecs", "0")
            board = Board(guest, STATE, release_ms=RELEASE_MS)
            begin = time.monotonic()
            board.start(env)
            for number, uid in enumerate(BADGES if enrol else ()):
                board.enrol(uid, f"Member {number}")
            start = max(starts(board.journal()))
            if not enrol:  # the enrolments would count
                cls.firsts.append(time.monotonic() - begin)
            took = cls.first_tap(board)
            if not enrol:
                cls.firsts[-1] += took
            cuts = []
            for number in range(count):
                board.hold(BADGES[number + 1])
                # anywhere from the badge's arrival to when the relay has moved: there the order
                # of things matters
                time.sleep(cls.random.uniform(0, 1.5 * took))
                with guest.held():
                    image = f"{cls.folder}/{name} {number}".replace(" ", "-")
                    guest.snapshot(image)
                    cuts.append(cls.cut(name, image, start, board))
                    if number == count - 1:
                        guest.cut()
                if number < count - 1:
                    cls.let_pass(board, releases=number + 2)
        cls.unreplayed = [cut.image for cut in cuts]
        return cuts

    @classmethod
    def cut(cls, name, image, start, board):
        assert board.watches[-1].status is None, "what is published is not heard any more"
        return Cut(name, image, start, board.published(), cls.releases(board))

    @staticmethod
    def releases(board):
        return sum(change.value for change in board.chip.changes(RELAY))

    @classmethod
    def let_pass(cls, board, releases):
        """Until the door has been released so often and is locked again."""
        board.wait_until(lambda: cls.releases(board) >= releases, "the door")
        board.lift()
        board.wait_until(lambda: board.chip.changes(RELAY)[-1].value == 0, "the door to lock")

    @classmethod
    def first_tap(cls, board):
        """Returns how long it took to see the relay move."""
        begin = time.monotonic()
        board.hold(BADGES[0])
        board.wait_until(lambda: cls.releases(board), "the door")
        took = time.monotonic() - begin
        cls.let_pass(board, releases=1)
        return took

    def remains(self, cut):
        folder = f"{cut.image}.folder"
        self.addCleanup(shutil.rmtree, folder)
        return Remains(cut.image, folder)

    def test_nothing_acknowledged_is_lost(self):
        between = 0
        for cut in self.cuts:
            with self.subTest(cut.image, seed=SEED):
                remains = self.remains(cut)
                left = remains.journal()
                self.assertTrue(remains.holds())
                self.assertEqual(max(starts(left)), cut.life_start)
                self.assertEqual(objections(cut, left), [])
                self.assertEqual(remains.live_on(), 0)
                continued = remains.journal()
                self.assertTrue(remains.holds())
                self.assertEqual(continued[: len(left)], left)
                self.assertGreater(max(starts(continued)), left[-1].seq)
                self.assertEqual(objections(cut, continued), [])
                life = [row for row in left if row.seq >= cut.life_start]
                between += grants(life) > cut.releases
        print(f"{between} of {len(self.cuts)} cuts came between a row and its relay", flush=True)

    def test_a_careless_disk_is_found_out(self):
        """The canary: the same cut and the same objections, over a disk that lies."""
        (cut,) = self.careless_cuts
        self.assertGreater(cut.releases, 0)
        found = objections(cut, self.remains(cut).journal())
        self.assertTrue(any("was published" in text for text in found), found)
        self.assertTrue(any("releases" in text for text in found), found)


if __name__ == "__main__":
    unittest.main(verbosity=2)

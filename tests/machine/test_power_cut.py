"""Power cuts in the middle of taps, as often and as unkindly as patience allows.

What counts as acknowledged is what had left the guest when the power went: a row that loquetd
published, a relay that moved. LQ_SEED repeats a run, LQ_CUTS says how many cuts."""

import os
import random
import tempfile
import time
import unittest

from board import RELAY, Board, kind
from guest import Guest, make_disk

BUILD = os.environ["LOQUET_BUILD"]
CARELESS_DISK = f"{BUILD}/tests/machine/careless_disk.so"
SEED = int(os.environ.get("LQ_SEED") or random.SystemRandom().randrange(1 << 32))
CUTS = int(os.environ.get("LQ_CUTS") or 20)
STATE = "/mnt/disk/loquet"
BADGES = [f"04a1b2c3d4e5{n:02x}" for n in range(4)]
RELEASE_MS = 100
MORE_TAPS_MAX = 2


class Seen:
    """What the outside knows of one life of the board."""

    def __init__(self, board):
        self.published = board.published()
        self.releases = sum(change.value for change in board.chip.changes(RELAY))


def grants(rows):
    return sum(kind(row) in ("access.granted", "command.accepted") for row in rows)


def started(rows):
    """Index of the last life's first row."""
    return max(i for i, row in enumerate(rows) if kind(row) == "controller.started")


def objections(seen, journal, life):
    """What an acknowledged past has against the journal; `life` are the rows of that life."""
    found = []
    for number, row in enumerate(journal, start=1):
        if row.seq != number:
            found.append(f"row {number} is missing, {row.seq} comes instead")
            break
    by_number = {row.seq: row for row in journal}
    times = [row.event["time"] for row in journal]
    if times != sorted(times):
        found.append("time ran backwards")
    for row in seen.published:
        if row.seq not in by_number:
            found.append(f"row {row.seq} ({kind(row)}) was published and is not in the journal")
        elif row != by_number[row.seq]:
            found.append(f"{row} was published and the journal has {by_number[row.seq]}")
    if seen.releases > grants(life):
        found.append(f"{seen.releases} releases and only {grants(life)} rows that allow one")
    return found


def set_up_board(disk):
    """Badges are enrolled and known to be on the disk before the first cut."""
    with Guest(disk=disk) as guest:
        board = Board(guest, STATE, release_ms=RELEASE_MS)
        board.start_door()
        board.wait_for_door()
        for number, uid in enumerate(BADGES):
            board.enrol(uid, f"Member {number}")
        board.door.stop()
        guest.power_off()


class PowerCut(unittest.TestCase):
    def setUp(self):
        self.disk = self.enterContext(tempfile.TemporaryDirectory()) + "/disk"
        make_disk(self.disk)
        set_up_board(self.disk)
        self.random = random.Random(SEED)

    def start(self, guest, env=None):
        board = Board(guest, STATE, release_ms=RELEASE_MS)
        board.start(env)
        return board

    def first_tap(self, guest, board, uid):
        """From power to the first accepted tap. Returns how long it took to see the relay move."""
        begin = time.monotonic()
        board.hold(uid)
        guest.wait_until(
            lambda: any(change.value for change in board.chip.changes(RELAY)), 60, "the door"
        )
        took = time.monotonic() - begin
        board.lift()
        return took

    def tap_until_cut(self, guest, board):
        """Some taps, then one that the cut comes into: anywhere from the badge's arrival to when
        the relay has moved, which is where the order of things matters."""
        uids = self.random.sample(BADGES, len(BADGES))
        took = self.first_tap(guest, board, uids.pop())
        for _ in range(self.random.randint(0, MORE_TAPS_MAX)):
            board.tap(uids.pop())
        board.hold(uids.pop())
        time.sleep(self.random.uniform(0, 1.5 * took))
        guest.cut()
        return Seen(board)

    def test_nothing_acknowledged_is_lost(self):
        print(f"LQ_SEED={SEED}", flush=True)
        seen = None
        boundary = unseen = 0
        for cut in range(CUTS + 1):
            with Guest(disk=self.disk) as guest:
                board = self.start(guest)
                journal = board.journal()
                where = f"after cut {cut} of LQ_SEED={SEED}"
                self.assertTrue(board.verify()["holds"], where)
                if seen:
                    life = journal[boundary : started(journal)]
                    self.assertEqual(objections(seen, journal, life), [], where)
                    unseen += grants(life) - seen.releases
                boundary = started(journal)
                seen = self.tap_until_cut(guest, board)
        print(f"{unseen} of {CUTS} cuts came between a row and its relay", flush=True)

    def test_a_careless_disk_is_found_out(self):
        """The canary: the same cut and the same objections, over a disk that lies."""
        with Guest(disk=self.disk) as guest:
            board = self.start(guest, env={"LD_PRELOAD": CARELESS_DISK})
            journal = board.journal()
            boundary = started(journal)
            seen = self.tap_until_cut(guest, board)
            self.assertGreater(seen.releases, 0)
        with Guest(disk=self.disk) as guest:
            board = self.start(guest)
            journal = board.journal()
            found = objections(seen, journal, journal[boundary : started(journal)])
        self.assertTrue(any("was published" in text for text in found), found)
        self.assertTrue(any("releases" in text for text in found), found)


if __name__ == "__main__":
    unittest.main(verbosity=2)

"""A door through the kernel's real GPIO character device: what the relay does, what the contact and
the exit button say, and what remains when loquetd ends, is killed, or loses its chip.

The clock travels, so that times are exact whatever else this machine does."""

import itertools
import signal
import unittest

from board import (
    BACK_RELAY, CONFIG, CONTACT, GREEN, LOQUETD, RED, RELAY, RESET, REX, Board, kind,
)
from guest import Guest

MEMBER = "04112233445566"
MEMBERS = (MEMBER, "04112233445577")
STRANGER = "04665544332211"
STATE = "/var/lib/loquet"
RELEASE_MS = 300
START = 1_900_000_000
FORCED_OPEN = ["door.opened", "door.alarm"]
CLOSED_AGAIN = ["door.closed", "door.alarm_ended"]


class Door(unittest.TestCase):
    """One board for all; each test brings it back to a closed, locked door."""

    @classmethod
    def setUpClass(cls):
        cls.guest = cls.enterClassContext(Guest(travel=START))
        cls.board = Board(cls.guest, STATE, release_ms=RELEASE_MS)
        cls.chip = cls.board.chip
        cls.board.start()
        cls.levels_at_start = {
            line: [change.value for change in cls.chip.changes(line)]
            for line in (RELAY, BACK_RELAY, GREEN, RED, RESET)
        }
        for uid in MEMBERS:
            cls.board.enrol(uid, "Ada Example")
        cls.members = itertools.cycle(MEMBERS)

    def setUp(self):
        self.rows_before = len(self.board.published())
        self.changes_before = len(self.chip.changes(RELAY))

    def rows(self):
        return self.board.published()[self.rows_before :]

    def kinds(self):
        return [kind(row) for row in self.rows()]

    def relay_changes(self):
        return self.chip.changes(RELAY)[self.changes_before :]

    def tap(self, uid=None):
        """In turns, for the reader does not forget a badge as fast as the next test comes."""
        self.board.hold(uid or next(self.members))
        self.guest.sleep(0.15)
        self.board.lift()

    def settle(self):
        """Until the door is locked again."""
        self.guest.sleep(0.4)

    def contact(self):
        return self.board.control({"do": "status"})["doors"][0]["contact"]

    def restart(self):
        self.board.start_door()
        self.board.wait_for_door()
        self.board.wait_for_reader()
        self.settle()

    def test_outputs_are_inactive_from_the_first_moment(self):
        self.assertEqual(self.levels_at_start[RELAY], [0])
        self.assertEqual(self.levels_at_start[BACK_RELAY], [1])
        self.assertEqual(set(self.levels_at_start[GREEN]), {0})
        self.assertEqual(set(self.levels_at_start[RED]), {1})
        self.assertEqual(self.levels_at_start[RESET], [1])

    def test_a_tap_releases_the_lock_for_the_release_time(self):
        self.tap()
        self.assertEqual(self.chip.value(RELAY), 1)
        self.settle()
        self.assertEqual([change.value for change in self.relay_changes()], [1, 0])
        up, down = self.relay_changes()
        self.assertGreaterEqual(down.time - up.time, RELEASE_MS / 1000)
        self.assertLess(down.time - up.time, RELEASE_MS / 1000 + 0.005)
        self.assertEqual(self.chip.value(BACK_RELAY), 1)

    def test_the_grant_is_a_row_before_the_relay_moves(self):
        self.tap()
        self.settle()
        self.assertEqual(
            self.kinds(),
            ["access.granted", "door.released", "access.not_taken", "door.relocked"],
        )
        self.assertTrue(self.rows()[1].event["data"]["recorded"])

    def test_each_relay_obeys_its_own_polarity(self):
        before = len(self.chip.changes(BACK_RELAY))
        self.board.loquet("open", "back")
        self.settle()
        values = [change.value for change in self.chip.changes(BACK_RELAY)[before:]]
        self.assertEqual(values, [0, 1])
        self.assertEqual(self.relay_changes(), [])
        self.assertIn("command.accepted", self.kinds())

    def test_a_stranger_sees_red_and_moves_nothing(self):
        before = len(self.chip.changes(RED))
        self.tap(STRANGER)
        self.settle()
        self.guest.sleep(0.4)  # red stays for longer than a release
        self.assertEqual(self.relay_changes(), [])
        self.assertEqual(self.kinds(), ["access.denied"])
        self.assertIn(0, [change.value for change in self.chip.changes(RED)[before:]])
        self.assertEqual(self.chip.value(RED), 1)

    def test_a_door_opened_after_a_tap_is_a_passage(self):
        self.tap()
        self.chip.pull(CONTACT, 1)
        self.settle()
        self.chip.pull(CONTACT, 0)
        self.settle()
        kinds = self.kinds()
        self.assertIn("access.taken", kinds)
        self.assertNotIn("access.not_taken", kinds)
        self.assertEqual(kinds[-1], "door.closed")
        opened = next(row for row in self.rows() if kind(row) == "door.opened")
        self.assertTrue(opened.event["data"]["expected"])

    def test_a_reader_that_stays_out_of_order_is_reset_by_its_line(self):
        before = len(self.chip.changes(RESET))
        self.board.plug(False)
        self.guest.sleep(11)
        self.board.plug(True)
        self.board.wait_for_reader()
        down, up = self.chip.changes(RESET)[before:]
        self.assertEqual((down.value, up.value), (0, 1))
        self.assertAlmostEqual(up.time - down.time, 0.4, delta=0.005)
        resets = [row.event["data"] for row in self.rows() if kind(row) == "reader.reset"]
        self.assertEqual(resets, [{
            "door": "front", "accessPoint": "front/entry", "reader": "front-in",
            "cause": "device", "count": 1,
        }])

    def test_a_forced_door_is_seen(self):
        self.chip.pull(CONTACT, 1)
        self.chip.pull(CONTACT, 0)
        self.settle()
        self.assertEqual(self.kinds(), FORCED_OPEN + CLOSED_AGAIN)
        self.assertFalse(self.rows()[0].event["data"]["expected"])

    def test_a_door_opened_after_the_exit_button_is_expected(self):
        self.chip.pull(REX, 0)
        self.chip.pull(REX, 1)
        self.chip.pull(CONTACT, 1)
        self.chip.pull(CONTACT, 0)
        self.settle()
        self.assertEqual(self.kinds(), ["door.exit_requested", "door.opened", "door.closed"])
        self.assertTrue(self.rows()[1].event["data"]["expected"])

    def test_a_fluttering_contact_ends_where_the_wire_is(self):
        for _ in range(8):
            self.chip.pull(CONTACT, 1)
            self.chip.pull(CONTACT, 0)
        self.chip.pull(CONTACT, 1)
        self.settle()
        self.assertEqual(self.kinds(), (FORCED_OPEN + CLOSED_AGAIN) * 8 + FORCED_OPEN)
        self.chip.pull(CONTACT, 0)
        self.settle()

    def test_a_contact_that_bounces_opens_once(self):
        """Faster than the kernel's tick, and at its end open."""
        pull = f"{self.chip.line_folder(CONTACT)}/pull"
        script = "".join(f"echo pull-{'up' if i % 2 == 0 else 'down'} >{pull};" for i in range(11))
        self.guest.sh(script)
        self.settle()
        self.assertEqual(self.kinds(), FORCED_OPEN)
        self.chip.pull(CONTACT, 0)
        self.settle()
        self.assertEqual(self.kinds(), FORCED_OPEN + CLOSED_AGAIN)

    def test_what_changed_while_loquetd_was_away_is_read_as_it_is(self):
        self.board.door.stop(signal.SIGKILL)
        self.chip.pull(CONTACT, 1)
        self.restart()
        self.assertEqual(self.contact(), "open")
        self.chip.pull(CONTACT, 0)
        self.settle()
        self.assertEqual(self.kinds()[-1], "door.closed")
        self.assertEqual(self.contact(), "closed")

    def test_an_end_by_sigterm_locks_and_says_so(self):
        self.tap()
        self.assertEqual(self.chip.value(RELAY), 1)
        self.assertEqual(self.board.door.stop(signal.SIGTERM).status, 0)
        self.assertEqual(self.relay_changes()[1].value, 0)
        self.assertEqual(self.chip.value(RELAY), 0)
        self.assertEqual(self.chip.value(BACK_RELAY), 1)
        self.assertEqual(kind(self.board.journal()[-1]), "controller.stopped")
        self.restart()

    def test_a_sigkill_leaves_the_lines_to_the_wiring(self):
        self.tap()
        self.assertEqual(self.chip.value(RELAY), 1)
        self.board.door.stop(signal.SIGKILL)
        self.assertEqual(self.chip.value(RELAY), 0)
        self.assertEqual(self.chip.value(BACK_RELAY), 1)
        self.restart()
        self.tap()
        self.assertEqual(self.chip.value(RELAY), 1)
        self.settle()

    def test_the_journal_holds_all_that_was_published_without_a_gap(self):
        self.tap()
        self.settle()
        rows = self.board.journal()
        self.assertEqual([row.seq for row in rows], list(range(1, len(rows) + 1)))
        published = self.board.published()
        self.assertTrue(all(row == rows[row.seq - 1] for row in published))
        self.assertIn("access.granted", map(kind, published))
        self.assertTrue(self.board.verify()["holds"])


class Misfortunes(unittest.TestCase):
    """Lines that loquetd cannot have, or loses: it says which and why. A chip for each test."""

    @classmethod
    def setUpClass(cls):
        cls.guest = cls.enterClassContext(Guest(travel=START))

    def setUp(self):
        name = self.id().rpartition(".")[2]
        self.board = Board(self.guest, f"{STATE}-{name}", release_ms=RELEASE_MS, chip_name=name)

    def test_a_chip_that_goes_away_is_a_fault_and_not_the_end(self):
        board = self.board
        board.start()
        board.enrol(MEMBER, "Ada Example")
        board.chip.unplug()
        board.hold(MEMBER)
        self.guest.sleep(0.2)
        faults = [row for row in board.published() if kind(row) == "door.fault"]
        self.assertEqual([row.event["data"]["cause"] for row in faults], ["relay"])
        self.assertIn("the relay line does not obey", board.door.err)
        self.assertTrue(board.control({"do": "status"})["ok"])
        board.door.stop(signal.SIGTERM)

    def test_a_line_in_use_is_named_with_its_user(self):
        holder = self.guest.start("gpioset", "--mode=signal", self.board.chip.path, "0=0")
        self.guest.wait_for(lambda: self.board.chip.changes(RELAY), "the line to be taken")
        ended = self.guest.run(LOQUETD, "--config", CONFIG, check=False)
        holder.stop()
        self.assertEqual(ended.status, 1)
        self.assertRegex(ended.err, "door front: relay: line 0 of .*gpioset")

    def test_a_missing_chip_is_named(self):
        config = self.guest.read(CONFIG)
        self.guest.write(CONFIG, config.replace(self.board.chip.path, "/dev/gpiochip9"))
        ended = self.guest.run(LOQUETD, "--config", CONFIG, check=False)
        self.assertEqual(ended.status, 1)
        self.assertIn("door front: chip /dev/gpiochip9", ended.err)


if __name__ == "__main__":
    unittest.main(verbosity=2)

#!/usr/bin/python3
"""Whatever the chip or a card does to libnfc: a badge that comes afterwards is reported."""

import os
import signal
import time
import unittest

import pn532sim
import readerrig

SELECT = bytes.fromhex("905a00000300000000")
NUMBERS = {"status": (1, 20, 64), "uid-len": (0, 5, 8, 255), "nbtg": (0, 2, 3, 255), "slow": (90, 700)}
EXPOSED_S = 0.5


def all_faults():
    """Every fault that the simulator knows, with numbers where it takes one."""
    with pn532sim.Simulator() as sim:
        for name, numbered in sim.faults():
            if name != "none":
                for number in NUMBERS[name] if numbered else (None,):
                    yield (name,) if number is None else (name, number)


class Faults(unittest.TestCase):
    def setUp(self):
        self.rig = readerrig.Rig().__enter__()
        self.addCleanup(self.rig.__exit__, None, None, None)
        self.door = self.rig.door
        self.door.expect("hello")
        self.door.expect("ready")
        self.cards = 0

    def next_uid(self):
        self.cards += 1
        return f"04{self.cards:012x}"

    def expose(self):
        """A badge in the field until the fault has bitten, and for a while; an APDU for each tap of it."""
        before = self.rig.sim.stats()["faults"]
        deadline = time.monotonic() + readerrig.WAIT_S
        self.rig.sim.present(0, type="desfire", uid=self.next_uid())
        while True:
            for message in self.door.messages_for(EXPOSED_S):
                if message.type == "present":
                    self.door.send_apdu(message.tap, SELECT)
            if self.rig.sim.stats()["faults"] > before:
                break
            self.assertLess(time.monotonic(), deadline, "the fault never bit")
        self.rig.sim.remove()

    def recover(self):
        """Milliseconds from a badge's arrival at the mended reader to its report."""
        self.rig.sim.fault("none")
        uid = self.next_uid()
        at_us = self.rig.sim.present(1, uid=uid)["at_us"]
        message = self.door.wait_for("present", lambda m: m.uid_hex() == uid)
        self.assertEqual((message.cards, message.malformed, message.uid_len), (1, 0, 7))
        self.rig.sim.remove()
        self.door.wait_for("gone", lambda m: m.tap == message.tap)
        return (message.seen_us - at_us) / 1000

    def check_taps(self):
        """One tap at a time, numbered from 1 on each connection."""
        current, last = None, 0
        for message in self.door.log:
            if message.type == "hello":
                current, last = None, 0
            elif message.type == "present":
                self.assertIsNone(current, self.door.log)
                self.assertEqual(message.tap, last + 1, self.door.log)
                current = last = message.tap
            elif message.type == "gone":
                self.assertEqual(message.tap, current, self.door.log)
                current = None

    def test_every_fault_ends(self):
        supervisor = self.rig.process.pid
        for fault in all_faults():
            with self.subTest(fault=fault):
                self.rig.sim.fault(*fault)
                self.expose()
                took_ms = self.recover()
                print(f"{' '.join(map(str, fault))}: reported {took_ms:.0f} ms after it came")
        self.check_taps()
        self.assertIsNone(self.rig.process.poll())
        self.assertEqual(self.rig.process.pid, supervisor)

    def test_once_is_no_failure_of_the_device(self):
        """A single disturbed answer to a search costs neither a fault nor a restart."""
        for name in ("bad-dcs", "bad-lcs", "truncated", "no-ack", "hang", "nack", "error-frame"):
            with self.subTest(fault=name):
                self.rig.sim.fault(name, "once", "on=4a")
                self.recover()
        self.assertNotIn("fault", [message.type for message in self.door.log])

    def test_lies_of_a_card_are_sightings(self):
        for fault in (("ats-tl0",), ("uid-len", 200), ("nbtg", 200)):
            with self.subTest(fault=fault):
                self.rig.sim.fault(*fault)
                self.rig.sim.present(0, type="desfire", uid=self.next_uid())
                message = self.door.wait_for("present")
                self.assertEqual(message.malformed, 1)
                self.assertEqual(message.uid_len, 0)
                self.rig.sim.remove()
                self.recover()
        self.assertNotIn("fault", [message.type for message in self.door.log])

    def test_a_crash_of_the_library_is_a_restart(self):
        self.rig.sim.fault("status80", "on=40")
        self.rig.sim.present(0, type="desfire", uid=self.next_uid())
        self.door.send_apdu(self.door.expect("present").tap, SELECT)
        hello = self.door.expect("hello")
        self.assertEqual((hello.restarts, hello.text), (1, b"signal 6 (Aborted)"))
        self.rig.sim.fault("none")
        message = self.door.wait_for("present")
        self.assertEqual(self.door.exchange(message.tap, SELECT).answer(), b"\x91\x00")

    def test_a_library_that_loops_is_replaced(self):
        """The chip announces more of an answer, for ever."""
        self.rig.sim.fault("status", 64, "on=40")
        self.rig.sim.present(0, type="desfire", uid=self.next_uid())
        self.door.send_apdu(self.door.expect("present").tap, SELECT)
        hello = self.door.expect("hello")
        self.assertEqual((hello.restarts, hello.text), (1, b"hung"))
        self.rig.sim.remove()
        self.recover()

    def test_a_worker_that_stops_or_dies_is_replaced(self):
        for number, text in ((signal.SIGSTOP, b"hung"), (signal.SIGKILL, b"signal 9 (Killed)")):
            with self.subTest(signal=number):
                os.kill(self.rig.worker_pid(), number)
                print(f"signal {number}: reported {self.recover():.0f} ms after it came")
                hellos = [message for message in self.door.log if message.type == "hello"]
                self.assertEqual(hellos[-1].text, text)

    def test_a_worker_is_replaced_every_time(self):
        for restarts in range(1, 9):
            os.kill(self.rig.worker_pid(), signal.SIGKILL)
            self.assertEqual(self.door.wait_for("hello").restarts, restarts)
        self.recover()

    def test_unplugged_and_plugged_in_again(self):
        uid = self.next_uid()
        self.rig.sim.present(0, uid=uid)
        self.door.expect("present")
        for _ in range(3):
            self.rig.sim.unplug()
            self.door.expect("fault")
            self.rig.sim.plug()
            self.door.expect("ready")
            # It lay there all the time: no new tap.
            self.door.quiet(0.5)
        self.rig.sim.remove()
        self.door.expect("gone")
        print(f"plugged in: reported {self.recover():.0f} ms after it came")

    def test_a_chip_that_hangs_at_the_start(self):
        self.rig.stop_reader()
        self.rig.sim.fault("hang")
        self.rig.start_reader()
        self.door.expect("hello")
        self.assertEqual(self.door.expect("fault").text[:10], b"the reader")
        self.door.quiet(3)
        self.rig.sim.fault("none")
        self.door.expect("ready")
        self.recover()


if __name__ == "__main__":
    unittest.main()

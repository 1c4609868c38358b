#!/usr/bin/python3
"""What loquetd and loquet-reader say to each other."""

import time
import unittest

import readerrig
from readerrig import ERR_INVALID, ERR_NOT_FOUND, ERR_TIMEOUT

SELECT = bytes.fromhex("905a00000300000000")
FIRST, SECOND = "04a1b2c3d4e5f6", "11223344"


class Door(unittest.TestCase):
    def rig(self, **options):
        rig = readerrig.Rig(**options).__enter__()
        self.addCleanup(rig.__exit__, None, None, None)
        return rig

    def ready_rig(self):
        rig = self.rig()
        rig.door.expect("hello")
        rig.door.expect("ready")
        return rig, rig.door, rig.sim

    def test_the_first_words(self):
        rig = self.rig()
        hello = rig.door.expect("hello")
        self.assertEqual((hello.version, hello.name, hello.restarts, hello.text), (1, b"front-in", 0, b""))
        self.assertEqual(rig.door.expect("ready").text, b"PN532 v1.6")

    def test_a_tap(self):
        _, door, sim = self.ready_rig()
        before_us = time.monotonic_ns() // 1000
        sim.present(0, type="desfire", uid=FIRST, sak="20", atqa="0344")
        message = door.expect("present")
        self.assertEqual((message.tap, message.cards, message.malformed), (1, 1, 0))
        self.assertEqual((message.uid_hex(), message.sak, bytes(message.atqa)), (FIRST, 0x20, b"\x03\x44"))
        # The search that found it may have begun before it came.
        self.assertGreater(message.seen_us, before_us)
        self.assertLess(message.poll_us, message.seen_us)
        door.quiet(2)
        sim.remove()
        self.assertEqual(door.expect("gone").tap, 1)
        sim.present(0, uid=SECOND)
        message = door.expect("present")
        self.assertEqual((message.tap, message.uid_hex()), (2, SECOND))

    def test_identifiers_of_every_length(self):
        _, door, sim = self.ready_rig()
        for uid in ("11223344", "04a1b2c3d4e5f6", "0102030405060708090a"):
            sim.present(0, uid=uid)
            self.assertEqual(door.expect("present").uid_hex(), uid)
            sim.remove()
            door.expect("gone")

    def test_several_badges_serve_none(self):
        _, door, sim = self.ready_rig()
        sim.present(0, uid=FIRST)
        self.assertEqual(door.expect("present").cards, 1)
        sim.present(1, uid=SECOND)
        self.assertEqual(door.expect("gone").tap, 1)
        self.assertEqual(door.expect("present").cards, 2)
        sim.remove(0)
        self.assertEqual(door.expect("gone").tap, 2)
        self.assertEqual(door.expect("present").uid_hex(), SECOND)

    def test_a_phone_is_one_tap(self):
        _, door, sim = self.ready_rig()
        sim.present(0, type="phone")
        message = door.expect("present")
        self.assertEqual((message.uid_len, message.uid[0]), (4, 8))
        door.quiet(2)
        sim.remove()
        door.expect("gone")

    def test_a_dialogue(self):
        _, door, sim = self.ready_rig()
        sim.present(0, type="desfire", uid=FIRST)
        tap = door.expect("present").tap
        for pause_s in (0, 0, 0, 0.2, 0.2):
            time.sleep(pause_s)
            answer = door.exchange(tap, SELECT)
            self.assertEqual((answer.tap, answer.error, answer.answer()), (tap, 0, b"\x91\x00"))
        self.assertEqual(door.exchange(tap, bytes(readerrig.APDU_MAX)).byte_count, 2)

    def until_answered(self, door):
        """What the chip says too late may disturb the exchanges after it, even end the tap. Asks again,
        as loquetd would, until the badge answers; returns the tap that it lies there as."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            tap = [m.tap for m in door.log if m.type == "present"][-1]
            if door.exchange(tap, SELECT).error == 0:
                return tap
            time.sleep(0.05)
        self.fail("the badge was never answered for again")

    def test_apdus_that_are_refused(self):
        _, door, sim = self.ready_rig()
        self.assertEqual(door.exchange(1, SELECT).error, ERR_NOT_FOUND)
        sim.present(0, type="desfire", uid=FIRST)
        tap = door.expect("present").tap
        self.assertEqual(door.exchange(tap + 1, SELECT).error, ERR_NOT_FOUND)
        self.assertEqual(door.exchange(0, SELECT).error, ERR_NOT_FOUND)
        self.assertEqual(door.exchange(tap, b"").error, ERR_INVALID)
        sim.fault("slow", 400, "on=40")
        answer = door.exchange(tap, SELECT, deadline_ms=100)
        self.assertEqual((answer.error, answer.byte_count), (ERR_TIMEOUT, 0))
        sim.fault("none")
        tap = self.until_answered(door)
        sim.remove()
        self.assertEqual(door.exchange(tap, SELECT).error, ERR_NOT_FOUND)
        if ("gone", tap) not in [(message.type, message.tap) for message in door.log]:  # it may come before the answer
            door.expect("gone")
        self.assertEqual(door.exchange(tap, SELECT).error, ERR_NOT_FOUND)

    def test_an_endless_deadline_is_cut(self):
        """The card never answers: the reader says so before it is taken for hung."""
        _, door, sim = self.ready_rig()
        sim.present(0, type="desfire", uid=FIRST)
        tap = door.expect("present").tap
        sim.fault("slow", 20000, "on=40")
        self.assertEqual(door.exchange(tap, SELECT, deadline_ms=0xFFFFFFFF).error, ERR_TIMEOUT)
        sim.fault("none")
        sim.remove()
        sim.present(0, uid=SECOND)
        door.wait_for("present", lambda m: m.uid_hex() == SECOND)
        self.assertEqual([m.restarts for m in door.log if m.type == "hello"], [0])

    def test_nonsense_from_the_door_ends_the_connection(self):
        _, door, sim = self.ready_rig()
        whole = readerrig.Message(type_number=7, version=1, tap=1, byte_count=readerrig.APDU_MAX + 1)
        other = readerrig.Message(type_number=1, version=1)
        for packet in (b"x", bytes(whole), bytes(other), bytes(other) + b"x", bytes(60000)):
            door.connection.send(packet)
            self.assertEqual(door.expect("hello").restarts, 0)
            door.expect("ready")
        sim.present(0, uid=FIRST)
        self.assertEqual(door.expect("present").tap, 1)

    def test_a_door_that_was_away(self):
        rig = self.rig(listen=False)
        rig.wait_for_stderr("is ready")
        rig.sim.present(0, uid=FIRST)
        rig.sim.wait_poll(3)
        rig.door.listen()
        rig.door.expect("hello")
        rig.door.expect("ready")
        # Nobody was told of this tap: it is not lost.
        message = rig.door.expect("present")
        self.assertEqual((message.tap, message.uid_hex()), (1, FIRST))
        opened = rig.sim.stats()["cmd_14"]
        for _ in range(3):
            rig.door.close()
            time.sleep(0.3)
            rig.door.listen()
            rig.door.expect("hello")
            rig.door.expect("ready")
            # This one was told before: it is not new.
            rig.door.quiet(0.5)
        rig.sim.remove()
        time.sleep(0.6)
        rig.sim.present(0, uid=SECOND)
        message = rig.door.expect("present")
        self.assertEqual((message.tap, message.uid_hex()), (1, SECOND))
        self.assertEqual(rig.sim.stats()["cmd_14"], opened)

    def test_a_door_that_does_not_read(self):
        rig, door, sim = self.ready_rig()
        for number in range(400):
            sim.present(0, uid=f"04{number:012x}")
            sim.wait_poll(2)
            sim.remove()
        # Its queue is full by now, and the reader has hung up and come back.
        door.wait_for("hello")
        sim.present(0, uid=FIRST)
        door.wait_for("present", lambda m: m.uid_hex() == FIRST)
        self.assertEqual(rig.restarts(), 0)

    def test_statistics(self):
        _, door, sim = self.ready_rig()
        sim.present(0, uid=FIRST)
        first = door.wait_for("statistics").statistics
        second = door.wait_for("statistics").statistics
        self.assertGreater(first.polls, 0)
        self.assertGreater(second.polls, first.polls)
        self.assertEqual((first.cards, first.faults), (1, 0))
        self.assertGreater(first.poll_us_median, 0)
        self.assertGreaterEqual(first.poll_us_max, first.poll_us_median)


if __name__ == "__main__":
    unittest.main()

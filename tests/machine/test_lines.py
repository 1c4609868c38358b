"""The GPIO adapter over the kernel's own character device: the suite of hal/lines.h, and what a
meter on the wires saw meanwhile. Once with this machine's libgpiod, once with Debian 13's."""

import os
import subprocess
import unittest

from board import CONTACT, RELAY, Board, kind
from guest import TIMEOUT, Guest

PROGRAM = "tests/contract/lines/lines_contract"
# as lines_contract.c wires them
ACTIVE_HIGH = {"relay": 0, "buzzer": 2}
ACTIVE_LOW = {"led_green": 1}
BADGE = "04a1b2c3d4e500"


def setUpModule():
    Lines.guest = unittest.enterModuleContext(Guest())


class Lines:
    """`build` is the folder of a build whose lines_contract is linked with `library`."""

    guest = None

    @classmethod
    def setUpClass(cls):
        cls.contract = os.path.join(cls.build, PROGRAM)
        cls.chip = cls.guest.add_chip(cls.__name__, lines=8)
        cls.folder = f"/sys/devices/platform/{cls.chip.parent}/{cls.chip.device}"

    def keep_contract(self, chip):
        result = self.guest.run(self.contract, "gpiod", chip, self.folder, check=False)
        self.assertEqual(result.status, 0, result.out + result.err)
        self.assertIn("14 test(s) run", result.err + result.out)

    def test_it_is_the_library_that_is_meant(self):
        linked = subprocess.run(["ldd", self.contract], stdout=subprocess.PIPE, check=True)
        self.assertIn(self.library, linked.stdout.decode())

    def test_the_adapter_keeps_its_contract(self):
        self.keep_contract(self.chip.path)
        for levels, inactive in ((ACTIVE_HIGH, 0), (ACTIVE_LOW, 1)):
            for name, number in levels.items():
                with self.subTest(name):
                    values = [change.value for change in self.chip.changes(number)]
                    self.assertIn(1 - inactive, values)
                    self.assertEqual(values[0], inactive, "active when it was taken")
                    self.assertEqual(values[-1], inactive, "active when it was let go")

    def test_a_chip_is_found_by_its_number_its_name_and_its_label(self):
        number = self.chip.device.removeprefix("gpiochip")
        for chip in (number, self.chip.device, f"{self.chip.parent}-node0"):
            with self.subTest(chip):
                self.keep_contract(chip)


class MachinesOwn(Lines, unittest.TestCase):
    build = os.environ["LOQUET_BUILD"]
    library = "libgpiod.so."


class Debian13(Lines, unittest.TestCase):
    build = os.environ["LOQUET_LIBGPIOD2_BUILD"]
    library = "libgpiod.so.3 "

    def test_a_door_works_over_it(self):
        """What this machine's own library does is machine.door."""
        loquetd = os.path.join(self.build, "firmware/door/loquetd")
        linked = subprocess.run(["ldd", loquetd], stdout=subprocess.PIPE, check=True)
        self.assertIn(self.library, linked.stdout.decode())
        self.story(loquetd)

    def story(self, loquetd):
        """A tap, somebody who passes, and somebody who breaks in."""
        name = "a-door"
        board = Board(self.guest, f"/var/lib/{name}", release_ms=60000, front="relock_on = open\n",
                      chip_name=name, loquetd=loquetd)
        board.start_door()
        board.wait_for_door()
        board.enrol(BADGE, "Ada Example")
        chip = board.chip

        def has(wanted):
            self.guest.wait_until(
                lambda: wanted in [kind(row) for row in board.published()], TIMEOUT, wanted
            )

        board.tap_once(BADGE)
        has("door.released")
        chip.pull(CONTACT, 1)
        has("access.taken")
        chip.pull(CONTACT, 0)
        has("door.relocked")
        has("door.closed")
        chip.pull(CONTACT, 1)
        has("door.alarm")
        chip.pull(CONTACT, 0)
        has("door.alarm_ended")
        self.assertEqual([change.value for change in chip.changes(RELAY)], [0, 1, 0])
        self.assertEqual(board.door.stop().status, 0)
        self.assertEqual(chip.value(RELAY), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)

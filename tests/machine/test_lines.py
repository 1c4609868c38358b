"""The GPIO adapter over the kernel's own character device: the suite of hal/lines.h, and what a
meter on the wires saw meanwhile."""

import os
import unittest

from guest import Guest

CONTRACT = os.path.join(os.environ["LOQUET_BUILD"], "tests/contract/lines/lines_contract")
# as lines_contract.c wires them
ACTIVE_HIGH = {"relay": 0, "buzzer": 2}
ACTIVE_LOW = {"led_green": 1}


class Lines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.guest = cls.enterClassContext(Guest())
        cls.chip = cls.guest.add_chip(lines=8)
        cls.folder = f"/sys/devices/platform/{cls.chip.parent}/{cls.chip.device}"

    def test_the_adapter_keeps_its_contract(self):
        result = self.guest.run(CONTRACT, "gpiod", self.chip.path, self.folder, check=False)
        self.assertEqual(result.status, 0, result.out + result.err)
        self.assertIn("14 test(s) run", result.err + result.out)
        for levels, inactive in ((ACTIVE_HIGH, 0), (ACTIVE_LOW, 1)):
            for name, number in levels.items():
                with self.subTest(name):
                    values = [change.value for change in self.chip.changes(number)]
                    self.assertIn(1 - inactive, values)
                    self.assertEqual(values[0], inactive, "active when it was taken")
                    self.assertEqual(values[-1], inactive, "active when it was let go")


if __name__ == "__main__":
    unittest.main(verbosity=2)

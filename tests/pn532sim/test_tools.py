"""The unmodified tools of libnfc and libfreefare against the simulator: they have to believe it."""

import re
import subprocess
import time
import unittest

from pn532sim import Simulator

DEADLINE_S = 60
# A hostile chip may make a tool wait for ever; then it is killed, which is no failure.
HOSTILE_S = 4


def run(sim, *command):
    done = subprocess.run(
        command,
        env=sim.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=DEADLINE_S,
    )
    return done.stdout


def fields(text):
    """{"UID": ["04112233"], ...} of what libnfc's tools print about targets."""
    found = {}
    for name, value in re.findall(r"^ *(ATQA|UID|SAK|ATS)[^:]*: +([0-9a-f ]+?) *$", text, re.M):
        found.setdefault(name, []).append(value.replace(" ", ""))
    return found


class NfcListTest(unittest.TestCase):
    def listed(self, *cards):
        with Simulator(pace=115200, air=True) as sim:
            for slot, card in enumerate(cards):
                sim.present(slot, **card)
            return fields(run(sim, "nfc-list", "-t", "1"))

    def test_an_empty_field(self):
        self.assertEqual(self.listed(), {})

    def test_each_type(self):
        cases = (
            ("classic1k", "deadbeef", "0004", "08", None),
            ("classic4k", "04a1b2c3d4e5f6", "0042", "18", None),
            ("ultralight", "04a1b2c3d4e5f6", "0044", "00", None),
            ("ntag213", "04a1b2c3d4e5f6", "0044", "00", None),
            ("ntag215", "04a1b2c3d4e5f6", "0044", "00", None),
            ("ntag216", "04a1b2c3d4e5f6", "0044", "00", None),
            ("desfire", "04112233445566", "0344", "20", "7577810280"),
            ("raw", "00112233445566778899", "0084", "00", None),
        )
        for card_type, uid, atqa, sak, ats in cases:
            with self.subTest(type=card_type):
                want = {"ATQA": [atqa], "UID": [uid], "SAK": [sak]}
                if ats:
                    want["ATS"] = [ats]
                self.assertEqual(self.listed({"type": card_type, "uid": uid}), want)

    def test_a_phone(self):
        found = self.listed({"type": "phone"})
        self.assertRegex(found["UID"][0], "^08[0-9a-f]{6}$")
        self.assertEqual(found["SAK"], ["20"])
        self.assertEqual(found["ATS"], ["78807002"])

    def test_a_card_of_ones_own(self):
        found = self.listed(
            {"type": "raw", "uid": "01020304", "sak": "28", "atqa": "0304", "ats": "0578338102"}
        )
        self.assertEqual(
            found, {"ATQA": ["0304"], "UID": ["01020304"], "SAK": ["28"], "ATS": ["78338102"]}
        )

    def test_two_cards(self):
        found = self.listed(
            {"type": "desfire", "uid": "04112233445566"}, {"type": "classic1k", "uid": "deadbeef"}
        )
        self.assertEqual(found["UID"], ["04112233445566", "deadbeef"])

    def test_every_modulation_and_without_pacing(self):
        with Simulator() as sim:
            sim.present(0, type="ntag213", uid="04a1b2c3d4e5f6")
            text = run(sim, "nfc-list")
        self.assertEqual(fields(text)["UID"], ["04a1b2c3d4e5f6"])
        self.assertEqual(text.count("passive target(s) found"), 1)

    def test_after_plugging_in_again(self):
        with Simulator() as sim:
            sim.present(0, uid="deadbeef")
            for _ in range(3):
                self.assertEqual(fields(run(sim, "nfc-list", "-t", "1"))["UID"], ["deadbeef"])
                sim.unplug()
                self.assertEqual(fields(run(sim, "nfc-list", "-t", "1")), {})
                sim.plug()
            self.assertEqual(fields(run(sim, "nfc-list", "-t", "1"))["UID"], ["deadbeef"])


class NfcPollTest(unittest.TestCase):
    def polled(self, **card):
        """A card that is there is found, watched, and missed when it leaves."""
        with Simulator(pace=115200, air=True) as sim:
            poll = subprocess.Popen(
                ["nfc-poll"],
                env=sim.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            try:
                self.wait(lambda: sim.stats().get("cmd_60", 0) > 0)
                sim.present(0, **card)
                self.wait(lambda: sim.stats()["exchanges"] + sim.stats()["polls"] >= 3)
                sim.remove(0)
                return poll.communicate(timeout=DEADLINE_S)[0]
            finally:
                poll.kill()
                poll.wait()
                poll.stdout.close()

    def wait(self, condition):
        end = time.monotonic() + DEADLINE_S
        while not condition():
            self.assertLess(time.monotonic(), end, "it did not happen")
            time.sleep(0.01)

    def test_desfire(self):
        text = self.polled(type="desfire", uid="04112233445566")
        self.assertEqual(
            fields(text),
            {"ATQA": ["0344"], "UID": ["04112233445566"], "SAK": ["20"], "ATS": ["7577810280"]},
        )
        self.assertIn("Target Released", text)

    def test_classic(self):
        text = self.polled(type="classic1k", uid="deadbeef")
        self.assertEqual(fields(text), {"ATQA": ["0004"], "UID": ["deadbeef"], "SAK": ["08"]})
        self.assertIn("Target Released", text)

    def test_ntag(self):
        text = self.polled(type="ntag213", uid="04a1b2c3d4e5f6")
        self.assertEqual(fields(text), {"ATQA": ["0044"], "UID": ["04a1b2c3d4e5f6"], "SAK": ["00"]})
        self.assertIn("Target Released", text)


class FreefareTest(unittest.TestCase):
    def test_desfire_info(self):
        with Simulator(pace=115200, air=True) as sim:
            sim.present(0, type="desfire", uid="04112233445566")
            text = run(sim, "mifare-desfire-info")
        lines = [" ".join(line.split()) for line in text.splitlines()]
        for line in (
            "===> Version information for tag 04112233445566:",
            "UID: 0x04112233445566",
            "Batch number: 0xba34c5d6e7",
            "Production date: week 20, 2014",
            "Version: 1.0",
            "Version: 1.4",
            "Storage size: 0x18 (=4096 bytes)",
            "Protocol: 0x05",
            "Master Key settings (0x0f):",
            "Master Key version: 0 (0x00)",
            "Free memory: 7680 bytes",
            "Use random UID: no",
        ):
            self.assertIn(line, lines)

    def test_a_phone_is_not_taken_for_a_desfire(self):
        with Simulator() as sim:
            sim.present(0, type="phone")
            self.assertEqual(run(sim, "mifare-desfire-info"), "")

    def test_ultralight_info(self):
        with Simulator() as sim:
            sim.present(0, type="ultralight", uid="04a1b2c3d4e5f6")
            text = run(sim, "mifare-ultralight-info")
        self.assertIn("Tag with UID 04a1b2c3d4e5f6 is a Mifare UltraLight", text)


class HostileChipTest(unittest.TestCase):
    """Whatever a tool makes of each fault, the simulator lives and is itself again afterwards."""

    def test_every_fault(self):
        with Simulator() as sim:
            sim.present(0, type="desfire", uid="04112233445566")
            for name, takes_number in sim.faults():
                with self.subTest(fault=name):
                    sim.fault(name, *([9] if takes_number else []))
                    self.suffer(sim)
                    self.assertEqual(sim.stats()["faults"] > 0, name != "none")
                    sim.fault("none")
                    found = fields(run(sim, "nfc-list", "-t", "1"))
                    self.assertEqual(found["UID"], ["04112233445566"])
                    self.assertEqual(found["ATS"], ["7577810280"])

    def suffer(self, sim):
        try:
            subprocess.run(
                ["mifare-desfire-info"],
                env=sim.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=HOSTILE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            pass


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""The programs can live with the system calls that their units leave to them."""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

from house import House

BUILD = os.environ["LOQUET_BUILD"]
UNITS = pathlib.Path(BUILD) / "firmware/systemd"
SANDBOXED = pathlib.Path(__file__).with_name("sandboxed.py")
PROGRAMS = {
    "loquetd": "loquetd.service",
    "loquet-reader": "loquet-reader@.service",
    "loquet-link": "loquet-link.service",
}
MEMBER = "04a1b2c3d4e5f6"


def confined(unit, command):
    return [sys.executable, "-B", str(SANDBOXED), str(unit), *command]


class SandboxedHouse(House):
    def spawn(self, name, command, **options):
        if name in PROGRAMS:
            command = confined(UNITS / PROGRAMS[name], command)
        return super().spawn(name, command, **options)


class Sandbox(unittest.TestCase):
    def test_a_badge_opens_and_everything_ends_in_order(self):
        with SandboxedHouse(BUILD, pace=None) as house:
            house.start()
            member = house.loquet("member", "add", "Ada Example")["member"]
            house.loquet("badge", "enrol", str(member), "--uid", MEMBER)
            mark = house.mark()
            house.sim("present 0 type=ntag213 uid=" + MEMBER)
            house.wait_event("door.relocked", mark)
            house.sim("unplug")
            house.wait_event("reader.fault", mark)
            house.stop("mosquitto")
            house.start_broker()
            house.sim("plug")
            house.wait_event("reader.online", mark)
            head = house.status()["journal"]["head"]
            house.mqtt.wait(lambda body: b'"id":"front-board/%d"' % head in body)
            for name in PROGRAMS:
                self.assertEqual(house.stop(name), 0, house.log(name))

    def test_canary_a_call_outside_the_list_kills(self):
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder) / "clock.service"
            look = [sys.executable, "-c", "import time; time.clock_settime(time.CLOCK_REALTIME, -1)"]
            for calls, status in (("@system-service", -signal.SIGSYS), ("@system-service @clock", 1)):
                unit.write_text("[Service]\nSystemCallFilter=%s\n" % calls, encoding="utf-8")
                done = subprocess.run(confined(unit, look), stderr=subprocess.DEVNULL, check=False)
                self.assertEqual(done.returncode, status)


if __name__ == "__main__":
    unittest.main()

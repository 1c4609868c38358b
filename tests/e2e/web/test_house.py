#!/usr/bin/python3
"""A house with its office, and a browser at the office's page that asks for taps:

    test_house.py house.mjs
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

from house import House, UNTIL_OPENED

BUILD = os.environ["LOQUET_BUILD"]
HERE = pathlib.Path(__file__).parent
WALK = sys.argv.pop(1)
UID = "04a1b2c3d4e5f6"


class Hands:
    """Does at the door what the browser's test asks for, one line each, and answers ok."""

    def __init__(self, house):
        self.house = house
        self.path = house.folder + "/hands.sock"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        connection, _ = self.listener.accept()
        self.listener.close()
        with connection, connection.makefile("rw") as file:
            for line in file:
                try:
                    answer = getattr(self, line.strip())() or "ok"
                except Exception as error:  # pylint: disable=broad-except
                    answer = "failed: %s" % error
                file.write(answer + "\n")
                file.flush()

    def present(self):
        self.house.sim("present 0 type=ntag213 uid=" + UID)

    def remove(self):
        self.house.take_badge()

    def enter(self):
        """Somebody whose badge was read comes in through the door, which opens and closes."""
        self.house.wait_for(lambda: self.house.loquet("badge", "list"), "the badge's arrival at the door")
        self.house.wait_until_told()
        mark = self.house.mark()
        self.present()
        self.house.go_through(mark)
        self.remove()

    def code(self):
        """What the first account asks for from another machine."""
        return self.house.log("loquet-office").split("the code ")[1].split()[0]

    def force(self):
        """The door opens, and nobody had released it."""
        mark = self.house.mark()
        self.house.drive("contact", True)
        self.house.wait_event("door.alarm", mark)

    def shut(self):
        self.house.drive("contact", False)

    def block(self):
        self.house.loquet("door", "mode", "front", "Blocked")

    def unblock(self):
        self.house.loquet("door", "mode", "front", "Locked")

    def unlink(self):
        self.house.stop("loquet-link", signal.SIGKILL)

    def link(self):
        self.house.start_link()

    def lose_broker(self):
        self.house.stop("mosquitto")

    def find_broker(self):
        self.house.start_broker()

    def opened(self):
        """The door was released for somebody at the page."""
        self.house.wait_event("command.accepted", 0, action="door.open")


class Page(unittest.TestCase):
    def test_the_page_of_a_real_office(self):
        # The business day must not end in the middle of the test.
        cut = (time.gmtime().tm_hour + 12) % 24
        with House(BUILD, pace=None, settings="time_zone = UTC\nclock_trust = unset\nday_cut = %d" % cut,
                   **UNTIL_OPENED) as house:
            os.makedirs(house.folder + "/state")
            house.write_config()
            office = [house.program("loquet-office"), "--config", house.config]
            key = json.loads(subprocess.run(
                [*office, "--json", "key"], capture_output=True, check=True, timeout=60).stdout)
            house.settings += "\noffice_key = " + key["key"]
            house.sections += ("[command office]\nkey = %s\nallow = door.open, door.mode, badge.read\n"
                               "doors = *\n" % key["key"])
            house.start()
            house.spawn("loquet-office", [*office, "run"])
            house.wait_for(lambda: "connected" in house.log("loquet-office"), "the office's start")
            hands = Hands(house)
            done = subprocess.run([HERE / "run", WALK], timeout=1000, check=False, env={
                **os.environ, "LOQUET_URL": "http://127.0.0.1:%d" % house.office_port,
                "LOQUET_HANDS": hands.path})
            self.assertEqual(done.returncode, 0, house.log("loquet-office"))


if __name__ == "__main__":
    unittest.main()

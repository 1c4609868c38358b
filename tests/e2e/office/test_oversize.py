#!/usr/bin/python3
"""A broker that takes no packet as long as a part of the roster: what comes behind it gets through."""

import os
import sqlite3
import subprocess
import unittest

from house import BROKER, House

BUILD = os.environ["LOQUET_BUILD"]
PACKET_MAX = 40000  # a manifest is shorter
PEOPLE = 3000       # in one part, 20 bytes each


class Oversize(unittest.TestCase):
    def setUp(self):
        self.house = House(BUILD)
        self.addCleanup(self.house.close)
        os.makedirs(self.house.folder + "/state", 0o700)
        self.house.write_config()
        self.start_broker()
        subprocess.run(self.command("account", "add", "ada", "--role", "manager"),
                       input="correct horse\n", text=True, timeout=60, check=True)
        database = sqlite3.connect(self.house.folder + "/state/office.db")
        with database:
            database.executemany(
                "INSERT INTO person (number, name, folded, kind, profile, created, changed) "
                "VALUES (?, 'Ada Example', 'ada example', 'member', 'always', 0, 0)",
                [(256 * i + 1,) for i in range(PEOPLE)])
        database.close()

    def start_broker(self):
        config = self.house.folder + "/mosquitto.conf"
        os.chmod(self.house.folder, 0o711)
        with open(config, "w", encoding="utf-8") as file:
            file.write("listener %d 127.0.0.1\nallow_anonymous true\nmax_packet_size %d\n"
                       "max_queued_messages 0\n%s"
                       % (self.house.port, PACKET_MAX, "user root\n" if os.geteuid() == 0 else ""))
        self.house.spawn("mosquitto", [BROKER, "-c", config])
        self.house.wait_for(self.house.broker_answers, "the broker's start", of="mosquitto")

    def command(self, *arguments):
        return [self.house.program("loquet-office"), "--config", self.house.config, *arguments]

    def retained(self, name, patience=5):
        done = subprocess.run(
            ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.house.port), "-V", "5", "-C", "1",
             "-W", str(patience), "-t", "loquet/1/demo/roster/" + name, "-F", "%l"],
            capture_output=True, text=True, timeout=90, check=False)
        return int(done.stdout) if done.stdout else None

    def test_what_is_too_long_does_not_hold_up_the_rest(self):
        self.house.spawn("loquet-office", self.command("run"))
        self.house.wait_for(lambda: self.retained("manifest"), "the manifest", patience=60)
        self.assertGreater(self.retained("part/0", 60), 0)
        self.assertIsNone(self.retained("part/2"))
        self.assertIn("loquet/1/demo/roster/part/2, ", self.house.log("loquet-office"))


if __name__ == "__main__":
    unittest.main()

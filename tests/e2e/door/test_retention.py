#!/usr/bin/python3
"""A door four months later: its files tell nobody any more who came when."""

import glob
import json
import os
import subprocess
import time
import unittest

from house import House

BUILD = os.environ["LOQUET_BUILD"]
LATER = os.environ["LOQUET_LATER"]  # a library
MEMBER = "04a1b2c3d4e5f6"
PATIENCE_S = 60


class FourMonthsLater(unittest.TestCase):
    def setUp(self):
        self.house = House(BUILD, pace=None, release_ms=600)
        self.addCleanup(self.house.close)
        self.house.write_config()
        self.house.start_broker()
        self.house.subscribe()
        self.house.start_sim()
        self.house.start_door()
        self.house.start_watch()
        self.house.start_reader()
        self.house.wait_for(lambda: self.house.status()["readers"][0]["state"] == "online",
                            "the reader's start")
        member = self.house.loquet("member", "add", "Ada Example")["member"]
        self.house.loquet("badge", "enrol", str(member), "--uid", MEMBER)

    def tap(self):
        mark = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + MEMBER)
        event = self.house.wait_event("access.granted", mark)["event"]
        self.house.wait_event("door.relocked", mark)
        self.house.take_badge()
        return event

    def restart_later(self, days):
        self.house.stop("watch")
        self.house.stop("loquetd")
        self.house.spawn("loquetd", [self.house.program("loquetd"), "--config", self.house.config],
                         env=dict(os.environ, LD_PRELOAD=LATER, LQ_LATER_S=str(days * 86400)))
        self.house.wait_for(self.house.door_answers, "a start", of="loquetd")
        self.house.wait_for(lambda: self.house.status()["readers"][0]["state"] == "online", "the reader's return")

    def files_with(self, text):
        found = []
        for path in glob.glob(self.house.folder + "/state/*"):
            with open(path, "rb") as file:
                if text.encode() in file.read():
                    found.append(os.path.basename(path))
        return found

    def rows(self):
        return {row["seq"]: row for row in self.house.loquet("journal", "list")}

    def verdict(self):
        return subprocess.run(
            [self.house.program("loquet"), "--config", self.house.config, "journal", "verify"],
            capture_output=True, text=True, timeout=60, check=False)

    def test_nobody_can_be_found_in_its_files(self):
        event = self.tap()
        seq = int(event["sequence"])
        words = ["org.loquet.access.", "org.loquet.roster.", '"holder":"', '"credential":"', '"actor":"']
        for word in words:
            self.assertTrue(self.files_with(word), word)
        self.restart_later(120)
        for word in words:
            self.house.wait_for(lambda word=word: not self.files_with(word), word + " is gone",
                                PATIENCE_S)
        self.assertEqual({"seq": seq, "purged": True}, self.rows()[seq])
        self.assertEqual(0, self.verdict().returncode, self.verdict().stderr)
        self.assertNotIn("could not be emptied", self.house.log("loquetd"))

        self.house.start_watch()
        again = self.tap()  # the roster is as it was
        self.assertTrue(self.files_with(words[0]))

        # None of it had been published: what was emptied is passed over, the rest comes.
        self.house.start_link()
        self.house.mqtt.wait(lambda body: json.loads(body)["id"] == again["id"], 0, PATIENCE_S)
        came = [json.loads(body) for _, body in self.house.mqtt.items]
        self.assertNotIn(seq, [int(body["sequence"]) for body in came])
        self.assertEqual([again["id"]], [body["id"] for body in came
                                         if body["type"] == "org.loquet.access.granted.v1"])
        self.assertFalse([body for body in came if body["type"] == "org.loquet.link.skipped.v1"])

    def test_a_month_later_all_is_there(self):
        event = self.tap()
        self.restart_later(30)
        time.sleep(7)  # it looks five seconds after its start
        self.assertEqual(event, self.rows()[int(event["sequence"])]["event"])
        self.assertEqual(0, self.verdict().returncode)


if __name__ == "__main__":
    unittest.main()

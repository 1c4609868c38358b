#!/usr/bin/python3
"""A slow, a full and a damaged disk: the door goes on, an alarm is raised, and it recovers."""

import json
import os
import sqlite3
import subprocess
import unittest

from house import House

BUILD = os.environ["LOQUET_BUILD"]
MEMBER = "04a1b2c3d4e5f6"


class Disk(unittest.TestCase):
    def setUp(self):
        self.house = House(BUILD, pace=None, release_ms=500)
        self.addCleanup(self.house.close)

    def start(self):
        self.house.start()
        self.house.loquet("member", "add", "Ada Example")
        self.house.loquet("badge", "enrol", "1", "--uid", MEMBER)

    def tap(self):
        self.house.sim("present 0 type=ntag213 uid=" + MEMBER)
        self.house.wait_for(self.house.relay, "the relay's release")
        self.house.take_badge()
        self.house.wait_for(lambda: not self.house.relay(), "the relay's relock")

    def test_a_disk_that_does_not_answer_delays_the_record_but_not_the_door(self):
        self.start()
        mark = self.house.mark()
        # Somebody holds the file's write lock: to loquetd, a disk that does not answer.
        blocker = sqlite3.connect(self.house.folder + "/state/door.db", isolation_level=None, timeout=60)
        blocker.execute("BEGIN IMMEDIATE")
        self.tap()
        blocker.execute("ROLLBACK")
        blocker.close()
        released = self.house.wait_event("door.released", mark)["event"]["data"]
        self.assertFalse(released["recorded"])
        late = self.house.wait_event("journal.late", mark)["event"]["data"]
        self.assertEqual(late["transaction"], released["transaction"])
        self.assertGreaterEqual(late["waitedMs"], 300)
        self.assertIn("opened before its record", self.house.log("loquetd"))
        self.house.loquet("journal", "verify")

    def test_a_full_disk_raises_an_alarm_and_recovers_by_itself(self):
        state = self.house.folder + "/state"
        os.mkdir(state)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", state], check=True)
        self.addCleanup(lambda: subprocess.run(["umount", "-l", state], check=True))
        self.start()
        filler = state + "/filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        # Rows still fit into pages that the log owns already; a few taps later they do not.
        for _ in range(30):
            self.tap()
            status = self.house.status()
            if status["journal"]["stalled"]:
                break
        self.assertTrue(status["journal"]["stalled"])
        self.assertTrue(any("journal" in alarm for alarm in status["alarms"]))
        self.assertIn("the journal cannot be written", self.house.log("loquetd"))
        self.tap()
        mark = self.house.mark()
        os.unlink(filler)
        resumed = self.house.wait_event("journal.resumed", mark)["event"]["data"]
        self.assertEqual(resumed["lost"], 0)
        self.assertFalse(self.house.status()["journal"]["stalled"])
        types = [json.loads(body)["type"] for body in self.house.journal()]
        self.assertIn("org.loquet.journal.stalled.v1", types)
        self.assertIn("org.loquet.journal.late.v1", types)
        self.house.loquet("journal", "verify")

    def stop_on_a_small_disk(self):
        """A door with a member, stopped in order; its state is on a disk of its own."""
        state = self.house.folder + "/state"
        os.mkdir(state)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", state], check=True)
        self.addCleanup(lambda: subprocess.run(["umount", "-l", state], check=True))
        self.start()
        before = self.house.journal()
        self.house.stop("watch")
        self.house.stop("loquet-link")
        self.house.stop("loquetd")
        # SQLite wants to make files beside this one before it reads it.
        self.assertEqual([name for name in os.listdir(state) if name.startswith("door.db")], ["door.db"])
        return state, before

    def start_and_tap(self):
        self.house.start_door()
        self.house.start_watch()
        self.house.wait_for(lambda: self.house.status()["readers"][0]["state"] == "online", "the reader")
        self.tap()
        self.house.wait_for(lambda: self.house.status()["journal"]["stalled"], "the journal's stall")
        self.assertEqual(self.house.status()["roster"]["credentials"], 1)
        self.assertIn("goes on by what can be read", self.house.log("loquetd"))

    def assert_recovers(self, mend, before):
        mark = self.house.mark()
        mend()
        self.house.wait_event("journal.resumed", mark)
        bodies = self.house.journal()
        self.assertEqual(bodies[:len(before)], before)
        types = [json.loads(body)["type"] for body in bodies[len(before):]]
        for noun in ("controller.started", "access.granted", "door.released", "journal.late"):
            self.assertIn("org.loquet.%s.v1" % noun, types)
        self.house.loquet("journal", "verify")

    def test_a_door_starts_on_a_full_disk(self):
        state, before = self.stop_on_a_small_disk()
        with open(state + "/filler", "wb", buffering=0) as file:
            for size in (4096, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    pass
        self.start_and_tap()
        self.assert_recovers(lambda: os.unlink(state + "/filler"), before)

    def test_a_door_starts_on_a_disk_that_cannot_be_written(self):
        state, before = self.stop_on_a_small_disk()
        subprocess.run(["mount", "-o", "remount,ro", state], check=True)
        self.start_and_tap()
        self.assert_recovers(lambda: subprocess.run(["mount", "-o", "remount,rw", state], check=True), before)

    def test_a_door_ends_in_time_although_the_disk_does_not_answer(self):
        self.start()
        blocker = sqlite3.connect(self.house.folder + "/state/door.db", isolation_level=None, timeout=60)
        blocker.execute("BEGIN IMMEDIATE")
        self.tap()
        process = self.house.processes["loquetd"]
        process.terminate()
        self.assertEqual(process.wait(60), 0)
        self.assertIn("could not be written before the end", self.house.log("loquetd"))
        blocker.execute("ROLLBACK")
        blocker.close()

    def test_a_file_that_is_taken_away_while_in_use_is_written_again(self):
        self.start()
        self.tap()
        state = self.house.folder + "/state/"
        mark = self.house.mark()
        for name in os.listdir(state):
            if name.startswith("door.db"):
                os.unlink(state + name)
        self.tap()
        stalled = self.house.wait_event("journal.stalled", mark)["event"]["data"]
        self.assertIn("taken away", stalled["text"])
        self.house.wait_event("journal.resumed", mark, lost=0)
        os.rename(state + "door.db", state + "elsewhere")  # and by a command, with nobody tapping
        self.house.loquet("member", "add", "Sam Sample")
        self.house.stop("watch")
        self.house.stop("loquetd")
        self.house.start_door()
        self.house.start_watch()
        self.assertEqual(len(self.house.loquet("member", "list")), 2)
        numbers = [int(json.loads(body)["sequence"]) for body in self.house.journal()]
        self.assertEqual(numbers, list(range(1, len(numbers) + 1)))
        self.house.loquet("journal", "verify")
        self.house.wait_for(lambda: self.house.status()["readers"][0]["state"] == "online", "the reader")
        self.tap()

    def test_a_damaged_file_is_set_aside_and_the_roster_carried_over(self):
        self.start()
        self.tap()
        self.house.stop("watch")
        self.house.stop("loquet-link")
        self.house.stop("loquetd")
        path = self.house.folder + "/state/door.db"
        with sqlite3.connect(path) as db:
            db.execute("UPDATE journal SET hash = zeroblob(32) WHERE seq = (SELECT max(seq) - 1 FROM journal)")
        db.close()
        with open(path, "rb") as file:
            damaged = file.read()
        self.house.start_door()
        self.house.start_watch()
        log = self.house.log("loquetd")
        self.assertIn("was damaged", log)
        self.assertIn("set aside as", log)
        self.assertIn("To go back to a backup", log)
        aside = [name for name in os.listdir(self.house.folder + "/state")
                 if name.startswith("door.db.damaged-") and not name.endswith(("-wal", "-shm"))]
        self.assertEqual(len(aside), 1)
        with open(os.path.join(self.house.folder, "state", aside[0]), "rb") as file:
            self.assertEqual(file.read(), damaged)
        self.house.wait_for(lambda: self.house.status()["readers"][0]["state"] == "online", "the reader")
        self.tap()
        self.house.loquet("journal", "verify")
        first = json.loads(self.house.journal()[0])
        self.assertEqual(first["type"], "org.loquet.journal.restarted.v1")

    def test_a_file_that_is_no_database_is_set_aside(self):
        state = self.house.folder + "/state"
        self.start()
        self.house.stop("watch")
        self.house.stop("loquet-link")
        self.house.stop("loquetd")
        with open(state + "/door.db", "wb") as file:
            file.write(os.urandom(20000))
        for companion in ("-wal", "-shm"):
            if os.path.exists(state + "/door.db" + companion):
                os.unlink(state + "/door.db" + companion)
        self.house.start_door()
        self.assertIn("set aside as", self.house.log("loquetd"))
        self.assertEqual(self.house.status()["roster"]["credentials"], 0)

    def test_what_is_no_file_is_named(self):
        path = self.house.folder + "/state/door.db"
        os.mkdir(self.house.folder + "/state")
        self.house.write_config()
        for make in (os.mkdir, lambda name: os.symlink(name, name)):
            make(path)
            process = self.house.spawn("loquetd", [self.house.program("loquetd"), "--config", self.house.config])
            self.assertEqual(process.wait(60), 1)
            self.assertEqual(self.house.log("loquetd").count("It is no file: move it away"), 1)
            os.truncate(os.path.join(self.house.logs, "loquetd"), 0)
            os.rename(path, path + ".away")
            os.rmdir(path + ".away") if os.path.isdir(path + ".away") else os.unlink(path + ".away")

    def test_a_file_that_was_lost_is_told_of(self):
        before = os.umask(0o022)
        self.addCleanup(os.umask, before)
        self.start()
        for name in ("door.db", "door.db-wal", "door.db-shm"):
            self.assertEqual(os.stat(self.house.folder + "/state/" + name).st_mode & 0o777, 0o640, name)
        self.assertFalse(any("door.db" in alarm for alarm in self.house.status()["alarms"]))
        self.house.stop("watch")
        self.house.stop("loquet-link")
        self.house.stop("loquetd")
        os.truncate(self.house.folder + "/state/door.db", 0)
        self.house.start_door()
        self.assertIn("missing or empty", self.house.log("loquetd"))
        self.assertIn("To go back to a backup", self.house.log("loquetd"))
        status = self.house.status()
        self.assertEqual(status["roster"]["credentials"], 0)
        self.assertTrue(any("door.db was lost" in alarm for alarm in status["alarms"]), status["alarms"])

    def test_another_programs_database_is_left_alone(self):
        state = self.house.folder + "/state"
        self.start()
        self.house.stop("watch")
        self.house.stop("loquet-link")
        self.house.stop("loquetd")
        os.unlink(state + "/door.db")
        with sqlite3.connect(state + "/door.db") as db:
            db.execute("CREATE TABLE photo (id INTEGER)")
        db.close()
        with open(state + "/door.db", "rb") as file:
            theirs = file.read()
        self.house.start_door()
        self.assertIn("is another program's", self.house.log("loquetd"))
        aside = [name for name in os.listdir(state) if name.startswith("door.db.damaged-")]
        self.assertEqual(len(aside), 1)
        with open(os.path.join(state, aside[0]), "rb") as file:
            self.assertEqual(file.read(), theirs)

    def test_damage_that_shows_while_running_does_not_stop_the_door(self):
        self.start()
        path = self.house.folder + "/state/door.db"
        with open(path, "r+b") as file:
            file.write(os.urandom(4096) * 8)
        self.house.loquet("badge", "revoke", "99", check=False)
        for _ in range(3):
            self.tap()
        self.assertTrue(self.house.status()["ok"])


if __name__ == "__main__":
    unittest.main()

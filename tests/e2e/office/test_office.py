#!/usr/bin/python3
"""From a tap to a visit in the office's books, whatever stops in between."""

import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import threading
import time
import unittest

import eventschema
import paho.mqtt.client as mqtt
from house import House, PATIENCE_S, UNTIL_OPENED

BUILD = os.environ["LOQUET_BUILD"]
UID = "04a1b2c3d4e5f6"
TOPIC = "loquet/1/demo/%s/events"


class Office(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schemas = eventschema.Schemas(pathlib.Path(os.environ["LOQUET_SCHEMAS"]))
        # The business day must not end in the middle of the test.
        cut = (time.gmtime().tm_hour + 12) % 24
        cls.house = House(BUILD, pace=None, settings="time_zone = UTC\nday_cut = %d" % cut, **UNTIL_OPENED)
        cls.addClassCleanup(cls.house.close)
        cls.house.start()
        cls.database = cls.house.folder + "/state/office.db"
        cls.start_office()
        member = str(cls.house.loquet("member", "add", "Ada Example")["member"])
        cls.holder = "m" + member
        cls.house.loquet("badge", "enrol", member, "--uid", UID)
        cls.house.wait_for(lambda: cls.rows("SELECT 1 FROM event"), "the first row's arrival")
        cls.first = cls.rows("SELECT min(seq) FROM event")[0][0]

    @classmethod
    def start_office(cls):
        said = cls.house.log("loquet-office").count("connected")
        cls.house.spawn("loquet-office", [
            cls.house.program("loquet-office"), "--config", cls.house.config, "run"])
        cls.house.wait_for(lambda: cls.house.log("loquet-office").count("connected") > said,
                           "the office's start")

    def office(self, *arguments, status=0):
        done = subprocess.run(
            [self.house.program("loquet-office"), "--config", self.house.config, *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return json.loads(done.stdout) if "--json" in arguments else done.stdout

    @classmethod
    def rows(cls, query, *values):
        database = sqlite3.connect("file:%s?mode=ro" % cls.database, uri=True)
        try:
            return database.execute(query, values).fetchall()
        finally:
            database.close()

    def tap(self):
        """Somebody comes in through the door, which opens and closes."""
        mark = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + UID)
        self.house.go_through(mark)
        self.house.take_badge()
        self.house.wait_event("door.relocked", mark)

    def bodies(self):
        return [body for body, in self.rows(
            "SELECT body FROM event WHERE controller = 'front-board' ORDER BY seq")]

    def expect_the_journal(self):
        """Every row, byte for byte, once; then what the taps in it make of a visit."""
        head = self.house.status()["journal"]["head"]
        self.house.wait_for(
            lambda: self.rows("SELECT max(seq) FROM event WHERE controller = 'front-board'")
            == [(head,)], "the arrival of row %d" % head)
        self.assertEqual(self.bodies(), self.house.journal(self.first)[:head - self.first + 1])
        return [event for event in map(json.loads, self.bodies())
                if event["type"] == "org.loquet.access.taken.v1"]

    def test_a_tap_is_a_visit(self):
        self.tap()
        taken = self.expect_the_journal()
        visits = self.office("visits", "--json")["visits"]
        self.assertEqual(len(visits), 1)
        self.assertEqual(
            (visits[0]["holder"], visits[0]["checkIn"], visits[0]["lastSeen"],
             visits[0]["passages"], visits[0]["state"], visits[0]["assumed"]),
            (self.holder, taken[0]["time"], taken[-1]["time"], len(taken), "open", False))
        now = self.office("now", "--json")["zones"]
        self.assertEqual([(zone["zone"], zone["occupancy"], zone["atLeast"]) for zone in now],
                         [("space", 1, True)])
        self.assertEqual(now[0]["visits"][0]["since"], taken[0]["time"])
        self.assertIn("space: at least 1", self.office("now"))
        self.assertIn("space: au moins 1", self.office("--lang", "fr", "now"))
        self.assertIn("open", self.office("visits"))
        self.assertEqual(self.office("visits", "--json", "--day", "2001-01-01")["visits"], [])
        self.office("visits", "--day", "2026-02-30", status=2)

    def test_the_count_is_told_and_kept(self):
        self.tap()
        done = subprocess.run(
            ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.house.port), "-V", "5", "-q", "1",
             "-C", "1", "-t", "loquet/1/demo/occupancy", "-F", "%r %q %C %p"],
            capture_output=True, text=True, timeout=PATIENCE_S, check=True)
        retained, qos, content, body = done.stdout.split(" ", 3)
        self.assertEqual((retained, qos, content), ("1", "1", "application/json"))
        self.schemas.check_document("space_occupancy.json", json.loads(body))

    def state(self):
        done = subprocess.run(
            ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.house.port), "-V", "5", "-q", "1",
             "-C", "1", "-t", "loquet/1/demo/state", "-F", "%r %q %C %p"],
            capture_output=True, text=True, timeout=PATIENCE_S, check=True)
        retained, qos, content, body = done.stdout.split(" ", 3)
        self.schemas.check_document("state.json", json.loads(body))
        last_word = '"stopped"' in body
        self.assertEqual((retained, qos, content), ("1", "0" if last_word else "1", "application/json"))
        return json.loads(body)

    def wait_for_state(self, **wanted):
        self.house.wait_for(lambda: wanted.items() <= self.state().items(), str(wanted))

    def test_whether_the_office_can_be_heard(self):
        self.wait_for_state(state="online")
        self.house.stop("loquet-office", signal.SIGKILL)
        self.wait_for_state(state="offline", reason="lost")
        self.start_office()
        self.wait_for_state(state="online")
        with self.talk():
            self.house.stop("loquet-office")
        self.wait_for_state(state="offline", reason="stopped")
        self.start_office()
        self.wait_for_state(state="online")

    @contextlib.contextmanager
    def talk(self):
        """Somebody who says to the office all the time what it is to read."""
        client = mqtt.Client("talker", protocol=mqtt.MQTTv5)
        client.connect("127.0.0.1", self.house.port)
        client.loop_start()
        over = threading.Event()

        def talk():
            while not over.is_set():
                client.publish("loquet/1/demo/talker/health", b"{}" * 500, qos=1).wait_for_publish(PATIENCE_S)
        threads = [threading.Thread(target=talk) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            over.set()
            for thread in threads:
                thread.join()
            client.disconnect()
            client.loop_stop()

    def test_a_tap_shows_on_an_open_page(self):
        subprocess.run([self.house.program("loquet-office"), "--config", self.house.config,
                        "account", "add", "desk", "--role", "operator"], input="correct horse\n",
                       text=True, stdout=subprocess.DEVNULL, timeout=60, check=True)
        session = http.client.HTTPConnection("127.0.0.1", self.house.office_port, timeout=60)
        self.addCleanup(session.close)
        session.request("POST", "/api/v1/session", json.dumps(
            {"name": "desk", "password": "correct horse"}), {"Content-Type": "application/json"})
        answer = session.getresponse()
        self.assertEqual(answer.status, 200, answer.read())
        page = http.client.HTTPConnection("127.0.0.1", self.house.office_port, timeout=60)
        self.addCleanup(page.close)
        page.request("GET", "/api/v1/stream", headers={
            "Cookie": answer.headers["Set-Cookie"].split(";")[0]})
        stream = page.getresponse()
        self.assertEqual(stream.readline(), b"retry: 2000\n")
        self.tap()
        while True:
            line = stream.readline()
            self.assertNotEqual(line, b"", "the stream ended")
            if b'"kind":"arrived"' in line:
                break
        arrival = json.loads(line.removeprefix(b"data: "))
        self.assertEqual((arrival["person"], arrival["zone"], arrival["name"]),
                         ("front-board/" + self.holder, "space", None))

    def test_it_takes_over_what_the_door_has_kept(self):
        hour = (time.gmtime().tm_hour + 6) % 23  # not now: the door would stand open from then on
        for words in (("day", "add", "holidays", "12-25", "--label", "Christmas"),
                      ("schedule", "set", "office", "mon-fri %02d:00-%02d:30" % (hour, hour), "--on",
                       "holidays closed"),
                      ("profile", "set", "weekdays", "--at", "front/entry@office"),
                      ("door", "hours", "front", "office", "--first-person")):
            self.house.loquet(*words)
        # The other tests want a door that locks, whatever the hour.
        self.addCleanup(self.house.loquet, "door", "mode", "front", "Locked")
        self.addCleanup(self.house.loquet, "door", "hours", "front", "none")
        key = sqlite3.connect(self.house.folder + "/state/door.db").execute(
            "SELECT key FROM credential").fetchone()
        self.assertEqual(self.office("import", "--json"), {
            "ok": True, "people": 1, "badges": 1, "schedules": 1, "profiles": 1})
        self.assertEqual(self.rows("SELECT name, profile FROM person"), [("Ada Example", "always")])
        self.assertEqual(self.rows("SELECT person, key, valid_to, uses FROM badge"),
                         [(1, *key, 0, None)])
        self.assertEqual(self.rows("SELECT * FROM policy WHERE profile = 'weekdays'")[0][:3],
                         ("weekdays", "front/entry", "office"))
        self.assertEqual(self.rows("SELECT count(*) FROM period"), [(5,)])
        self.assertEqual(self.rows("SELECT * FROM schedule_special"),
                         [("office", "holidays", 0, -1, -1)])
        self.assertEqual(self.rows("SELECT * FROM door_hours"), [("front", "office", 1)])
        self.office("import", status=1)

    def test_what_came_while_it_was_away_is_there_once(self):
        self.assertEqual(self.house.stop("loquet-office"), 0, self.house.log("loquet-office"))
        self.tap()
        self.tap()
        self.start_office()
        taken = self.expect_the_journal()
        self.assertEqual(self.office("visits", "--json")["visits"][0]["passages"], len(taken))

    def test_nothing_is_acknowledged_before_it_is_on_disk(self):
        """Killed while its disk made it wait, it gets everything again."""
        before = self.rows("SELECT count(*) FROM event")[0][0]
        lock = sqlite3.connect(self.database, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        try:
            heard = len(self.house.mqtt.items)
            self.tap()
            self.house.mqtt.wait(lambda body: b"access.taken" in body, heard)
            stuck = self.house.processes["loquet-office"]
            self.house.wait_for(lambda: self.has_read(stuck.pid), "the office's reading")
            self.house.stop("loquet-office", signal.SIGKILL)
        finally:
            lock.execute("ROLLBACK")
            lock.close()
        self.assertEqual(self.rows("SELECT count(*) FROM event")[0][0], before)
        self.start_office()
        self.expect_the_journal()

    def has_read(self, pid):
        """It has read a message and waits for the books: it sleeps in SQLite, not in poll()."""
        with open("/proc/%d/wchan" % pid, encoding="ascii") as file:
            return "nanosleep" in file.read()

    def test_killed_again_and_again(self):
        for _ in range(3):
            self.publish("spare", *[self.event("spare", 1 + i) for i in range(40)])
            self.house.stop("loquet-office", signal.SIGKILL)
            self.start_office()
        self.house.wait_for(lambda: self.rows(
            "SELECT count(*), max(seq) FROM event WHERE controller = 'spare'") == [(40, 40)],
            "the arrival of every row")

    def event(self, controller, seq, kind="door.closed", **data):
        return json.dumps({
            "specversion": "1.0", "id": "%s/%d" % (controller, seq),
            "source": "urn:loquet:demo:" + controller, "type": "org.loquet.%s.v1" % kind,
            "time": "2026-01-01T00:00:00.000Z", "sequence": "%020d" % seq, "loquetclock": "rtc",
            "datacontenttype": "application/json", "data": {"door": "front", **data}})

    def publish(self, controller, *bodies):
        subprocess.run(
            ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.house.port), "-V", "5", "-q", "1",
             "-l", "-t", TOPIC % controller], input="\n".join(bodies) + "\n", text=True,
            timeout=PATIENCE_S, check=True)

    def checked(self, controller):
        done = subprocess.run(
            [self.house.program("loquet-office"), "--config", self.house.config, "--json",
             "check"], capture_output=True, text=True, timeout=60, check=False)
        found = [row for row in json.loads(done.stdout)["controllers"]
                 if row["controller"] == controller]
        return found[0] if found else None

    def wait_for_events(self, controller, count):
        self.house.wait_for(lambda: self.rows(
            "SELECT count(*) FROM event WHERE controller = ?", controller) == [(count,)],
            "the arrival of %d rows" % count)

    def test_the_controllers_signature_holds(self):
        self.expect_the_journal()
        row = self.checked("front-board")
        self.assertEqual((row["missing"], row["brokenAt"]), (0, None))
        self.assertEqual(row["events"], len(self.bodies()))

    def test_gaps_doubles_and_strangers_are_told(self):
        self.publish("holes", self.event("holes", 5), self.event("holes", 8),
                     self.event("holes", 6), self.event("holes", 5), "{", self.event("other", 7),
                     self.event("holes", 8, door="back"))
        self.wait_for_events("holes", 3)
        self.house.wait_for(lambda: "holes/8 came again with other words"
                            in self.house.log("loquet-office"), "the conflict's line")
        self.assertEqual(self.checked("holes")["missing"], 1)
        self.assertIn("rows before holes/8 are missing", self.house.log("loquet-office"))
        self.assertIn("not an event, on " + TOPIC % "holes", self.house.log("loquet-office"))
        self.office("check", status=1)

    def test_a_false_signature_is_told(self):
        first = self.event("forged", 1)
        chain = hashlib.sha256(bytes(32) + hashlib.sha256(first.encode()).digest()).hexdigest()
        self.publish("forged", first, self.event(
            "forged", 2, "journal.checkpoint", headSeq=1, headHash=chain, signature="00" * 64,
            publicKey="11" * 32))
        self.wait_for_events("forged", 2)
        self.assertEqual(self.checked("forged")["brokenAt"], 2)

    def test_usage(self):
        for arguments, status in ((["--help"], 0), (["--version"], 0), ([], 2), (["fly"], 2)):
            self.office(*arguments, status=status)
        self.assertIn("Example: loquet-office visits", self.office("--help"))
        self.assertIn("Exemple : loquet-office visits", self.office("--lang", "fr", "--help"))
        for command in ("run", "now", "visits", "key", "import", "check", "backup", "restore", "move",
                        "account add"):
            page = self.office(*command.split(), "--help")
            self.assertIn(f"\nExample: loquet-office {command}", page)
            self.assertIn("\nExit status: 0 done", page)


if __name__ == "__main__":
    unittest.main()

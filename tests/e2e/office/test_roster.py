#!/usr/bin/python3
"""The office's people at a real door: who is added enters, who is barred does not, whatever was
stopped in between."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import unittest

import jsonschema
import yaml

import eventschema
from house import House

BUILD = os.environ["LOQUET_BUILD"]
SCHEMAS = pathlib.Path(os.environ["LOQUET_SCHEMAS"])
ADA = "04a1b2c3d4e5f6"
BOB = "04112233445566"


class Roster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(BUILD, pace=None, release_ms=300)
        cls.addClassCleanup(cls.house.close)
        os.makedirs(cls.house.folder + "/state", 0o700)
        cls.house.write_config()
        key = cls.office("key")["key"]
        lines = subprocess.run(
            [cls.house.program("loquet-office"), "--config", cls.house.config, "key"],
            capture_output=True, text=True, timeout=60, check=True).stdout
        cls.house.settings = "office_key = %s\n" % key
        cls.house.sections = lines[lines.index("[command office]"):]
        cls.house.start()
        cls.start_office()
        cls.house.wait_event("roster.applied", 0)
        cls.secret = bytes.fromhex(
            pathlib.Path(cls.house.folder, "state", "uid.key").read_text("ascii").strip())

    @classmethod
    def office(cls, *arguments):
        done = subprocess.run(
            [cls.house.program("loquet-office"), "--config", cls.house.config, "--json", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=True)
        return json.loads(done.stdout)

    @classmethod
    def start_office(cls):
        said = cls.house.log("loquet-office").count("connected")
        cls.house.spawn("loquet-office", [
            cls.house.program("loquet-office"), "--config", cls.house.config, "run"])
        cls.house.wait_for(lambda: cls.house.log("loquet-office").count("connected") > said,
                           "the office's start")

    @classmethod
    def change(cls, *statements):
        """Changes the office's tables as its own calls do; the doors hear of every part."""
        database = sqlite3.connect(cls.house.folder + "/state/office.db", timeout=30)
        try:
            with database:
                for statement, *values in statements:
                    database.execute(statement, values)
                database.executemany("INSERT INTO roster_due VALUES (?) ON CONFLICT DO NOTHING",
                                     [(part,) for part in range(257)])
        finally:
            database.close()

    @classmethod
    def key_of(cls, uid):
        return hmac.new(cls.secret, bytes.fromhex(uid), hashlib.sha256).digest()[:16]

    def add(self, number, uid):
        self.change(
            ("INSERT INTO person (number, name, folded, kind, profile, created, changed) "
             "VALUES (?, 'Ada Example', 'ada example', 'member', 'always', 1, 1)", number),
            ("INSERT INTO badge (person, key, changed) VALUES (?, ?, 1)", number,
             self.key_of(uid)))

    def set_state(self, uid, state):
        self.change(("UPDATE badge SET state = ? WHERE key = ?", state, self.key_of(uid)))

    def wait_at_door(self, uid, state):
        """Which of the office's words a roster brings, it does not say."""
        self.house.wait_for(lambda: self.state_at_door(uid) == state, "the roster's arrival")
        self.house.wait_until_told()

    def tap(self, uid, noun, **data):
        mark = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + uid)
        found = self.house.wait_event(noun, mark, **data)["event"]["data"]
        self.house.take_badge()
        if noun == "access.granted":
            self.house.wait_event("door.relocked", mark)
        return found

    def test_1_who_is_added_enters_and_a_lost_badge_does_not(self):
        self.add(12, ADA)
        self.wait_at_door(ADA, 0)
        self.assertEqual(self.tap(ADA, "access.granted")["holder"], "p12")
        self.set_state(ADA, 2)
        self.wait_at_door(ADA, 2)
        self.tap(ADA, "access.denied", holder="p12")
        self.set_state(ADA, 0)
        self.wait_at_door(ADA, 0)
        self.tap(ADA, "access.granted", holder="p12")

    def test_2_whatever_was_stopped_in_between(self):
        self.add(300, BOB)
        state = 0
        for names in (("loquet-office",), ("loquet-link",), ("loquetd", "loquet-office"),
                      ("loquet-link", "mosquitto")):
            for name in names:
                self.house.stop(name, signal.SIGKILL)
            state = 2 - state
            self.set_state(BOB, state)
            for name in reversed(names):
                {"loquet-office": self.start_office, "loquet-link": self.house.start_link,
                 "loquetd": self.start_door, "mosquitto": self.house.start_broker}[name]()
            with self.subTest(stopped=names):
                self.wait_at_door(BOB, state)
        self.tap(BOB, "access.granted", holder="p300")

    def start_door(self):
        self.house.stop("watch")
        self.house.start_door()
        self.house.start_watch()
        self.house.wait_for(lambda: self.house.status()["readers"][0]["state"] == "online",
                            "the reader's return")

    def state_at_door(self, uid):
        database = sqlite3.connect(
            "file:%s/state/door.db?mode=ro" % self.house.folder, uri=True, timeout=30)
        try:
            rows = database.execute("SELECT state FROM credential WHERE key = ?",
                                    (self.key_of(uid),)).fetchall()
        finally:
            database.close()
        return rows[0][0] if rows else None

    def retained(self, topic):
        """The payload of a retained message."""
        return subprocess.run(
            ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.house.port), "-C", "1", "-N",
             "-W", "60", "-t", topic], capture_output=True, timeout=90, check=True).stdout

    def test_2b_what_is_published_is_what_asyncapi_says(self):
        schemas = eventschema.Schemas(SCHEMAS)
        document = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text("utf-8"))
        address = {name: document["channels"][name]["address"].replace("{space}", "demo")
                   for name in ("rosterManifest", "rosterPart")}
        line = document["components"]["messages"]["rosterPart"]["payload"]["pattern"]
        manifest = self.retained(address["rosterManifest"]).decode("ascii")
        schemas.check_document("roster_manifest.json", manifest)
        decoded = [eventschema.parse(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
                   for part in manifest.split(".")[:2]]
        schema = schemas.documents["roster_manifest.json"]["contentSchema"]
        jsonschema.Draft202012Validator(schema).validate(decoded)
        hashes = decoded[1]["parts"]
        filled = [index for index, part in enumerate(hashes) if part]
        self.assertLessEqual({0, 1 + 12 % 256}, set(filled))
        for index in filled:
            part = self.retained(address["rosterPart"].replace("{part}", str(index)))
            self.assertEqual(hashlib.sha256(part).hexdigest(), hashes[index])
            self.assertRegex(part.decode("utf-8"), line)
            self.assertNotIn(b"Ada", part)

    def version(self):
        payload = self.retained("loquet/1/demo/roster/manifest").decode("ascii").split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["version"]

    def test_2c_who_was_barred_meanwhile_is_not_granted_at_the_next_contact(self):
        for _ in range(3):
            version = self.version()
            self.house.stop("loquet-link", signal.SIGKILL)
            self.set_state(BOB, 2)
            self.house.wait_for(lambda v=version: self.version() > v, "the office's word")
            mark = self.house.mark()
            self.house.start_link()
            self.house.wait_for(lambda: self.house.status()["link"]["state"] == "connected",
                                "the contact")
            self.tap(BOB, "access.denied", holder="p300")
            self.assertEqual([item["event"]["type"] for item in self.house.since(mark)
                              if item["event"]["type"].endswith("access.granted.v1")], [])
            self.set_state(BOB, 0)
            self.wait_at_door(BOB, 0)

    def test_2d_books_of_yesterday_that_were_put_back_hold_at_the_doors(self):
        """As a card's image or a copy of the file is, without `loquet-office restore`, which would know."""
        books = self.house.folder + "/state/office.db"
        self.house.stop("loquet-office")
        shutil.copy(books, books + ".yesterday")
        self.start_office()
        for uid in (BOB, ADA):
            self.set_state(uid, 2)
            self.wait_at_door(uid, 2)
        self.house.stop("loquet-office")
        os.replace(books + ".yesterday", books)
        self.start_office()
        for uid in (BOB, ADA):
            self.wait_at_door(uid, 0)
        self.tap(BOB, "access.granted", holder="p300")

    def test_3_a_door_tells_the_key_of_a_badge(self):
        """What the office asks for when a badge is presented to be enrolled."""
        topic = "loquet/1/demo/front-board/command"
        listen = ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.house.port), "-q", "1", "-c", "-i", "asks",
                  "-t", topic + "/response"]
        subprocess.run([*listen, "-E"], check=True, timeout=60)  # until the broker keeps the answers for it
        listener = subprocess.Popen([*listen, "-C", "2", "-v"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(listener.stdout.close)
        self.addCleanup(listener.wait, 10)
        # mosquitto_sub, asked to end while it ends by itself, may do neither.
        self.addCleanup(listener.kill)
        token = self.house.loquet(
            "command", "sign", "--key", self.house.folder + "/state/office.key", "--as", "office",
            "--door", "front", "badge.read")["jws"]
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.house.port), "-q", "1",
                        "-t", topic, "-m", token], check=True, timeout=60)
        first = json.loads(listener.stdout.readline().split(" ", 1)[1])
        self.assertEqual((first["ok"], first["waiting"]), (True, 30))
        self.house.sim("present 0 type=ntag213 uid=04deadbeef0102")
        second = json.loads(listener.stdout.readline().split(" ", 1)[1])
        self.house.sim("remove 0")
        self.assertEqual(second["key"], self.key_of("04deadbeef0102").hex())


if __name__ == "__main__":
    unittest.main()

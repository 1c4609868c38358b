#!/usr/bin/python3
"""Controllers that are told of by this test alone, over a broker: what the office makes of what they say."""

import base64
import datetime
import hashlib
import json
import os
import subprocess
import time
import unittest

from house import House, PATIENCE_S
from livehouse import Page
from officerig import Client

BUILD = os.environ["LOQUET_BUILD"]
PASSWORD = "correct horse battery"
HOUR_S = 3600


class Feed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The business day must not end in the middle of the test, nor have begun an hour ago.
        cut = (time.gmtime().tm_hour + 12) % 24
        cls.house = House(BUILD, settings="time_zone = UTC\nday_cut = %d" % cut)
        cls.addClassCleanup(cls.house.close)
        os.makedirs(cls.house.folder + "/state", 0o700)
        cls.house.write_config()
        cls.house.start_broker()
        cls.house.start_office()
        subprocess.run([cls.house.program("loquet-office"), "--config", cls.house.config, "account", "add", "desk",
                        "--role", "manager"], input=PASSWORD + "\n", text=True, stdout=subprocess.DEVNULL,
                       timeout=PATIENCE_S, check=True)
        cls.page = Client(cls.house.office_port)
        cls.page.log_in("desk", PASSWORD)
        cls.taps = 0

    def call(self, method, path, body=None, status=200):
        answer = self.page.request(method, "/api/v1/" + path, body)
        self.assertEqual(answer.status, status, answer.body)
        return answer.json()

    def publish(self, controller, *bodies):
        subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.house.port), "-V", "5", "-q", "1", "-l",
                        "-t", "loquet/1/demo/%s/events" % controller], input="\n".join(bodies) + "\n", text=True,
                       timeout=PATIENCE_S, check=True)

    @staticmethod
    def row(controller, seq, kind, at, **data):
        moment = datetime.datetime.fromtimestamp(int(at), datetime.timezone.utc)
        return json.dumps({
            "specversion": "1.0", "id": "%s/%d" % (controller, seq), "source": "urn:loquet:demo:" + controller,
            "type": "org.loquet.%s.v1" % kind, "time": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "sequence": "%020d" % seq, "loquetclock": "synchronised", "datacontenttype": "application/json",
            "data": {"door": "front", **data}})

    def tap(self, controller, seq, holder, at, way="entry"):
        type(self).taps += 1
        return self.row(controller, seq, "access.taken", at, accessPoint="front/" + way, zone="space",
                        transaction="1-%d" % self.taps, credential="c1", holder=holder)

    def visits(self, person):
        return self.call("GET", "visits?person=" + person)["items"]

    def wait_for_visit(self, person, **wanted):
        """The only one of theirs, once it is so."""
        def found():
            visits = self.visits(person)
            return len(visits) == 1 and all(visits[0][key] == value for key, value in wanted.items()) and visits[0]
        return self.house.wait_for(found, "a visit of %s that is %s" % (person, wanted))

    def add(self, name):
        return self.call("POST", "people", {"name": name}, 201)["person"]

    def test_a_rule_holds_for_the_next_tap(self):
        """One reader for both ways: whoever tapped twice before is out too, and nobody has to tap again."""
        before = self.add("Ada Example")
        behind = self.add("Bea Example")
        now = time.time()
        self.publish("alone", self.tap("alone", 1, before, now - 2 * HOUR_S),
                     self.tap("alone", 2, before, now - HOUR_S))
        self.wait_for_visit(before, state="open", passages=2)
        try:
            self.call("PATCH", "settings", {"secondTapEnds": True})
            self.publish("alone", self.tap("alone", 3, behind, now - 2 * HOUR_S),
                         self.tap("alone", 4, behind, now - HOUR_S))
            self.wait_for_visit(before, state="left")
            self.wait_for_visit(behind, state="left", passages=2)
        finally:
            self.call("PATCH", "settings", {"secondTapEnds": False})
        self.wait_for_visit(before, state="open")

    def test_a_signature_that_does_not_hold_shows_at_once(self):
        page = Page(self.house.office_port, self.page.cookie)
        self.addCleanup(page.close)
        first = self.row("forged", 1, "journal.example", time.time())  # of which no page is told
        chain = hashlib.sha256(bytes(32) + hashlib.sha256(first.encode()).digest()).hexdigest()
        before = page.mark()
        self.publish("forged", first, self.row("forged", 2, "journal.checkpoint", time.time(), headSeq=1, headHash=chain,
                                        signature="00" * 64, publicKey="11" * 32))
        page.wait("doors", before)
        before = page.mark()
        self.publish("forged", self.row("forged", 9, "journal.checkpoint", time.time(), headSeq=8, headHash=chain,
                                        signature="00" * 64, publicKey="11" * 32))
        page.wait("doors", before)

    def manifest(self):
        """What doors are told that the roster is: its version and parts."""
        done = subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.house.port), "-C", "1", "-W", "30",
                               "-t", "loquet/1/demo/roster/manifest"], capture_output=True, text=True,
                              timeout=PATIENCE_S * 2, check=True)
        said = done.stdout.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(said + "=" * (-len(said) % 4)))

    def test_doors_hear_of_books_that_are_put_back(self):
        """At once, from the office that runs, and above whatever they had heard."""
        saved = self.house.folder + "/saved.db"
        kept = self.add("Cyd Example")
        before = self.house.wait_for(lambda: self.heard_of(kept), "the roster's publication")
        self.office("backup", saved)
        person = self.add("Dan Example")
        behind = self.house.wait_for(lambda: self.heard_of(person), "their publication")
        self.office("restore", saved)
        after = self.house.wait_for(lambda: self.heard_of(kept, before["parts"]), "the parts of before")
        self.assertGreater(after["version"], behind["version"])
        self.assertEqual(self.page.get("/api/v1/people/" + person).status, 404)

    def heard_of(self, person, parts=None):
        """The manifest once it has a part with this person, or with exactly these parts."""
        manifest = self.manifest()
        wanted = manifest["parts"][1 + int(person[1:]) % 256] != "" if parts is None else manifest["parts"] == parts
        return manifest if wanted else None

    def office(self, *arguments):
        done = subprocess.run([self.house.program("loquet-office"), "--config", self.house.config, *arguments],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main()

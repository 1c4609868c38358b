#!/usr/bin/python3
"""The office over PostgreSQL: a tap becomes a visit, and every list of the interface answers."""

import json
import os
import subprocess
import unittest
import urllib.error
import urllib.request

from hookreceiver import Receiver
from house import House, UNTIL_OPENED
from postgres import Server

BUILD = os.environ["LOQUET_BUILD"]
UID = "04a1b2c3d4e5f6"
PASSWORD = "a long password"
LISTS = ("now", "people?search=ada", "visits", "doors", "profiles", "schedules", "special-days", "door-hours", "events",
         "visitors", "figures?from=2026-01-01&to=2026-01-31&by=day", "figures?from=2026-01-01&to=2026-01-01&by=hour",
         "muster", "drills", "settings", "accounts", "tokens", "webhooks", "people.csv", "badges.csv", "calendar-feeds",
         "visits.csv?purpose=billing&from=2026-01-01&to=2026-01-31")


class Postgres(unittest.TestCase):
    def setUp(self):
        server = Server()
        server.__enter__()
        self.addCleanup(server.__exit__)
        self.house = House(BUILD, pace=None, **UNTIL_OPENED)
        self.addCleanup(self.house.close)
        self.database = server.database("office")
        self.house.write_config()
        with open(self.house.config, encoding="utf-8") as file:
            text = file.read().replace("[office]\n", "[office]\ndatabase = %s\n" % self.database)
        with open(self.house.config, "w", encoding="utf-8") as file:
            file.write(text)
        self.house.write_config = lambda: None
        self.cookie = self.csrf = ""

    def call(self, method, path, body=None):
        """The status and the answer's bytes."""
        headers = {"Content-Type": "application/json", "Cookie": self.cookie, "X-Loquet-CSRF": self.csrf}
        request = urllib.request.Request(
            self.house.page() + "api/v1/" + path, method=method, headers=headers,
            data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                self.cookie = answer.headers.get("Set-Cookie", self.cookie).split(";")[0]
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    def log_in(self):
        subprocess.run([self.house.program("loquet-office"), "--config", self.house.config, "account", "add", "ada",
                        "--role", "manager"], input=PASSWORD + "\n", text=True, capture_output=True, check=True)
        status, body = self.call("POST", "session", {"name": "ada", "password": PASSWORD})
        self.assertEqual(status, 200, body)
        self.csrf = json.loads(body)["csrf"]

    def tap(self):
        member = str(self.house.loquet("member", "add", "Ada Example")["member"])
        self.house.loquet("badge", "enrol", member, "--uid", UID)
        mark = self.house.mark()
        self.house.sim("present 0 type=ntag213 uid=" + UID)
        self.house.go_through(mark)

    def hook(self, receiver):
        """Set up, refused once, renewed and tested before the tap."""
        receiver.answers = [500]
        status, body = self.call("POST", "webhooks", {"url": receiver.url(), "types": [
            "access.taken", "visit.opened", "occupancy.changed"]})
        self.assertEqual(status, 201, body)
        made = json.loads(body)
        receiver.secrets.append(made["secret"])
        path = "webhooks/%d" % made["id"]
        self.assertEqual(self.call("POST", path + "/secret")[0], 200)
        self.assertEqual(self.call("POST", path + "/test")[0], 202)
        self.assertEqual(self.call("PATCH", path, {"active": True})[0], 200)
        return path

    def expect_told(self, receiver, path):
        wanted = {"webhook.test", "access.taken", "visit.opened", "occupancy.changed"}
        self.house.wait_for(lambda: {one.type for one in receiver.got} >= wanted, "the webhook's events", 120)
        self.house.wait_for(lambda: b'"waiting":0' in self.call("GET", path)[1], "the end of the queue", 120)
        status, body = self.call("GET", path + "/deliveries")
        self.assertEqual(status, 200, body)
        self.assertLessEqual(wanted, {one["type"] for one in json.loads(body)["items"]})
        self.assertEqual(self.call("DELETE", path)[0], 204)
        self.assertNotIn("loquet-office: webhooks:", self.house.log("loquet-office"))

    def test_everything_is_there(self):
        self.house.start()
        self.house.start_office()
        self.log_in()
        receiver = Receiver()
        receiver.__enter__()
        self.addCleanup(receiver.__exit__)
        hook = self.hook(receiver)
        self.tap()
        self.expect_told(receiver, hook)
        self.house.wait_for(lambda: b'"checkIn"' in self.call("GET", "visits")[1], "the visit")
        status, body = self.call("POST", "people", {"name": "Bob Example", "kind": "member"})
        self.assertEqual(status, 201, body)
        person = json.loads(body)["person"]
        status, body = self.call("POST", "people/%s/badges" % person, {"uid": "04b1b2c3d4e5f6"})
        self.assertEqual(status, 201, body)
        self.assertEqual(self.call("POST", "people/%s/badges" % person, {"uid": "04b1b2c3d4e5f6"})[0], 409)
        self.assertEqual(self.call("PATCH", "settings", {"title": "Example"})[0], 200)
        for path in LISTS + ("people/" + person, "people/%s/export" % person):
            status, body = self.call("GET", path)
            self.assertEqual(status, 200, (path, body))
        self.forget()
        self.assertFalse(os.path.exists(self.house.folder + "/state/office.db"))

    def sql(self, statement):
        return subprocess.run(["psql", "--no-psqlrc", "-qAtc", statement, self.database], capture_output=True,
                              text=True, timeout=60, check=True).stdout.strip()

    def forget(self):
        """Guests, and who was erased, are gone."""
        status, body = self.call("POST", "people", {"name": "Eve Example", "kind": "guest"})
        self.assertEqual(status, 201, body)
        number = json.loads(body)["person"][1:]
        self.assertEqual(self.call("DELETE", "people/p1")[0], 204)
        self.assertEqual(self.call("POST", "session", {"name": "ada", "password": "guessed"})[0], 401)
        self.sql("UPDATE person SET changed = 1 WHERE number = %s; INSERT INTO audit (at, author, act, object, "
                 "reason) VALUES (1, '', 'visit.add', 'person/%s', 'a secret')" % (number, number))
        self.house.stop("loquet-office")
        self.house.start_office()
        self.house.wait_for(lambda: self.sql(
            "SELECT erased FROM person WHERE number = " + number) == "1", "the guest's end")
        self.assertEqual(self.sql("SELECT count(*) FROM audit WHERE reason = 'a secret'"), "0")
        self.assertEqual(self.sql("SELECT object FROM audit WHERE act = 'session.refuse'"), "account/1")


if __name__ == "__main__":
    unittest.main()

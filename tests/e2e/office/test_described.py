#!/usr/bin/python3
"""Every call of schemas/openapi.yaml, made at a real office with a real door: what is sent and answered
is what is described."""

import copy
import json
import os
import time
import unittest

from described import Described, Untrue
from house import House
from officerig import Client, description

BUILD = os.environ["LOQUET_BUILD"]
API = "/api/v1"
PASSWORD = "correct horse"
UID = "04a1b2c3d4e5f6"
POOL = "04998877665544"
SPARE = "04112233445566"
NOWHERE = "http://127.0.0.1:9/"
HOUR_S = 3600
FIRST = {"title": "Example space", "capacityLegal": 40, "capacitySoft": None, "language": "en",
         "exitsBadged": False, "name": "ada", "password": PASSWORD}


def moment(seconds_from_now):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds_from_now))


def minute(seconds_from_now):
    return moment(seconds_from_now)[:16]


class EveryCall(unittest.TestCase):
    """In the order of their names; the last ones ask whether a call was left out, and would be missed."""

    @classmethod
    def setUpClass(cls):
        # The business day must not end in the middle of the test.
        cls.cut = (time.gmtime().tm_hour + 12) % 24
        cls.house = House(BUILD, pace=None, release_ms=300, settings=
                          "time_zone = UTC\nclock_trust = unset\nday_cut = %d\n" % cls.cut)
        cls.addClassCleanup(cls.house.close)
        os.makedirs(cls.house.folder + "/state", 0o700)
        cls.house.write_config()
        key = cls.house.office("key")["key"]
        cls.house.settings += "office_key = %s\n" % key
        cls.house.sections = ("[command office]\nkey = %s\nallow = door.open, door.mode, "
                              "badge.read\ndoors = *\n" % key)
        cls.house.start()
        cls.house.spawn("loquet-office", [cls.house.program("loquet-office"), "--config",
                                          cls.house.config, "run"])
        cls.house.wait_for(lambda: "connected" in cls.house.log("loquet-office"),
                           "the office's start")
        cls.house.wait_event("roster.applied", 0)
        cls.page = Client(cls.house.office_port)

    def call(self, method, path, body=None, status=200, **headers):
        whole = path.startswith((API, "/board.json", "/metrics", "/muster.html", "/notice"))
        answer = self.page.request(method, path if whole else API + path, body, headers)
        self.assertEqual(answer.status, status, answer.body)
        kind = answer.headers["Content-Type"] or ""
        return answer.json() if kind.startswith("application/json") else answer.body.decode()

    def text(self, path, body, status=200):
        return self.call("POST", path, body.encode(), status, **{"Content-Type": "text/csv"})

    def person(self, name, **more):
        return self.call("POST", "/people", {"name": name, **more}, 201)["person"]

    def badge(self, person, uid):
        return self.call("POST", "/people/%s/badges" % person, {"uid": uid}, 201)["id"]

    # ---- who may ----

    def test_01_the_first_account_and_its_session(self):
        self.call("POST", "/first-run", FIRST, 204)
        self.page.log_in("ada", PASSWORD)
        self.call("DELETE", "/session", status=204)
        self.page.log_in("ada", PASSWORD)
        self.call("PUT", "/session/password", {"password": PASSWORD, "newPassword": PASSWORD + "!"})
        self.page.log_in("ada", PASSWORD + "!")
        self.assertEqual(self.call("GET", "/session")["zones"], ["space"])

    def test_02_accounts_tokens_settings_and_the_audit(self):
        made = self.call("POST", "/accounts", {"name": "desk", "role": "operator",
                                               "password": PASSWORD, "language": "fr"}, 201)
        self.call("PATCH", "/accounts/%d" % made["id"], {"role": "auditor"})
        self.assertEqual(len(self.call("GET", "/accounts")["items"]), 2)
        self.call("DELETE", "/accounts/%d" % made["id"], status=204)
        self.call("PATCH", "/settings", {**self.call("GET", "/settings"), "rejoinMin": 1500})
        token = self.call("POST", "/tokens", {"name": "t", "scopes": ["audit"]}, 201)
        self.assertEqual(len(self.call("GET", "/tokens")["items"]), 1)
        audit = self.call("GET", "/audit?limit=2&person=p1&after=9&since=" + moment(-HOUR_S),
                          Authorization="Bearer " + token["secret"])
        self.assertIsNone(audit["next"])
        self.assertGreater(len(self.call("GET", "/audit", Authorization="Bearer " +
                                         token["secret"])["items"]), 3)
        self.call("DELETE", "/tokens/%d" % token["id"], status=204)

    # ---- people ----

    def test_03_people_and_badges(self):
        ada = self.person("Ada Example", kind="staff", email=None, externalId="x/1", board=True)
        self.call("PATCH", "/people/" + ada, {"email": "ada@example.org", "extendedTime": True})
        self.call("GET", "/people/" + ada)
        self.assertEqual(self.call("GET", "/people?search=ada&limit=1")["next"], ada)
        self.assertEqual(self.call("GET", "/people?search=ada&after=" + ada)["items"], [])
        badge = self.badge(ada, UID)
        self.call("PATCH", "/badges/%d" % badge, {
            "label": "blue", "validFrom": moment(-HOUR_S), "validTo": None, "uses": 3,
            "validFor": 12, "suspendedUntil": None})
        self.call("PATCH", "/badges/%d" % badge, {"uses": None, "validFor": None})
        self.assertEqual(len(self.call("GET", "/people/%s/badges" % ada)["items"]), 1)
        self.call("GET", "/people/%s/export" % ada)
        self.call("GET", "/people/%s/export.html?lang=fr" % ada)
        self.assertIn("person,1,email,ada@example.org\r\n", self.call("GET", "/people/%s/export.csv" % ada))

    def test_04_people_and_badges_as_csv(self):
        rows = "external_id,name,kind\nx/2,Bob Example,guest\nx/1,Ada Example,member\n"
        told = self.text("/people.csv?dryRun=true", rows)
        self.assertEqual((told["added"], told["changed"]), (1, 1))
        self.text("/people.csv", rows)
        self.assertIn("Bob Example", self.call("GET", "/people.csv"))
        self.text("/badges.csv", "external_id,uid\nx/2,%s\n" % SPARE)
        self.assertIn("x/2", self.call("GET", "/badges.csv"))
        self.call("DELETE", "/people/" + self.call("GET", "/people?search=x/2")["items"][0]
                  ["person"], status=204)

    def test_05_visitors(self):
        host = self.person("Eve Example")
        body = {"name": "Dan Example", "host": host, "from": moment(-HOUR_S), "to": moment(HOUR_S),
                "purpose": "a meeting", "profile": "always"}
        first = self.call("POST", "/visitors", body, 201)["person"]
        badge = self.badge(first, POOL)
        self.call("DELETE", "/visitors/" + first)  # now it is one of the pool
        second = self.call("POST", "/visitors", {**body, "host": None}, 201)["person"]
        self.call("POST", "/visitors/%s/badge" % second, {"badge": badge})
        self.call("PATCH", "/visitors/" + second, {"to": moment(2 * HOUR_S), "host": host})
        self.assertEqual([one["person"] for one in self.call("GET", "/visitors")["items"]],
                         [second])

    # ---- rules and events ----

    def test_06_rules(self):
        self.call("PUT", "/special-days/holidays", {"days": [
            {"date": "12-25", "label": "Christmas"}, {"date": "2030-05-15"}]})
        self.call("PUT", "/schedules/office", {
            "periods": [{"from": 480, "to": 1200}, {"from": 9900, "to": 60}],
            "specials": [{"group": "holidays", "periods": []}]})
        self.call("PUT", "/profiles/weekdays", {"policies": [
            {"accessPoint": "front/entry", "schedule": "office"},
            {"accessPoint": "*", "schedule": None}]})
        self.call("PUT", "/door-hours/front", {"schedule": "office", "firstPerson": True})
        self.assertEqual(len(self.call("GET", "/door-hours")["items"]), 1)
        for path in ("/special-days", "/schedules", "/profiles"):
            name = self.call("GET", path)["items"][-1]
            self.call("GET", "%s/%s" % (path, name.get("name") or name["group"]))
        self.call("DELETE", "/door-hours/front", status=204)
        for path in ("/profiles/weekdays", "/schedules/office", "/special-days/holidays"):
            self.call("DELETE", path, status=204)

    def test_07_events(self):
        ada = self.call("GET", "/people?search=x/1")["items"][0]["person"]
        made = self.call("POST", "/events", {
            "title": "Introduction", "description": "to the house", "place": None,
            "trainer": "Eve Example", "kind": "training", "who": "registered", "public": True,
            "from": minute(-HOUR_S), "to": minute(HOUR_S), "rrule": "FREQ=DAILY;COUNT=9",
            "except": [moment(48 * HOUR_S)[:10]], "doors": ["front"], "people": [ada]}, 201)
        path = "/events/" + made["event"]
        self.assertGreater(len(made["next"]), 3)
        self.call("PATCH", path, {"place": "The kitchen", "rrule": "FREQ=DAILY;COUNT=8"})
        self.call("GET", path)
        self.call("GET", "/events?limit=1&past=true")
        self.call("GET", "/events?after=" + made["event"])
        self.assertIn("BEGIN:VEVENT", self.call("GET", path + ".ics"))
        self.assertIn("Introduction", self.call("GET", path + "/sheet?annex=true&lang=en&date="
                                                + made["from"][:10]))
        self.call("GET", path + "/attendance")
        feed = self.call("POST", "/calendar-feeds", {"name": "the kitchen's screen"}, 201)
        self.assertEqual(len(self.call("GET", "/calendar-feeds")["items"]), 1)
        self.assertIn("Introduction", self.call("GET", feed["address"]))
        self.call("DELETE", "/calendar-feeds/" + feed["feed"], status=204)
        self.call("DELETE", path, status=204)

    # ---- who is and was in ----

    def test_08_visits(self):
        ada = self.call("GET", "/people?search=x/1")["items"][0]["person"]
        made = self.call("POST", "/visits", {
            "person": ada, "zone": "space", "checkIn": moment(-600), "checkOut": moment(-60),
            "reason": "the badge was forgotten"}, 201)
        path = "/visits/" + made["id"]
        self.call("GET", path)
        self.call("PATCH", path, {"halfDays": 2, "reason": "all day", "checkOut": moment(-30),
                                  "revision": made["revision"]})
        self.call("PATCH", path, {"void": True, "reason": "it was yesterday"})
        self.call("PATCH", path, {"void": False, "checkOut": None, "reason": "it was not"})
        self.call("POST", "/visits", {"person": ada, "zone": "space", "checkIn": moment(-20),
                                      "reason": "back from lunch"}, 201)
        today = made["date"]
        listed = self.call("GET", "/visits?limit=1&date=" + today)
        self.call("GET", "/visits?after=" + listed["next"])
        self.call("GET", "/visits?limit=1&person=" + ada)
        self.assertIn("space", self.call("GET", "/visits.csv?from=%s&to=%s&purpose=a+look"
                                         % (today, today)))
        for by in ("hour", "day"):
            self.call("GET", "/figures?from=%s&to=%s&by=%s" % (today, today, by))

    def test_09_who_is_in(self):
        self.call("PATCH", "/settings", {"board": True})
        zone = self.call("GET", "/now")["zones"][0]
        self.assertEqual((zone["count"], zone["present"][0]["name"]), (1, "Ada Example"))
        self.assertEqual(self.call("GET", "/board.json")["names"], ["Ada Example"])
        self.assertIn("loquet_occupancy{", self.call("GET", "/metrics"))

    def test_10_an_evacuation(self):
        self.call("POST", "/muster/freeze", {"frozen": True}, 204)
        muster = self.call("GET", "/muster")
        self.assertEqual((muster["missing"], muster["frozen"], muster["byHand"]), (1, True, True))
        self.call("POST", "/muster/freeze", {"frozen": False}, 204)
        self.assertFalse(self.call("GET", "/muster")["frozen"])
        self.call("POST", "/muster/ticks", {"person": muster["people"][0]["person"],
                                            "ticked": True}, 204)
        self.assertIn("Ada Example", self.call("GET", "/muster.html?lang=fr"))
        self.call("POST", "/muster/drill", {"began": moment(-600), "ended": moment(-60),
                                            "remarks": "four minutes"}, 201)
        self.assertEqual(len(self.call("GET", "/drills")["items"]), 1)

    # ---- doors ----

    def ends(self, command):
        path = "/commands/" + command["id"]
        self.house.wait_for(lambda: self.call("GET", path)["state"] not in ("waiting", "taken"),
                            "the answer to " + command["command"])
        return self.call("GET", path)["state"]

    def test_11_doors_and_commands(self):
        door = "/doors/front-board/front/"
        self.house.wait_for(lambda: self.call("GET", "/doors")["items"], "the door's state")
        self.assertEqual(self.ends(self.call("POST", door + "open", {
            "reason": "a parcel", "extended": True}, 202)), "done")
        self.assertEqual(self.ends(self.call("POST", door + "mode", {
            "reason": "stock-taking", "mode": "Blocked"}, 202)), "done")
        self.assertEqual(self.ends(self.call("POST", door + "mode", {
            "reason": "it is done", "mode": "Locked"}, 202)), "done")

    def test_12_a_badge_at_the_door(self):
        ada = self.call("GET", "/people?search=x/1")["items"][0]["person"]
        wish = self.call("POST", "/people/%s/badges" % ada, {"door": "front"}, 202)
        path = "/commands/" + wish["id"]
        self.house.wait_for(lambda: self.call("GET", path)["state"] == "taken", "the door's wait")
        self.house.sim("present 0 type=ntag213 uid=04c0ffee000102")
        self.assertEqual(self.ends(wish), "done")
        self.house.sim("remove 0")
        self.house.wait_for(lambda: len(self.call("GET", "/people/%s/badges" % ada)["items"]) == 2,
                            "the badge's arrival")

    def test_13_webhooks(self):
        made = self.call("POST", "/webhooks", {"url": NOWHERE, "types": ["visit.opened", "door.alarm"]}, 201)
        path = "/webhooks/%d" % made["id"]
        self.assertNotEqual(self.call("POST", path + "/secret")["secret"], made["secret"])
        self.call("POST", path + "/test", status=202)
        self.assertEqual(len(self.call("GET", path + "/deliveries?limit=1")["items"]), 1)
        self.call("PATCH", path, {"active": False, "types": ["door.alarm"]})
        self.assertEqual(self.call("GET", path)["state"], "paused")
        self.assertEqual(len(self.call("GET", "/webhooks")["items"]), 1)
        self.call("DELETE", path, status=204)

    def test_14_the_limits_of_a_zone_and_a_notice(self):
        self.call("PATCH", "/zones/space", {"soft": 9, "legal": 10})
        self.call("PATCH", "/zones/space", {"soft": None})
        self.assertEqual(self.call("GET", "/zones")["items"][0],
                         {"zone": "space", "soft": None, "legal": 10})
        self.assertIn("Example space", self.call("GET", "/notice?lang=fr&size=a4"))

    def test_15_the_stream(self):
        self.assertEqual(self.page.listen(), b"retry: 2000\n")

    def test_16_a_lost_badge_at_the_door(self):
        ada = self.call("GET", "/people?search=x/1")["items"][0]["person"]
        badge = max(one["id"] for one in self.call("GET", "/people/%s/badges" % ada)["items"])
        self.call("PATCH", "/badges/%d" % badge, {"state": "lost"})
        self.house.take_badge()
        self.house.wait_for_badge(badge, "lost")
        self.house.sim("present 0 type=ntag213 uid=04c0ffee000102")
        alert = self.house.wait_for(lambda: self.call("GET", "/alerts")["items"], "the alert")[0]
        self.house.sim("remove 0")
        self.assertEqual((alert["kind"], alert["name"], alert["door"]), ("badge_lost", "Ada Example", "front"))
        path = "/alerts/%s/%d" % (alert["controller"], alert["seq"])
        self.call("DELETE", path, status=204)
        self.call("DELETE", path, status=404)
        for name in ("Bo Example", None):
            self.call("PUT", "/board-members/front-board/m1", {"name": name}, 204)
        self.assertEqual(self.call("GET", "/alerts")["items"], [])

    # ---- whether it can fail ----

    def spoilt(self, spoil):
        document = copy.deepcopy(description().document)
        spoil(document["paths"], document["components"]["schemas"])
        return Described(None, document)

    def test_90_canary_an_answer_that_is_not_as_described_is_told(self):
        now = API + "/now"
        answer = self.page.get(now)
        for spoil in (
                lambda paths, schemas: schemas["Zone"]["properties"].pop("atLeast"),
                lambda paths, schemas: schemas["Zone"]["required"].append("wine"),
                lambda paths, schemas: schemas["Zone"]["properties"].update(count={"maximum": 0}),
                lambda paths, schemas: schemas["Moment"].update(pattern="^[0-9]*$"),
                lambda paths, schemas: paths[now]["get"]["responses"].pop("200"),
                lambda paths, schemas: paths[now]["get"]["responses"]["200"].pop("content"),
                lambda paths, schemas: paths[now]["get"]["responses"]["200"].update(
                    headers={"Wine": {}}),
                lambda paths, schemas: paths[now]["get"].update(parameters=[
                    {"name": "wine", "in": "query", "required": True, "schema": {}}])):
            wrong = self.spoilt(spoil)
            with self.assertRaises(Untrue):
                wrong.check("GET", now, None, None, 200, answer.headers, answer.body)
        description().check("GET", now, None, None, 200, answer.headers, answer.body)

    def test_91_canary_a_body_that_is_taken_but_not_described_is_told(self):
        path = API + "/muster/ticks"
        body = json.dumps({"person": "p1", "ticked": False})
        kind = "application/json"
        answer = self.page.request("POST", path, body, {"Content-Type": kind})
        self.assertEqual(answer.status, 204)
        for spoil in (lambda post: post["content"][kind]["schema"]["properties"].pop("ticked"),
                      lambda post: post["content"][kind]["schema"]["required"].append("wine"),
                      lambda post: post["content"].pop(kind)):
            wrong = self.spoilt(lambda paths, schemas, s=spoil: s(
                paths[path]["post"]["requestBody"]))
            with self.assertRaises(Untrue):
                wrong.check("POST", path, kind, body, 204, answer.headers, answer.body)

    def test_92_canary_a_problem_that_is_none_is_told(self):
        path = API + "/people/p999"
        answer = self.page.get(path)
        self.assertEqual(answer.status, 404)
        for spoil in (lambda paths, schemas: schemas["Problem"]["properties"].pop("instance"),
                      lambda paths, schemas: schemas["Problem"]["required"].append("wine")):
            with self.assertRaises(Untrue):
                self.spoilt(spoil).check("GET", path, None, None, 404, answer.headers, answer.body)
        with self.assertRaises(Untrue):
            description().check("GET", path, None, None, 409, answer.headers, answer.body)

    def test_93_canary_a_call_that_nobody_made_is_told(self):
        wrong = self.spoilt(lambda paths, schemas: paths.update({API + "/wine": {"get": {}}}))
        self.assertEqual(wrong.calls - description().done, {("GET", API + "/wine")})

    # ---- whether that was all ----

    def test_94_no_call_is_described_that_was_not_made(self):
        self.assertEqual(sorted(description().calls - description().done), [])


if __name__ == "__main__":
    unittest.main()

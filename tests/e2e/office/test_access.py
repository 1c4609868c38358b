#!/usr/bin/python3
"""Accounts, tokens, settings and the audit, as a manager, an auditor and a program see them."""

import os
import pathlib
import re
import subprocess
import time
import unittest

from officerig import Client, Office, description

BUILD = os.environ["LOQUET_BUILD"]
API = "/api/v1"
PASSWORD = "correct horse"

# Which roles may call what; written down apart from the routes. The first row that fits holds.
EVERYBODY = {"nobody", "operator", "manager", "auditor"}
MAY = [(re.compile(pattern), roles) for pattern, roles in (
    (r"\w+ /(board\.json|notice)|GET /api/v1/calendar\.ics|\w+ /api/v1/(session|first-run)", EVERYBODY),
    (r"PUT /api/v1/session/password", EVERYBODY - {"nobody"}),
    (r"GET /api/v1/audit", {"auditor"}),
    (r"GET (/api/v1/figures|/metrics)", {"manager", "auditor"}),
    (r"\w+ /api/v1/(visits|visits\.csv|visits/[^/]+|people/[^/]+/export(\.html|\.csv)?|events/[^/]+/attendance)", {"manager"}),
    (r"\w+ /api/v1/(accounts|tokens|settings|webhooks|zones|calendar-feeds)(/.*)?", {"manager"}),
    (r"\w+ (/muster\.html|/api/v1/(now|stream|doors|commands|muster|drills|alerts)(/.*)?)", {"operator", "manager"}),
    (r"\w+ /api/v1/(people|people\.csv|badges|badges\.csv|board-members|visitors|profiles|schedules|special-days|"
     r"door-hours|events)(/.*)?", {"operator", "manager"}),
)]


class Access(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.office = Office(BUILD)
        cls.addClassCleanup(cls.office.__exit__)
        cls.office.__enter__()
        cls.account("add", "ada", "--role", "manager")
        session = cls.office.request("POST", API + "/session", {"name": "ada", "password": PASSWORD})
        cls.office.cookie = session.headers["Set-Cookie"].split(";")[0]
        cls.office.csrf = session.json()["csrf"]

    @classmethod
    def account(cls, *arguments, password=PASSWORD, status=0):
        done = subprocess.run(cls.office.command("account", *arguments), input=password + "\n",
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == status, (done.returncode, done.stderr)
        return done

    def call(self, method, path, body=None, status=200, **headers):
        answer = self.office.request(method, API + path, body, headers or None)
        self.assertEqual(answer.status, status, answer.body)
        return answer.json() if answer.body else None

    def refused(self, method, path, body, status, word, pointer=None):
        answer = self.office.request(method, API + path, body)
        self.assertEqual(answer.status, status, answer.body)
        problem = answer.json()
        self.assertEqual(problem["type"], "urn:loquet:problem:" + word)
        self.assertEqual(problem.get("pointer"), pointer)
        french = self.office.request(method, API + path, body, {"Accept-Language": "fr"}).json()
        self.assertNotEqual(french["detail"], problem["detail"])

    def test_the_command_line_refuses_what_the_page_would(self):
        self.account("add", "ada", "--role", "manager", status=1)
        self.account("add", "Ada Example", "--role", "manager", status=2)
        self.account("add", "eve", "--role", "owner", status=2)
        self.account("add", "eve", status=2)
        self.account("add", "eve", "--role", "auditor", password="short", status=2)

    def test_wrong_input(self):
        for method, path, body, status, word, pointer in (
                ("POST", "/accounts", {}, 400, "needed", "/name"),
                ("POST", "/accounts", [], 400, "invalid", ""),
                ("POST", "/accounts", {"name": "eve", "role": "owner", "password": PASSWORD},
                 400, "invalid", "/role"),
                ("POST", "/accounts", {"name": "eve", "role": "operator", "password": "short"},
                 400, "invalid", "/password"),
                ("POST", "/accounts", {"name": "ada", "role": "operator", "password": PASSWORD},
                 409, "exists", "/name"),
                ("PATCH", "/accounts/1", {"role": "operator"}, 409, "last_manager", None),
                ("PATCH", "/accounts/99", {"role": "operator"}, 404, "not_found", None),
                ("PATCH", "/accounts/x", {"role": "operator"}, 404, "not_found", None),
                ("DELETE", "/accounts/1", None, 409, "last_manager", None),
                ("DELETE", "/accounts/99", None, 404, "not_found", None),
                ("POST", "/tokens", {"name": "t"}, 400, "needed", "/scopes"),
                ("POST", "/tokens", {"name": "t", "scopes": []}, 400, "invalid", "/scopes"),
                ("POST", "/tokens", {"name": "t", "scopes": ["wine"]}, 400, "invalid", "/scopes"),
                ("POST", "/tokens", {"name": "t", "scopes": [7]}, 400, "invalid", "/scopes"),
                ("DELETE", "/tokens/99", None, 404, "not_found", None),
                ("PATCH", "/settings", [], 400, "invalid", ""),
                ("PATCH", "/settings", {"wine": 1}, 400, "unknown_member", "/wine"),
                ("PATCH", "/settings", {"retentionDays": 93}, 400, "invalid", "/retentionDays"),
                ("PATCH", "/settings", {"retentionDays": 0}, 400, "invalid", "/retentionDays"),
                ("PATCH", "/settings", {"retentionDays": "90"}, 400, "invalid", "/retentionDays"),
                ("PATCH", "/settings", {"halfDayRule": "moon"}, 400, "invalid", "/halfDayRule"),
                ("PATCH", "/settings", {"board": 1}, 400, "invalid", "/board"),
                ("PATCH", "/settings", {"capacityLegal": 9, "capacitySoft": 10}, 400, "invalid", "/capacitySoft"),
                ("PATCH", "/settings", {"title": "x" * 121}, 400, "invalid", "/title"),
                ("PATCH", "/settings", {"title": "a\nb"}, 400, "invalid", "/title"),
                ("GET", "/audit", None, 403, "scope", None)):
            with self.subTest("%s %s %s" % (method, path, str(body)[:60])):
                self.refused(method, path, body, status, word, pointer)

    def test_what_is_refused_changes_nothing(self):
        before = self.call("GET", "/settings")
        self.refused("PATCH", "/settings", {"title": "Changed", "retentionDays": 500}, 400,
                     "invalid", "/retentionDays")
        self.assertEqual(self.call("GET", "/settings"), before)

    def test_settings(self):
        changed = self.call("PATCH", "/settings", {"capacityLegal": 41, "board": True,
                                                   "halfDayRule": "duration", "contact": "é"})
        self.assertEqual((changed["capacityLegal"], changed["board"], changed["halfDayRule"],
                          changed["contact"], changed["retentionDays"]),
                         (41, True, "duration", "é", 90))
        self.assertEqual(self.call("GET", "/settings"), changed)

    def test_an_account_and_a_token_from_their_making_to_their_end(self):
        made = self.call("POST", "/accounts", {"name": "desk", "role": "operator",
                                               "password": PASSWORD, "language": "fr"}, 201)
        self.assertEqual((made["name"], made["role"], made["language"]), ("desk", "operator", "fr"))
        path = "/accounts/%d" % made["id"]
        self.assertEqual(self.call("PATCH", path, {"role": "auditor"})["role"], "auditor")
        self.assertEqual([one["name"] for one in self.call("GET", "/accounts")["items"]],
                         ["ada", "desk"])
        token = self.call("POST", "/tokens", {"name": "billing", "scopes": ["audit", "figures"]},
                          201)
        self.assertNotIn("secret", self.call("GET", "/tokens")["items"][0])
        bearer = {"Authorization": "Bearer " + token["secret"], "Cookie": None}
        audit = self.call("GET", "/audit?limit=2", **bearer)
        self.assertEqual([(one["by"], one["act"]) for one in audit["items"]],
                         [("ada", "token.make"), ("ada", "account.change")])
        older = self.call("GET", "/audit?after=" + audit["next"], **bearer)
        self.assertIn("account.add", [one["act"] for one in older["items"]])
        self.call("GET", "/audit?since=yesterday", status=400, **bearer)
        self.call("GET", "/audit?person=12", status=400, **bearer)
        self.call("GET", "/audit?after=", status=400, **bearer)
        self.assertEqual(self.call("GET", "/audit?person=p12", **bearer)["items"], [])
        self.call("GET", "/settings", status=403, **bearer)
        self.call("DELETE", "/tokens/%d" % token["id"], status=204)
        self.call("GET", "/audit", status=401, **bearer)
        self.call("DELETE", path, status=204)

    def test_every_role_may_call_what_is_its_own_and_nothing_else(self):
        callers = {"nobody": Client(self.office.port)}
        for role in ("operator", "auditor", "manager"):
            self.account("add", role, "--role", role)
            callers[role] = Client(self.office.port)
            callers[role].log_in(role, PASSWORD)
        count = 0
        for path, item in description().document["paths"].items():
            # Of nobody and nothing, so that whoever may changes nothing.
            there = path.replace("{person}", "p999999").replace("{visit}", "p999999.space.1").replace(
                "{event}", "e999999").replace("{", "none-").replace("}", "")
            for method in (one.upper() for one in item if one in ("get", "put", "post", "patch", "delete")):
                call = "%s %s" % (method, path)
                may = next(roles for pattern, roles in MAY if pattern.fullmatch(call))
                for role, caller in callers.items():
                    if call in ("DELETE /api/v1/session", "GET /api/v1/stream") and role in may:
                        continue  # the one ends what the others need, the other does not end
                    with self.subTest("%s: %s" % (role, call)):
                        answer = caller.request(method, there)
                        problem = answer.json() if "problem" in (answer.headers["Content-Type"] or "") else {}
                        refused = problem.get("type") in ("urn:loquet:problem:scope", "urn:loquet:problem:session")
                        own = call == "GET /api/v1/session" and role == "nobody"
                        self.assertEqual(refused and not own, role not in may, answer.body[:200])
                        count += 1
        self.assertGreater(count, 350)
        ids = {one["name"]: one["id"] for one in self.call("GET", "/accounts")["items"]}
        for role in ("operator", "auditor", "manager"):
            self.call("DELETE", "/accounts/%d" % ids[role], status=204)

    def test_whoever_is_erased_is_gone_from_the_files_when_that_is_answered(self):
        made = self.call("POST", "/people", {"name": "Unforgettable Example", "email": "unforgettable@example.org"}, 201)
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 5))
        self.call("POST", "/visits", {"person": made["person"], "zone": "space", "checkIn": at, "reason": "unforgettable"}, 201)

        def told():
            return [path.name for path in pathlib.Path(self.office.house.folder).rglob("*")
                    if path.is_file() and b"nforgettable" in path.read_bytes()]

        self.assertNotEqual(told(), [])
        self.call("DELETE", "/people/" + made["person"], status=204)
        self.assertEqual(told(), [])

    def test_whoever_is_logged_in_changes_their_own_password(self):
        self.account("add", "op", "--role", "operator")
        fresh = "another short sentence"
        here, there = Client(self.office.port), Client(self.office.port)
        for one in (here, there):
            one.log_in("op", PASSWORD)
        wish = {"password": PASSWORD, "newPassword": fresh}

        def change(client, body, **headers):
            return client.request("PUT", API + "/session/password", body, headers or None)

        def refused(answer, status, word, pointer=None):
            self.assertEqual((answer.status, answer.json()["type"], answer.json().get("pointer")),
                             (status, "urn:loquet:problem:" + word, pointer))

        refused(change(here, wish, **{"X-Loquet-CSRF": "x"}), 403, "csrf")
        refused(change(here, dict(wish, newPassword="short")), 400, "invalid", "/newPassword")
        refused(change(here, dict(wish, newPassword=PASSWORD)), 400, "same_password", "/newPassword")
        refused(change(here, dict(wish, password="not it at all")), 403, "password", "/password")
        before = here.cookie
        answer = change(here, wish)
        self.assertEqual(answer.status, 200, answer.body)
        here.cookie, here.csrf = answer.headers["Set-Cookie"].split(";")[0], answer.json()["csrf"]
        self.assertEqual(here.get(API + "/session").json()["account"], "op")
        # Every other session has ended, and a copy of this one's cookie with it.
        self.assertEqual(there.get(API + "/session").status, 401)
        self.assertEqual(there.request("GET", API + "/session", None, {"Cookie": before}).status, 401)
        self.assertEqual(there.request("POST", API + "/session", {"name": "op", "password": PASSWORD}).status, 401)
        there.log_in("op", fresh)
        token = self.call("POST", "/tokens", {"name": "audit", "scopes": ["audit"]}, 201)
        bearer = {"Authorization": "Bearer " + token["secret"], "Cookie": None}
        notes = [(one["by"], one["act"]) for one in self.call("GET", "/audit?limit=20", **bearer)["items"]
                 if one["act"].startswith("password.")]
        self.assertEqual(notes, [("op", "password.change"), ("op", "password.refuse")])
        # A program has no password, and nobody else's is changed.
        refused(change(Client(self.office.port), wish, Authorization=bearer["Authorization"]), 401, "session")
        self.call("GET", "/session")
        self.call("DELETE", "/tokens/%d" % token["id"], status=204)
        # Whoever sits at a page that was left open guesses no faster than at the door.
        for _ in range(6):
            last = change(here, dict(wish, password="guessed wrongly"), **{"X-Forwarded-For": "192.0.2.7"})
        refused(last, 429, "throttled")
        op = next(one["id"] for one in self.call("GET", "/accounts")["items"] if one["name"] == "op")
        self.call("DELETE", "/accounts/%d" % op, status=204)

    def test_a_token_makes_nobody_who_may_more(self):
        token = self.call("POST", "/tokens", {"name": "setup", "scopes": ["settings"]}, 201)
        bearer = {"Authorization": "Bearer " + token["secret"], "Cookie": None}
        eve = {"name": "eve", "role": "manager", "password": PASSWORD}
        self.call("GET", "/accounts", **bearer)
        for method, path, body in (("POST", "/accounts", eve), ("DELETE", "/accounts/1", None),
                                   ("PATCH", "/accounts/1", {"password": PASSWORD + "!"})):
            problem = self.call(method, path, body, 403, **bearer)
            self.assertEqual(problem["type"], "urn:loquet:problem:account_needed")
        self.assertEqual(len(self.call("GET", "/accounts")["items"]), 1)
        self.call("DELETE", "/tokens/%d" % token["id"], status=204)

    def test_a_list_that_is_made_once_for_all_tells_programs_less(self):
        """The page's list of an evacuation names the hidden; what a program gets a moment later does not."""
        hid = self.call("POST", "/people", {"name": "Hid Example", "kind": "member", "hidden": True}, 201)
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 5))
        self.call("POST", "/visits", {"person": hid["person"], "zone": "space", "checkIn": at, "reason": "forgot"}, 201)
        token = self.call("POST", "/tokens", {"name": "wall", "scopes": ["now", "history"]}, 201)
        bearer = {"Authorization": "Bearer " + token["secret"], "Cookie": None}
        for _ in range(2):
            self.assertEqual([one["name"] for one in self.call("GET", "/muster")["people"]], ["Hid Example"])
            self.assertEqual([one["name"] for one in self.call("GET", "/muster", **bearer)["people"]], [None])
        self.call("DELETE", "/tokens/%d" % token["id"], status=204)

    def test_a_page_that_loads_again_looks_once(self):
        for _ in range(3):
            self.call("GET", "/visits?date=2026-01-05")
            self.call("GET", "/visits?person=p1")
        token = self.call("POST", "/tokens", {"name": "auditor", "scopes": ["audit"]}, 201)
        bearer = {"Authorization": "Bearer " + token["secret"], "Cookie": None}
        audit = self.call("GET", "/audit?limit=200", **bearer)["items"]
        self.call("DELETE", "/tokens/%d" % token["id"], status=204)
        looks = [one["object"] for one in audit if one["act"] == "visit.read"]
        self.assertEqual(looks.count("visits/2026-01-05"), 1)
        self.assertEqual(looks.count("person/1"), 3)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""Who may use the office's page: the first account, logging in and out, guessing."""

import json
import os
import pathlib
import socket
import sqlite3
import time
import unittest

from officerig import Office

BUILD = os.environ["LOQUET_BUILD"]
SESSION = "/api/v1/session"
FIRST = {"title": "Example space", "capacityLegal": 40, "capacitySoft": 30, "language": "fr",
         "exitsBadged": False, "name": "ada", "password": "correct horse"}
ELSEWHERE = {"X-Forwarded-For": "192.0.2.7"}


class Session(unittest.TestCase):
    """In the order of their names: a space's first day."""

    @classmethod
    def setUpClass(cls):
        cls.office = Office(BUILD)
        cls.addClassCleanup(cls.office.__exit__)
        cls.office.__enter__()

    def refused(self, answer, status, word, **members):
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.json()["type"], "urn:loquet:problem:" + word)
        for key, value in members.items():
            self.assertEqual(answer.json()[key], value)

    def first_run(self, headers=None, **changes):
        body = {key: value for key, value in {**FIRST, **changes}.items() if value is not None}
        return self.office.request("POST", "/api/v1/first-run", body, headers)

    def test_1_wrong_answers_to_the_first_questions(self):
        for changes, word, pointer in (
                ({"title": ""}, "invalid", "/title"),
                ({"title": None}, "needed", "/title"),
                ({"name": "Ada Example"}, "invalid", "/name"),
                ({"password": "short"}, "invalid", "/password"),
                ({"password": "x" * 129}, "invalid", "/password"),
                ({"capacityLegal": -1}, "invalid", "/capacityLegal"),
                ({"capacityLegal": 40, "capacitySoft": 41}, "invalid", "/capacitySoft"),
                ({"language": "de"}, "invalid", "/language"),
                ({"exitsBadged": "no"}, "invalid", "/exitsBadged"),
                ({"wine": 1}, "unknown_member", "/wine")):
            with self.subTest(changes):
                self.refused(self.first_run(**changes), 400, word, pointer=pointer)
        self.refused(self.office.request("POST", "/api/v1/first-run", "{", {
            "Content-Type": "application/json"}), 400, "json")
        self.refused(self.office.request("POST", "/api/v1/first-run", "x" * 20000), 413, "too_long")

    def test_2_nobody_else_makes_the_first_account(self):
        for headers in (ELSEWHERE, {"Host": "rebound.example.org"}):
            with self.subTest(headers):
                self.refused(self.first_run(headers, code="guessed"), 403, "first_code",
                             pointer="code")
        self.assertIs(self.office.get(SESSION).json()["firstRun"], True)

    def test_3_the_code_of_the_log_makes_it(self):
        code = self.office.house.log("loquet-office").split("the code ")[1].split()[0]
        answer = self.first_run(ELSEWHERE, code=code)
        self.assertEqual(answer.status, 204, answer.body)
        self.refused(self.first_run(name="eve"), 409, "set_up")
        self.refused(self.office.get(SESSION), 401, "session", firstRun=False)

    def test_4_logging_in(self):
        answer = self.office.request("POST", SESSION, {"name": "ada", "password": "correct horse"})
        self.assertEqual(answer.status, 200, answer.body)
        cookie = answer.headers["Set-Cookie"]
        self.assertIn("HttpOnly; SameSite=Strict", cookie)
        self.office.cookie = cookie.split(";")[0]
        session = answer.json()
        self.assertEqual((session["account"], session["role"], session["language"],
                          session["space"]), ("ada", "manager", "fr", "Example space"))
        self.assertEqual(set(session["scopes"]),
                         {"now", "doors", "people", "history", "figures", "settings"})
        again = self.office.get(SESSION).json()
        self.assertEqual(again["csrf"], session["csrf"])
        self.refused(self.office.request("DELETE", SESSION), 403, "csrf")
        self.refused(self.office.request("DELETE", SESSION, headers={"X-Loquet-CSRF": "a" * 43}),
                     403, "csrf")
        type(self).csrf = session["csrf"]

    def test_5_a_page_hears_what_happens(self):
        with socket.create_connection(("127.0.0.1", self.office.port), 30) as page:
            page.sendall(("GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\nCookie: %s\r\n\r\n"
                          % self.office.cookie).encode())
            heard = b""
            while b"retry: 2000" not in heard:
                heard += page.recv(4096)
            self.assertIn(b"text/event-stream", heard)
        self.refused(self.office.request("GET", "/api/v1/stream", headers={"Cookie": None}),
                     401, "session")

    def test_6_it_outlives_a_restart_and_ends_when_asked(self):
        self.assertEqual(self.office.stop(), 0)
        self.office.start()
        self.assertEqual(self.office.get(SESSION).status, 200)
        self.office.csrf = self.csrf
        self.assertEqual(self.office.request("DELETE", SESSION).status, 204)
        self.refused(self.office.get(SESSION), 401, "session")
        self.office.cookie = self.office.csrf = None

    def test_7_guessing_is_slowed_down(self):
        for _ in range(5):
            self.refused(self.guess("wrong horse"), 401, "password")
        type(self).guesses = 5
        for _ in range(10):
            answer = self.guess("wrong horse")
            asked = time.monotonic()
            if answer.status == 401:  # two seconds had passed, or four, …
                type(self).guesses += 1
                continue
            self.refused(answer, 429, "throttled")
            self.assertGreater(int(answer.headers["Retry-After"]), 0)
            right = self.guess("correct horse")
            if time.monotonic() - asked < int(answer.headers["Retry-After"]) - 1:
                self.refused(right, 429, "throttled")
                return
        self.fail("nobody was told to wait for long enough")

    def guess(self, password):
        return self.office.request("POST", SESSION, {"name": "ada", "password": password})

    def test_8_who_was_refused_is_in_the_audit_and_nothing_else_of_it(self):
        stranger = {"name": "hunter2", "password": "hunter2 or so"}
        self.refused(self.office.request("POST", SESSION, stranger, {
            "X-Forwarded-For": "192.0.2.99"}), 401, "password")
        rows = self.rows("SELECT act, object, author, reason FROM audit WHERE act LIKE '%.refuse' "
                         "ORDER BY id")
        self.assertEqual(rows[:2], [("first_run.refuse", "session", "", "192.0.2.7"),
                                    ("first_run.refuse", "session", "", "127.0.0.1")])
        self.assertEqual(rows[2:], self.guesses * [("session.refuse", "account/1", "", "127.0.0.1")]
                         + [("session.refuse", "session", "", "192.0.2.99")])
        # A name that is nobody's may be a password in the wrong field.
        for path in pathlib.Path(self.office.house.folder, "state").glob("office.db*"):
            self.assertNotIn(b"hunter2", path.read_bytes())

    def rows(self, query):
        database = sqlite3.connect("file:%s/state/office.db?mode=ro" % self.office.house.folder,
                                   uri=True)
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()

    def test_9_wrong_logins(self):
        for body, word, pointer in (({"name": "ada"}, "needed", "/password"),
                                    ({"name": 7, "password": "x"}, "invalid", "/name"),
                                    ([], "invalid", "")):
            with self.subTest(body):
                self.refused(self.office.request("POST", SESSION, body), 400, word)


class Proxied(unittest.TestCase):
    """Who comes through something on this machine does not sit at it."""

    def setUp(self):
        self.office = Office(BUILD)
        self.addCleanup(self.office.__exit__)
        self.office.__enter__()

    def status(self, headers):
        # What was guessed wrong is forgotten.
        self.office.stop()
        self.office.start()
        return self.office.request("POST", "/api/v1/first-run", FIRST, headers).status

    def test_only_who_asks_for_this_machine_by_its_port_needs_no_code(self):
        port = self.office.port
        for headers in ({"Host": "127.0.0.1"}, {"Host": "127.0.0.1:%d" % (port + 1)}, {"Host": "localhost:80"},
                        {"Host": "127.0.0.1:%d.example.org" % port}, {"X-Real-IP": "192.0.2.7"},
                        {"X-Forwarded-Proto": "https"}, {"Origin": "https://office.example.org"},
                        {"Origin": "https://127.0.0.1:%d" % port}, {"Origin": "null"}):
            with self.subTest(headers):
                self.assertEqual(self.status(headers), 403)
        self.assertEqual(self.status({"Origin": "http://localhost:%d" % port,
                                      "Host": "localhost:%d" % port}), 204)

    def test_a_plain_proxy_is_noticed(self):
        """What nginx sends with proxy_pass alone."""
        body = json.dumps(FIRST).encode()
        with socket.create_connection(("127.0.0.1", self.office.port), 30) as proxy:
            proxy.sendall(b"POST /api/v1/first-run HTTP/1.0\r\nHost: 127.0.0.1:%d\r\n"
                          b"Connection: close\r\nContent-Type: application/json\r\n"
                          b"Content-Length: %d\r\n\r\n%s" % (self.office.port, len(body), body))
            answer = b""
            while chunk := proxy.recv(4096):
                answer += chunk
        self.assertIn(b" 403 ", answer.split(b"\r\n")[0])


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""An office's books go from SQLite to PostgreSQL and back: all of them, or none."""

import array
import fcntl
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import termios
import time
import unittest

import books
from officerig import Office
from postgres import Server

BUILD = os.environ["LOQUET_BUILD"]
PASSWORD = "a long password"
PATIENCE_S = 60
FILLED = ("account", "alert", "audit", "badge", "billing", "board_member", "calendar_event", "calendar_event_door", "controller", "drill",
          "event", "gap", "passage", "period", "person", "roster_version", "schedule", "setting", "token",
          "visit", "visitor")
MIGRATIONS = list((pathlib.Path(__file__).resolve().parents[3] / "schemas" / "sql" / "office").glob("*.sql"))
NOT_EMPTY = ("PostgreSQL: it is not empty: the table %s has 1 row; nothing was changed: move into a database "
             "that no office has used")
NEWER = "%%s: a newer loquet-office made it: its schema is 99, this program's is %d" % len(MIGRATIONS)


def unread(pipe):
    count = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, count)
    return count[0]


def now(later_s=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + later_s))


class Move(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.__exit__)
        cls.server.__enter__()

    def setUp(self):
        self.database = self.server.database(self._testMethodName.lower())
        self.office = Office(BUILD)
        self.addCleanup(self.office.__exit__)
        self.office.write_config()
        self.sqlite = self.office.house.folder + "/state/office.db"

    def command(self, *arguments, status=0, **options):
        done = subprocess.run(self.office.command(*arguments), capture_output=True, text=True, timeout=300,
                              check=False, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def refused(self, to, status, word, *arguments):
        done = self.command("--json", "move", "--to", to, *arguments, status=status)
        answer = json.loads(done.stderr)
        self.assertEqual((answer["ok"], answer["error"]), (False, word), answer)
        return answer["text"]

    def use(self, line):
        """What the command told to set."""
        self.office.settings = line + "\n"
        self.office.write_config()

    def make_account(self):
        self.command("account", "add", "ada", "--role", "manager", input=PASSWORD + "\n")

    def call(self, method, path, body=None, status=200):
        answer = self.office.request(method, "/api/v1/" + path, body)
        self.assertEqual(answer.status, status, (path, answer.body))
        return answer.json() if answer.body else None

    def log_in(self):
        self.office.cookie = self.office.csrf = None
        answer = self.office.request("POST", "/api/v1/session", {"name": "ada", "password": PASSWORD})
        self.assertEqual(answer.status, 200, answer.body)
        self.office.cookie = answer.headers["Set-Cookie"].split(";")[0]
        self.office.csrf = answer.json()["csrf"]

    def live(self):
        """A space with somebody in it."""
        self.make_account()
        books.fill(self.sqlite)
        with open(self.office.house.folder + "/state/uid.key", "w", encoding="ascii") as file:
            file.write("01" * 32 + "\n")
        self.office.start()
        self.log_in()
        person = self.call("POST", "people", {"name": "Ada Exämple", "kind": "member"}, 201)["person"]
        self.call("POST", "people/%s/badges" % person, {"uid": "04a1b2c3d4e5f6"}, 201)
        self.call("POST", "visitors", {"name": "Gus Guest", "host": person, "from": now(), "to": now(3600), "purpose": books.TEXT.split("\t")[0]}, 201)
        self.call("PUT", "schedules/office", {"periods": [{"from": 480, "to": 1200}]})
        self.call("POST", "events", {"title": "Lunch", "kind": "event", "who": "members", "doors": ["front"],
                                     "from": "2026-12-03T12:00", "to": "2026-12-03T14:00",
                                     "rrule": "FREQ=WEEKLY"}, 201)
        self.call("POST", "tokens", {"name": "billing", "scopes": ["figures"]}, 201)
        self.call("PATCH", "settings", {"title": "Atelier d’exemple", "capacityLegal": 40})
        self.call("POST", "visits", {"person": person, "zone": "space", "reason": "forgot the badge",
                                     "checkIn": now()}, 201)
        self.office.stop()
        books.name(self.sqlite)

    def test_there_and_back(self):
        self.live()
        whole = books.sqlite_rows(self.sqlite)
        for table in FILLED:
            self.assertTrue(whole[table], table)
        done = self.command("move", "--to", self.database)
        self.assertIn("100 %", done.stderr)
        line = done.stdout.split("[office]\n")[1].splitlines()[0]
        self.assertEqual(line, "database = " + self.database)
        self.assertEqual(books.sqlite_rows(self.sqlite), whole)
        self.assertEqual(books.postgres_rows(self.server, self.database), whole)

        # The office goes on there, with numbers that nobody had.
        os.rename(self.sqlite, self.sqlite + ".before")
        self.use(line)
        self.office.start()
        self.log_in()
        people = self.call("GET", "people")["items"]
        self.assertEqual(self.call("GET", "settings")["title"], "Atelier d’exemple")
        added = self.call("POST", "people", {"name": "Bob Example", "kind": "member"}, 201)["person"]
        self.assertNotIn(added, [one["person"] for one in people])
        self.office.stop()
        self.assertFalse(os.path.exists(self.sqlite))

        whole = books.postgres_rows(self.server, self.database)
        answer = json.loads(self.command("--json", "move", "--to", "sqlite").stdout)
        self.assertEqual((answer["ok"], answer["to"], answer["section"]), (True, "sqlite", "office"))
        self.assertEqual(answer["rows"], sum(map(len, whole.values())))
        self.assertEqual(books.sqlite_rows(self.sqlite), whole)
        self.assertEqual(books.postgres_rows(self.server, self.database), whole)
        self.assertEqual(os.stat(self.sqlite).st_mode & 0o777, 0o600)
        self.use(answer["line"])
        self.office.start()
        self.log_in()
        self.assertEqual(len(self.call("GET", "people")["items"]), len(people) + 1)

    def test_what_is_refused_changes_nothing(self):
        self.assertEqual(self.refused(self.database, 1, "not_found"),
                         self.sqlite + ": there are no books to be moved")
        self.make_account()
        books.fill(self.sqlite)
        self.refused("sqlite", 2, "usage")
        self.refused("host=/no/such/folder dbname=none", 5, "io")
        self.refused("x" * 300, 2, "usage")
        self.command("move", status=2)
        self.office.start()
        self.assertEqual(self.refused(self.database, 1, "in_use"),
                         "office.db: loquet-office runs on it: stop it first")
        self.assertEqual(self.refused(self.database, 1, "in_use", "--lang", "fr"),
                         "office.db : loquet-office l’utilise : arrêtez-le d’abord")
        self.office.stop()
        whole = books.sqlite_rows(self.sqlite)
        self.command("move", "--to", self.database)
        self.assertEqual(self.refused(self.database, 1, "not_empty"), NOT_EMPTY % "controller")
        books.psql(self.server, self.database, "UPDATE schema_version SET version = 99")
        self.assertEqual(self.refused(self.database, 1, "schema"), NEWER % "PostgreSQL")
        self.assertEqual(books.sqlite_rows(self.sqlite), whole)
        self.assertEqual(books.postgres_rows(self.server, self.database), whole)
        changed = sqlite3.connect(self.sqlite)
        changed.execute("PRAGMA user_version = 99")
        changed.close()
        self.assertEqual(self.refused(self.server.database("unused"), 1, "schema"), NEWER % "office.db")

    def test_nobody_writes_while_it_moves(self):
        self.make_account()
        with open(self.sqlite + ".lock", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.command("account", "add", "bob", "--role", "manager", status=5, input=PASSWORD + "\n")
            self.assertIn("it is being moved", done.stderr)
        self.assertEqual(len(books.sqlite_rows(self.sqlite)["account"]), 1)

    def test_people_alone_are_not_nothing(self):
        """No controller has told of anything yet, and it is in use all the same."""
        self.make_account()
        other = Office(BUILD, "database = %s\n" % self.database)
        self.addCleanup(other.__exit__)
        other.write_config()
        subprocess.run(other.command("account", "add", "bob", "--role", "manager"), input=PASSWORD + "\n",
                       text=True, capture_output=True, timeout=60, check=True)
        self.assertEqual(self.refused(self.database, 1, "not_empty"), NOT_EMPTY % "account")
        self.assertEqual(len(books.postgres_rows(self.server, self.database)["account"]), 1)

    def test_an_office_that_runs_at_the_new_place(self):
        self.make_account()
        other = Office(BUILD, "database = %s\n" % self.database)
        self.addCleanup(other.__exit__)
        other.__enter__()
        self.refused(self.database, 1, "in_use")
        other.stop()
        self.expect_moved(self.database)

    def move(self, to):
        done = subprocess.run(self.office.command("move", "--to", to), capture_output=True, timeout=300, check=False)
        return done.returncode, done.stderr.decode()

    def expect_moved(self, to):
        """It takes the server a moment to notice that somebody is gone."""
        deadline = time.monotonic() + PATIENCE_S
        code, said = self.move(to)
        while code != 0:
            self.assertEqual(said, "loquet: PostgreSQL: loquet-office runs on it: stop it first\n")
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
            code, said = self.move(to)

    def kill_midway(self, to):
        """Its second line of progress does not fit into a pipe that nobody reads: there it stands when it is killed."""
        reader, writer = os.pipe()
        room = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096) - 20
        os.write(writer, b" " * room)
        with open(reader, "rb"), open(writer, "wb") as stderr, subprocess.Popen(
                self.office.command("move", "--to", to), stdout=subprocess.DEVNULL, stderr=stderr) as process:
            deadline = time.monotonic() + PATIENCE_S
            while unread(reader) == room:
                self.assertLess(time.monotonic(), deadline)
                self.assertIsNone(process.poll())
                time.sleep(0.01)
            process.kill()
            self.assertEqual(process.wait(), -signal.SIGKILL)

    def expect_restart(self, read_source, read_target, to):
        whole = read_source()
        self.kill_midway(to)
        self.assertEqual(read_source(), whole)
        self.expect_moved(to)
        self.assertEqual(read_source(), whole)
        self.assertEqual(read_target(), whole)

    def test_killed_midway(self):
        self.make_account()
        books.fill(self.sqlite, 20000)

        def in_sqlite():
            return books.sqlite_rows(self.sqlite)

        def in_postgres():
            return books.postgres_rows(self.server, self.database)
        self.expect_restart(in_sqlite, in_postgres, self.database)
        os.remove(self.sqlite)
        self.use("database = " + self.database)
        self.expect_restart(in_postgres, in_sqlite, "sqlite")


if __name__ == "__main__":
    unittest.main()

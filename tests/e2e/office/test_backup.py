#!/usr/bin/python3
"""The books are saved and put back while the office runs and others write to them, over SQLite and PostgreSQL."""

import fcntl
import functools
import os
import pathlib
import shutil
import sqlite3
import subprocess
import threading
import unittest

import books as oracle
from officerig import Office
from postgres import Server

BUILD = os.environ["LOQUET_BUILD"]
MIGRATIONS = sorted(pathlib.Path(os.environ["LOQUET_SCHEMAS"], "sql", "office").glob("*.sql"))
ADD = ("INSERT INTO calendar_event (uid, kind, who, title, description, place, trainer, public, "
       "begins, ends, rule, revision, changed) "
       "VALUES (?, 'event', 'anyone', ?, '', '', '', 1, 40000000, 40000060, '', 0, 1)")


class Backup(unittest.TestCase):
    settings = ""

    def setUp(self):
        self.office = Office(BUILD, self.settings)
        self.addCleanup(self.office.__exit__)
        self.office.__enter__()
        self.folder = self.office.house.folder

    def run_it(self, *arguments, status=0):
        done = subprocess.run(self.office.command(*arguments), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr

    def write(self, *names):
        books = sqlite3.connect(self.folder + "/state/office.db", timeout=60)
        with books:
            books.executemany(ADD, [(name, name) for name in names])
        books.close()

    def rows(self):
        return oracle.sqlite_rows(self.folder + "/state/office.db")

    def titles(self):
        return self.titles_of(self.folder + "/state/office.db")

    @staticmethod
    def titles_of(path):
        books = sqlite3.connect(path, timeout=60)
        try:
            return {row[0] for row in books.execute("SELECT title FROM calendar_event")}
        finally:
            books.close()

    def feed(self):
        answer = self.office.get("/api/v1/calendar.ics")
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.headers["Content-Type"], "text/calendar; charset=utf-8")
        return answer.body.decode()

    def test_there_and_back_under_load(self):
        saved = self.folder + "/saved.db"
        self.write("Before")
        self.assertIn("SUMMARY:Before", self.feed())
        written = []
        enough = threading.Event()

        def load():
            while not enough.is_set():
                written.append("n%d" % len(written))
                self.write(written[-1])
        writer = threading.Thread(target=load)
        writer.start()
        try:
            self.run_it("backup", saved)
        finally:
            enough.set()
            writer.join()
        kept = self.titles_of(saved)
        self.assertIn("Before", kept)
        self.assertLessEqual(kept, {"Before", *written})
        self.assertEqual(os.stat(saved).st_mode & 0o777, 0o600)
        self.write("After")
        self.run_it("restore", saved)
        self.assertEqual(self.titles(), kept)
        self.assertNotIn("SUMMARY:After", self.feed())
        self.assertIn("SUMMARY:Before", self.feed())

    def test_what_cannot_be_put_back_changes_nothing(self):
        saved = self.folder + "/saved.db"
        self.write("Here", *["n%d" % i for i in range(200)])
        self.run_it("backup", saved)
        self.assertEqual(self.run_it("backup", saved, status=1),
                         "loquet: %s: there is such a file already\n" % saved)
        self.run_it("backup", self.folder + "/no/such/folder", status=1)
        self.write("Later")
        before = self.titles()
        damaged = self.folder + "/damaged.db"
        shutil.copy(saved, damaged)
        with open(damaged, "r+b") as file:
            for page in range(4, os.path.getsize(damaged) // 4096):
                file.seek(page * 4096 + 8)
                file.write(b"\xff" * 512)
        short = self.folder + "/short.db"
        shutil.copy(saved, short)
        os.truncate(short, os.path.getsize(saved) - 1)
        newer = self.folder + "/newer.db"
        shutil.copy(saved, newer)
        books = sqlite3.connect(newer)
        books.execute("PRAGMA user_version = 99")
        books.close()
        noise = self.folder + "/noise.db"
        with open(noise, "wb") as file:
            file.write(b"no database " * 1000)
        foreign = self.folder + "/foreign.db"
        nothing = self.folder + "/nothing.db"
        for path, version in ((foreign, len(MIGRATIONS)), (nothing, 0)):
            books = sqlite3.connect(path)
            books.executescript("CREATE TABLE thing (name TEXT); PRAGMA user_version = %d" % version)
            books.close()
        schema = "its schema is %%d, this program's is %d" % len(MIGRATIONS)
        for path, status, why in (
                (damaged, 5, "database disk image is malformed"), (short, 5, "it is damaged"), (newer, 1, schema % 99),
                (noise, 5, "file is not a database"), (nothing, 1, schema % 0),
                (foreign, 1, "these are no office's books: there is no table controller"),
                (self.folder + "/none.db", 1, "unable to open database file")):
            with self.subTest(path):
                self.assertEqual(self.run_it("restore", path, status=status), "loquet: %s: %s\n" % (path, why))
                self.assertEqual(self.titles(), before)
        self.assertEqual(os.listdir(self.folder + "/state").count("office.restore"), 0)

    def test_everything_comes_back(self):
        """Also what was emptied, or is awkward to write; and numbers that nobody had go on behind it."""
        self.office.stop()
        saved = self.folder + "/saved.db"
        self.fill()
        whole = self.rows()
        self.run_it("backup", saved)
        self.assertEqual(oracle.sqlite_rows(saved), whole)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("saved.db")], ["saved.db"])
        self.write("Later")
        self.assertNotEqual(self.rows(), whole)
        self.run_it("restore", saved)
        self.assertEqual(self.rows(), oracle.put_back(whole))
        self.write("Again")
        self.assertEqual(self.titles(), {"Again"})

    def test_books_that_are_damaged_are_put_aside(self):
        """That is what a backup is for."""
        saved = self.folder + "/saved.db"
        self.write("Before")
        self.run_it("backup", saved)
        path = self.folder + "/state/office.db"
        if not os.path.exists(path):
            self.skipTest("the books are no file")
        self.office.stop()
        for place, length in ((0, 30000), (0, 16), (100, 3000)):
            with self.subTest(place=place, length=length):
                with open(path, "r+b") as file:
                    file.seek(place)
                    file.write(b"\xfe" * length)
                damaged = pathlib.Path(path).read_bytes()
                with open(path + ".lock", "rb") as lock:
                    fcntl.flock(lock, fcntl.LOCK_SH)
                    refused = self.run_it("restore", saved, status=1)
                self.assertEqual(refused, "loquet: office.db is damaged, and loquet-office runs on it: stop it first\n")
                self.assertEqual(pathlib.Path(path).read_bytes(), damaged)
                self.assertEqual(self.run_it("restore", saved),
                                 "loquet-office: office.db was damaged: it is office.db.damaged now\n")
                self.assertEqual(pathlib.Path(path + ".damaged").read_bytes(), damaged)
                self.assertEqual(self.titles(), {"Before"})
        # One that was killed has left its copy.
        copy = pathlib.Path(self.folder, "state", "office.restore")
        copy.write_bytes(damaged)
        self.office.start()
        self.assertIn("SUMMARY:Before", self.feed())
        self.assertFalse(copy.exists())

    def test_books_of_an_older_version_are_saved_as_they_are(self):
        """As after the upgrade and before the start that brings them forward."""
        self.office.stop()
        path = self.folder + "/state/office.db"
        if not os.path.exists(path):
            self.skipTest("the books are no file")
        os.rename(self.older(len(MIGRATIONS) - 1), path)
        saved = self.folder + "/saved.db"
        self.run_it("backup", saved)
        self.assertEqual(oracle.sqlite_rows(saved), oracle.sqlite_rows(path))
        self.assertEqual(len(oracle.sqlite_rows(saved)["passage"]), 1)
        self.run_it("restore", saved)
        self.assertEqual(len(self.rows()["passage"]), 1)

    @unittest.skipUnless(os.geteuid() == 0, "only root makes something for somebody else")
    def test_what_root_makes_belongs_to_who_owns_the_folder(self):
        saved = self.folder + "/saved.db"
        self.run_it("backup", saved)
        self.office.stop()
        state = pathlib.Path(self.folder, "state")
        shutil.rmtree(state)
        state.mkdir(0o700)
        os.chown(state, 12345, 12346)
        self.run_it("restore", saved)
        subprocess.run(self.office.command("key"), capture_output=True, timeout=60, check=True)
        self.assertIn("office.key", os.listdir(state))
        for file in state.iterdir():
            self.assertEqual((file.name, file.stat().st_uid, file.stat().st_gid), (file.name, 12345, 12346))

    def add(self, name):
        answer = self.office.request("POST", "/api/v1/people", {"name": name})
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json()["person"]

    def test_a_number_that_doors_may_tell_of_is_given_to_nobody_else(self):
        saved = self.folder + "/saved.db"
        subprocess.run(self.office.command("account", "add", "desk", "--role", "manager"), input="a long password\n",
                       text=True, capture_output=True, timeout=60, check=True)
        self.office.log_in("desk", "a long password")
        self.assertEqual(self.add("Ada Example"), "p1")
        self.run_it("backup", saved)
        self.assertEqual(self.add("Bea Example"), "p2")
        self.run_it("restore", saved)
        self.assertEqual(self.office.get("/api/v1/people/p2").status, 404)
        self.assertEqual(self.add("Cyd Example"), "p3")

    def fill(self):
        oracle.fill(self.folder + "/state/office.db")

    def older(self, count):
        """A backup as a version with so many migrations wrote it."""
        path = self.folder + "/older-%d.db" % count
        books = sqlite3.connect(path)
        for migration in MIGRATIONS[:count]:
            books.executescript(migration.read_text("utf-8"))
            if migration is MIGRATIONS[0]:
                books.execute("INSERT INTO passage (controller, seq, holder, zone, epoch, number, direction, "
                              "evidence, at, trust) VALUES ('front-board', 7, 17, 'studio', 1, 2, 1, 1, 5000, 2)")
                books.commit()
        books.executescript("PRAGMA user_version = %d" % count)
        books.close()
        return path

    def test_a_backup_of_an_older_version_is_brought_forward(self):
        self.office.stop()
        wanted = oracle.put_back(oracle.sqlite_rows(self.older(len(MIGRATIONS))))
        self.assertIn("front-board", wanted["passage"][0])
        self.assertIn("studio", wanted["zone"][0])
        for count in range(1, len(MIGRATIONS)):
            with self.subTest(count):
                self.write("Here")
                path = self.older(count)
                before = pathlib.Path(path).read_bytes()
                self.run_it("restore", path)
                self.assertEqual(self.rows(), wanted)
                self.assertEqual(pathlib.Path(path).read_bytes(), before)


class BackupPostgres(Backup):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.__exit__)
        cls.server.__enter__()

    def setUp(self):
        self.database = self.server.database(self._testMethodName.lower()[:60])
        self.settings = "database = %s\n" % self.database
        super().setUp()

    def write(self, *names):
        for name in names:
            sql = ADD.replace("?", "'%s'" % name)
            oracle.psql(self.server, self.database, sql)

    def rows(self):
        return oracle.postgres_rows(self.server, self.database)

    def titles(self):
        return set(oracle.psql(self.server, self.database, "SELECT title FROM calendar_event"))

    def test_what_fails_at_last_has_changed_nothing(self):
        """That doors may have seen a later roster is noted with everything else, or nothing is."""
        saved = self.folder + "/saved.db"
        psql = functools.partial(oracle.psql, self.server, self.database)
        version = "SELECT version, octet_length(digest) FROM roster_version"
        psql("INSERT INTO roster_version (id, version, digest) VALUES (1, 5, '\\x01') "
             "ON CONFLICT (id) DO UPDATE SET version = 5, digest = excluded.digest")
        self.write("Before")
        self.run_it("backup", saved)
        self.write("After")
        psql("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
             "'BEGIN RAISE EXCEPTION ''not now''; END'")
        psql("CREATE TRIGGER refuse BEFORE UPDATE ON roster_version EXECUTE FUNCTION refuse()")
        self.run_it("restore", saved, status=5)
        self.assertEqual(self.titles(), {"Before", "After"})
        self.assertEqual(psql(version), ["5|1"])
        psql("DROP TRIGGER refuse ON roster_version")
        self.run_it("restore", saved)
        self.assertEqual(self.titles(), {"Before"})
        self.assertEqual(psql(version), ["5|0"])

    def fill(self):
        """By way of SQLite."""
        other = Office(BUILD)
        self.addCleanup(other.__exit__)
        other.write_config()
        path = other.house.folder + "/state/office.db"
        saved = self.folder + "/filled.db"
        subprocess.run(other.command("account", "add", "ada", "--role", "manager"), input="a long password\n",
                       text=True, capture_output=True, timeout=60, check=True)
        oracle.fill(path)
        subprocess.run(other.command("backup", saved), capture_output=True, timeout=60, check=True)
        self.run_it("restore", saved)
        self.assertEqual(self.rows(), oracle.put_back(oracle.sqlite_rows(path)))


if __name__ == "__main__":
    unittest.main()

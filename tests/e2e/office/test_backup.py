#!/usr/bin/python3
"""The books are saved and put back while the office runs and others write to them."""

import os
import shutil
import sqlite3
import subprocess
import threading
import unittest

from officerig import Office

BUILD = os.environ["LOQUET_BUILD"]
ADD = ("INSERT INTO calendar_event (uid, kind, who, title, description, place, trainer, public, "
       "begins, ends, rule, revision, changed) "
       "VALUES (?, 'event', 'anyone', ?, '', '', '', 1, 40000000, 40000060, '', 0, 1)")


class Backup(unittest.TestCase):
    def setUp(self):
        self.office = Office(BUILD)
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

    def titles(self, path=None):
        books = sqlite3.connect(path or self.folder + "/state/office.db", timeout=60)
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
        kept = self.titles(saved)
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
        self.assertIn("there is such a file already", self.run_it("backup", saved, status=1))
        self.run_it("backup", self.folder + "/no/such/folder", status=1)
        self.write("Later")
        before = self.titles()
        damaged = self.folder + "/damaged.db"
        shutil.copy(saved, damaged)
        with open(damaged, "r+b") as file:
            for page in range(4, os.path.getsize(damaged) // 4096):
                file.seek(page * 4096 + 8)
                file.write(b"\xff" * 512)
        newer = self.folder + "/newer.db"
        shutil.copy(saved, newer)
        books = sqlite3.connect(newer)
        books.execute("PRAGMA user_version = 99")
        books.close()
        noise = self.folder + "/noise.db"
        with open(noise, "wb") as file:
            file.write(b"no database " * 1000)
        for path, status in ((damaged, 5), (newer, 1), (noise, 5), (self.folder + "/none.db", 1)):
            with self.subTest(path):
                self.run_it("restore", path, status=status)
                self.assertEqual(self.titles(), before)


if __name__ == "__main__":
    unittest.main()

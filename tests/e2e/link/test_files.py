"""The journal and the cursor file: missing, damaged, replaced."""

import os
import unittest

from linkrig import BASE, Journal, Loquetd, Rig, event, wait_for


FIRST_ROWS = 60 * 4096  # behind the first pages of every table


class Files(Rig):
    def setUp(self):
        super().setUp()
        self.broker.start()
        self.office = self.client(BASE + "/events")

    def cursor_file(self, content):
        with open(os.path.join(self.folder, "link.cursor"), "wb") as file:
            file.write(content)

    def test_a_journal_that_is_not_there_yet_is_waited_for(self):
        self.start()
        wait_for(lambda: "not there yet" in self.words(), "the message")
        self.make_journal().fill(5)
        self.expect_exactly_once(self.office)

    def test_what_was_said_of_a_missing_journal_is_taken_back(self):
        loquetd = Loquetd(self.folder)
        self.addCleanup(loquetd.close)
        self.start()
        loquetd.accept()
        loquetd.listen(lambda m: "not there yet" in m.get("text", ""), "the missing journal")
        loquetd.heard = []
        self.make_journal().fill(5)
        told = loquetd.listen(lambda m: m.get("text") == "connected", "the end of it")
        self.assertEqual(told["link"], "connected")

    def test_a_damaged_cursor_is_set_aside_and_nothing_is_lost(self):
        self.make_journal().fill(30)
        for content in (b"", b"loquet-link 1 17 short\n", b"\xff" * 300, b"x" * 20000):
            with self.subTest(content=content[:20]):
                self.cursor_file(content)
                before = len(self.office.bodies())
                self.start()
                wait_for(lambda: len(self.office.bodies()) == before + 30, "every row")
                wait_for(lambda: self.cursor() == 30, "the cursor")
                self.assertEqual(self.stop(), 0)
                self.assertIn("cursor file is damaged", self.words())
                with open(os.path.join(self.folder, "link.cursor.aside"), "rb") as file:
                    self.assertEqual(file.read(), content)

    def test_a_cursor_that_is_a_pipe_keeps_nobody_waiting(self):
        self.make_journal().fill(3)
        os.mkfifo(os.path.join(self.folder, "link.cursor"))
        self.start()
        self.expect_exactly_once(self.office)
        self.assertIn("cursor file is damaged", self.words())

    def test_a_cursor_of_another_journal_is_set_aside(self):
        self.make_journal().fill(30)
        self.cursor_file(b"loquet-link 1 17 " + b"ab" * 32 + b"\n")
        self.start()
        self.expect_exactly_once(self.office)
        self.assertIn("another journal", self.words())

    def test_a_cursor_beyond_the_journal_is_set_aside(self):
        self.make_journal().fill(30)
        self.cursor_file(b"loquet-link 1 31 " + b"ab" * 32 + b"\n")
        self.start()
        self.expect_exactly_once(self.office)

    def test_a_journal_that_goes_on_behind_a_lost_one_is_followed(self):
        """loquetd sets a damaged file aside under a running link, and numbers go on."""
        old = self.make_journal()
        old.fill(10)
        self.start()
        self.expect_exactly_once(self.office)
        wait_for(lambda: self.cursor() == 10, "the cursor")
        for name in os.listdir(self.folder):
            if name.startswith("door.db"):
                os.rename(os.path.join(self.folder, name),
                          os.path.join(self.folder, name.replace("door.db", "door.db.damaged")))
        new = Journal(self.folder, first=15)
        self.addCleanup(new.close)
        new.fill(10)
        new.bodies.update(old.bodies)
        self.expect_all(self.office, new)
        self.assertIn("rows 11 to 14 are missing", self.words())

    def test_a_restored_older_journal_is_published_from_its_beginning(self):
        old = self.make_journal()
        old.fill(10)
        self.start()
        self.expect_exactly_once(self.office)
        wait_for(lambda: self.cursor() == 10, "the cursor")
        for name in os.listdir(self.folder):
            if name.startswith("door.db"):
                os.unlink(os.path.join(self.folder, name))
        new = Journal(self.folder)
        self.addCleanup(new.close)
        new.append(*[event(seq, note="new") for seq in range(1, 6)])
        wait_for(lambda: set(self.office.bodies()) >= set(new.bodies.values()), "the new rows")
        self.assertIn("another journal", self.words())

    def test_a_journal_with_damaged_pages_is_complained_of_and_read_again_when_it_is_whole(self):
        self.make_journal().fill(2000)
        self.journal.database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with open(self.journal.path, "r+b") as file:
            file.seek(FIRST_ROWS)
            whole = file.read(140 * 4096)
            file.seek(FIRST_ROWS)
            file.write(b"\xa5" * len(whole))
        self.start()
        wait_for(lambda: "malformed" in self.words(), "the complaint")
        self.assertIsNone(self.process.poll())
        with open(self.journal.path, "r+b") as file:
            file.seek(FIRST_ROWS)
            file.write(whole)
        self.expect_all(self.office)

    def test_a_journal_that_is_no_database_is_complained_of(self):
        path = os.path.join(self.folder, "door.db")
        with open(path, "wb") as file:
            file.write(b"nonsense" * 2000)
        self.start()
        wait_for(lambda: "cannot be read" in self.words(), "the complaint")
        os.unlink(path)
        self.make_journal().fill(3)
        self.expect_exactly_once(self.office)

    def test_a_full_disk_keeps_the_cursor_but_not_the_events(self):
        self.make_journal().fill(3)
        os.mkdir(os.path.join(self.folder, "link.cursor.new"))
        self.start()
        self.expect_exactly_once(self.office)
        wait_for(lambda: "cursor cannot be saved" in self.words(), "the complaint")
        os.rmdir(os.path.join(self.folder, "link.cursor.new"))
        wait_for(lambda: self.cursor() == 3, "the cursor")


if __name__ == "__main__":
    unittest.main()

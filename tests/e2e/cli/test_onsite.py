"""Who is in: from loquetd, page by page, or from door.db where it does not answer."""

import json
import os
import sqlite3
import time
import unittest

from clirig import CliTest

ZONES = [{"number": 0, "zone": "space", "exits_badged": False}]
AT = "2026-11-24T17:00:00.000Z"
MORNING_MS = 1795507200000  # 2026-11-24 08:00 UTC


def page(people, more=False, **others):
    return [{"ok": True, "at": AT, "zones": ZONES, "unlisted": 0, "people": people,
             "more": more} | others]


class Onsite(CliTest):
    def setUp(self):
        super().setUp()
        self.make_database()

    def test_people_are_listed_with_their_names(self):
        self.loquetd(page([[0, 1, MORNING_MS], [0, 99, MORNING_MS + 3600000]]))
        shown = self.loquet("onsite").stdout
        self.assertEqual(shown, (
            "2026-11-24 18:00  on site by the badges: at least 2\n"
            "exits are not badged everywhere: some of them may have left\n"
            "MEMBER  NAME         ZONE   SINCE\n"
            "m1      Ada Example  space  2026-11-24 09:00\n"
            "m99                  space  2026-11-24 10:00\n"))

    def test_every_page_is_asked_for(self):
        fake = self.loquetd(page([[0, 1, 1], [0, 2, 1]], True), page([[0, 3, 1]], True),
                            page([[0, 4, 1]], unlisted=7))
        answer = json.loads(self.succeed("onsite", "--json"))
        self.assertEqual([1, 2, 3, 4], [person["member"] for person in answer["people"]])
        self.assertEqual((4, 7, False),
                         (answer["at_least"], answer["unlisted"], answer["stored"]))
        self.assertEqual([None, [0, 2], [0, 3]],
                         [request.get("after") for request in fake.requests])

    def test_one_line_of_json(self):
        self.loquetd(page([[0, 1, MORNING_MS]]))
        self.assertEqual(json.loads(self.succeed("onsite", "--json")), {
            "ok": True, "at": AT, "frozen": False, "frozen_at": None, "stored": False, "at_least": 1, "unlisted": 0,
            "people": [{"member": 1, "name": "Ada Example", "zone": "space",
                        "since": "2026-11-24T08:00:00.000Z", "exits_badged": False}]})

    def test_nobody(self):
        self.loquetd(page([]))
        self.assertEqual(self.succeed("onsite", "--lang", "fr"),
                         "2026-11-24 18:00  présents d’après les badges : au moins 0\n")

    def test_what_is_no_list_is_refused(self):
        for wrong in ([[1, 1, 1]], [[0, 0, 1]], [[0, -1, 1]], [["x", 1, 1]], [7]):
            with self.subTest(wrong):
                fake = self.loquetd(page(wrong, at=None if wrong == [["x", 1, 1]] else AT))
                self.assertEqual(self.loquet("onsite").returncode, 5)
                fake.close()
                self.remove_socket()
        self.loquetd(page([], True))
        self.assertEqual(self.loquet("onsite").returncode, 5)

    def remove_socket(self):
        os.unlink(f"{self.folder}/run/control.sock")

    def test_the_list_that_a_fire_froze(self):
        fake = self.loquetd(page([[0, 1, MORNING_MS]], frozen_at=AT))
        told = self.succeed("onsite", "--frozen")
        self.assertEqual(fake.requests, [{"do": "onsite", "frozen": True}])
        self.assertIn("frozen when the fire began", told)
        self.assertIn("m1      Ada Example", told)
        fake.close()
        self.remove_socket()
        fake = self.loquetd(page([], frozen_at=AT))
        self.assertIn("who was in when it began, with loquet onsite --frozen",
                      self.succeed("onsite"))
        fake.close()
        self.remove_socket()
        self.loquetd([{"ok": False, "error": "not_found", "text": "nothing is frozen"}])
        self.assertEqual(self.loquet("onsite", "--frozen").returncode, 1)

    def test_without_loquetd_the_frozen_list_is_read_too(self):
        self.assertEqual(self.loquet("onsite", "--frozen").returncode, 1)
        with sqlite3.connect(self.database) as database:
            database.execute("INSERT INTO presence_freeze (id, at) VALUES (1, ?)", [MORNING_MS])
            database.execute("INSERT INTO presence_frozen (zone, member, since) "
                             "VALUES ('space', 2, ?)", [MORNING_MS - 1000])
        answer = json.loads(self.loquet("onsite", "--frozen", "--json").stdout)
        self.assertEqual((True, True, "2026-11-24T08:00:00.000Z", 1),
                         tuple(answer[key] for key in ("frozen", "stored", "at", "at_least")))
        answer = json.loads(self.loquet("onsite", "--json").stdout)
        self.assertEqual((False, "2026-11-24T08:00:00.000Z", 0),
                         tuple(answer[key] for key in ("frozen", "frozen_at", "at_least")))

    def test_without_loquetd_door_db_is_read(self):
        now = int(time.time() * 1000)
        with sqlite3.connect(self.database) as database:
            database.executemany("INSERT INTO presence (zone, member, since) VALUES (?, ?, ?)", [
                ("space", 1, now - 1000), ("space", 2, now - 60 * 3600000),
                ("no zone of ours", 3, now)])
        done = self.loquet("onsite")
        self.assertEqual(done.returncode, 0)
        self.assertIn("loquetd is not running", done.stderr)
        self.assertIn("at least 1", done.stdout)
        self.assertIn("as door.db has it", done.stdout)
        self.assertIn("m1      Ada Example  space", done.stdout)
        done = self.loquet("onsite", "--json")
        self.assertTrue(json.loads(done.stdout)["stored"])

    def test_passback_is_forgiven_by_number_or_name(self):
        for who in ("m1", "Ada Example"):
            fake = self.loquetd([{"ok": True}])
            self.assertEqual(self.succeed("passback", "forgive", who),
                             f"{who}: the next entry is not judged\n")
            self.assertEqual(fake.requests, [{"do": "passback.forgive", "member": 1}])
            fake.close()
            self.remove_socket()
        self.loquetd([{"ok": False, "error": "not_found", "text": "not in"}])
        self.assertEqual(self.loquet("passback", "forgive", "m1").returncode, 1)


if __name__ == "__main__":
    unittest.main()

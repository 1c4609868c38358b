#!/usr/bin/python3
"""The notices of an office: what is set stands there as text, whatever it is; what is not set is left blank."""

import json
import os
import pathlib
import subprocess
import unittest

from officerig import Office

BUILD = os.environ["LOQUET_BUILD"]
HERE = pathlib.Path(__file__).parent
FIRST = {"title": "Atelier", "capacityLegal": 1234, "capacitySoft": 0, "language": "fr", "exitsBadged": False,
         "name": "ada", "password": "a long password"}


def fit(begin, length):
    """A text as long as may be, of words."""
    words = begin + " élan" * length
    return words.encode()[:length].decode(errors="ignore").rstrip()


# As long as they may be, and full of what HTML takes for its own.
LONGEST = {"title": fit("<b>Atelier & \"Co\"</b> &amp;", 120), "legalName": fit("<script>alert(1)</script> 'SAS'", 120),
           "legalAddress": fit("1 rue de l’Exemple", 200), "contact": fit("data@example.org", 200),
           "dpo": fit("dpo@example.org", 200), "recipients": fit("comptabilité", 200),
           "pageAddress": fit("https://atelier.example.org", 200)}


class Notice(unittest.TestCase):
    def setUp(self):
        self.office = Office(BUILD)
        self.addCleanup(self.office.__exit__)
        self.office.__enter__()

    def page(self, query, status=200, **headers):
        answer = self.office.get("/notice" + query, **headers)
        self.assertEqual(answer.status, status, answer.body)
        return answer

    def set_up(self, settings):
        self.assertEqual(self.office.request("POST", "/api/v1/first-run", FIRST).status, 204)
        answer = self.office.request("POST", "/api/v1/session", {"name": "ada", "password": FIRST["password"]})
        self.office.cookie = answer.headers["Set-Cookie"].split(";")[0]
        self.office.csrf = answer.json()["csrf"]
        answer = self.office.request("PATCH", "/api/v1/settings", settings)
        self.assertEqual(answer.status, 200, answer.body)
        self.office.cookie = self.office.csrf = None

    def test_anybody_may_read_it_before_anything_is_set(self):
        answer = self.page("", Accept_Language="fr")
        self.assertEqual(answer.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertIn("default-src 'self'", answer.headers["Content-Security-Policy"])
        body = answer.body.decode()
        self.assertIn('<html lang="fr">', body)
        self.assertIn('<span class="blank">à compléter</span>', body)
        self.assertIn("90 jours", body)
        self.assertNotIn("Délégué", body)
        self.assertNotIn("personnes. Le public", body)
        self.assertIn('<html lang="en">', self.page("", Accept_Language="en").body.decode())
        for query, pointer in (("?lang=de", "lang"), ("?size=a3", "size")):
            self.assertEqual(self.page(query, 400).json()["pointer"], pointer)

    def test_what_is_set_is_text_and_fits(self):
        self.set_up({**LONGEST, "retentionDays": 77, "board": True})
        for query in ("?lang=fr&size=a4", "?lang=en&size=full"):
            body = self.page(query).body.decode()
            self.assertNotIn("<script>", body)
            self.assertNotIn("<b>", body)
            self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt; &#39;SAS&#39;", body)
        self.assertIn("Le tableau visible", self.page("?lang=fr").body.decode())
        done = subprocess.run([HERE / "run", "notice.mjs"], timeout=1000, check=False, env={
            **os.environ, "LOQUET_URL": "http://127.0.0.1:%d" % self.office.port,
            "LOQUET_NOTICE": json.dumps(LONGEST)})
        self.assertEqual(done.returncode, 0, self.office.house.log("loquet-office"))


if __name__ == "__main__":
    unittest.main()

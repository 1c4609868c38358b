#!/usr/bin/python3
"""The office's page and interface as a browser and a program see them."""

import gzip
import os
import pathlib
import unittest

from officerig import Office

BUILD = os.environ["LOQUET_BUILD"]
WEB = pathlib.Path(__file__).resolve().parents[3] / "host" / "web"
SESSION = "/api/v1/session"


class Http(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.office = Office(BUILD)
        cls.addClassCleanup(cls.office.__exit__)
        cls.office.__enter__()

    def expect_problem(self, answer, status, word):
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        problem = answer.json()
        self.assertEqual((problem["type"], problem["status"]),
                         ("urn:loquet:problem:" + word, status))
        self.assertTrue(problem["title"] and problem["detail"])
        return problem

    def test_nobody_is_logged_in_and_there_is_no_account(self):
        problem = self.expect_problem(self.office.get(SESSION), 401, "session")
        self.assertIs(problem["firstRun"], True)
        self.assertEqual(problem["instance"], SESSION)

    def test_it_speaks_the_callers_language(self):
        for header, detail in (("fr-FR,fr;q=0.9,en;q=0.8", "ouvrez d’abord une session"),
                               ("en, fr", "log in first"), ("de, fr", "ouvrez d’abord une session"),
                               (None, "log in first")):
            with self.subTest(header):
                self.assertEqual(
                    self.office.get(SESSION, Accept_Language=header).json()["detail"], detail)

    def test_wrong_addresses(self):
        for method, path, status, word in (
                ("GET", "/api/v1/nowhere", 404, "not_found"),
                ("GET", "/api//v1", 400, "address"),
                ("GET", "/%zz", 400, "address"),
                ("GET", "/%00", 400, "address"),
                ("GET", "/%ff", 400, "address"),
                ("GET", "/x?a=1&a=2", 400, "address"),
                ("GET", "/" + "a" * 2100, 414, "address_too_long"),
                ("GET", "/a/b/c/d/e/f/g/h/i", 414, "address_too_long"),
                ("BREW", SESSION, 405, "method")):
            with self.subTest(path=path[:40]):
                self.expect_problem(self.office.request(method, path), status, word)
        self.assertIn("GET", self.office.request("BREW", SESSION).headers["Allow"])

    def test_every_answer_tells_the_browser_what_it_may(self):
        for path in (SESSION, "/robots.txt", "/nowhere", "/%zz"):
            with self.subTest(path):
                headers = self.office.get(path).headers
                self.assertIn("default-src 'self'", headers["Content-Security-Policy"])
                self.assertIn("frame-ancestors 'none'", headers["Content-Security-Policy"])
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                self.assertEqual(headers["Referrer-Policy"], "no-referrer")
                self.assertEqual(headers["Cross-Origin-Opener-Policy"], "same-origin")
        self.assertEqual(self.office.get(SESSION).headers["Cache-Control"], "no-store")

    def test_the_files_of_the_page(self):
        pages = [path for path in WEB.rglob("*") if path.is_file()]
        self.assertGreater(len(pages), 0)
        for path in pages:
            with self.subTest(path.name):
                there = path.read_bytes()
                plain = self.office.get("/" + path.relative_to(WEB).as_posix())
                self.assertEqual((plain.status, plain.body), (200, there))
                packed = self.office.get("/" + path.relative_to(WEB).as_posix(),
                                         Accept_Encoding="gzip, br")
                self.assertEqual(packed.headers["Content-Encoding"], "gzip")
                self.assertEqual(gzip.decompress(packed.body), there)
                again = self.office.get("/" + path.relative_to(WEB).as_posix(),
                                        If_None_Match=plain.headers["ETag"])
                self.assertEqual((again.status, again.body), (304, b""))

    def test_a_head_is_a_get_without_its_body(self):
        answer = self.office.request("HEAD", "/robots.txt")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(self.office.request("HEAD", SESSION).status, 401)


if __name__ == "__main__":
    unittest.main()

#!/usr/bin/python3
"""A house with its office, and a browser at the office's page."""

import os
import pathlib
import subprocess
import unittest

from house import House

BUILD = os.environ["LOQUET_BUILD"]
HERE = pathlib.Path(__file__).parent


class Page(unittest.TestCase):
    def test_the_page_of_a_real_office(self):
        with House(BUILD, pace=None, release_ms=300) as house:
            house.start()
            house.spawn("loquet-office", [
                house.program("loquet-office"), "--config", house.config, "run"])
            house.wait_for(lambda: "connected" in house.log("loquet-office"), "the office's start")
            done = subprocess.run([HERE / "run", "house.mjs"], timeout=240, check=False, env={
                **os.environ, "LOQUET_URL": "http://127.0.0.1:%d" % house.office_port})
            self.assertEqual(done.returncode, 0, house.log("loquet-office"))


if __name__ == "__main__":
    unittest.main()

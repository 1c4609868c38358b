"""Every benchmark gives its figures. What they say is not looked at: a quick run measures nothing."""

import json
import os
import subprocess
import unittest

RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run")
FIGURES = {
    "machine": 2, "arrival": 4, "relay": 2, "lookup": 3, "commit": 1, "ingest": 2, "uptake": 1, "office": 10, "backlog": 1, "memory": 1, "import": 4, "page": 1,
    "pages": 5, "roster": 3, "start": 3, "idle": 2, "proofs": 1}


def run(*arguments):
    return subprocess.run(
        [RUN, "--no-build", "--build", os.environ["LOQUET_BUILD"], *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=1700, check=False)


class Run(unittest.TestCase):
    def test_every_benchmark_gives_its_figures(self):
        done = run("--quick", "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        found = {}
        for figure in json.loads(done.stdout)["figures"]:
            found[figure["bench"]] = found.get(figure["bench"], 0) + 1
            self.assertGreaterEqual(figure["median"], 0, figure)
        self.assertEqual(found, FIGURES)

    def test_a_benchmark_without_its_program_is_reported(self):
        done = subprocess.run(
            [RUN, "--no-build", "--quick", "--build", "/nonexistent", "lookup"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
        self.assertIn("lookup: could not run: ", done.stdout)

    def test_an_unknown_name_is_wrong_usage(self):
        done = run("nothing")
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no benchmark nothing", done.stderr)


if __name__ == "__main__":
    unittest.main()

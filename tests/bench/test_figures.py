"""The bars can be missed, and then the gate says so."""

import json
import unittest

import figures
from figures import Figure


class Verdicts(unittest.TestCase):
    def test_a_bar_is_met_at_its_limit_and_missed_beyond(self):
        for value, relation, verdict in ((20.0, "<=", "ok"), (20.1, "<=", "MISS"), (20.0, ">=", "ok"), (19.9, ">=", "MISS")):
            self.assertEqual(Figure("m", "ms", value, None, (("median", relation, 20.0),)).verdict(), verdict)

    def test_one_missed_bar_of_two_is_a_miss(self):
        bars = (("median", "<=", 20.0), ("p99", "<=", 30.0))
        self.assertEqual(Figure("m", "ms", 10.0, 29.0, bars).verdict(), "ok")
        self.assertEqual(Figure("m", "ms", 10.0, 31.0, bars).verdict(), "MISS")
        self.assertEqual(Figure("m", "ms", 21.0, 29.0, bars).verdict(), "MISS")

    def test_a_figure_without_bars_has_no_verdict(self):
        self.assertEqual(Figure("m", "ms", 1e9).verdict(), "")

    def test_only_the_gate_fails_a_missed_bar(self):
        missed = [Figure("m", "ms", 2.0, None, (("median", "<=", 1.0),))]
        met = [Figure("m", "ms", 1.0, None, (("median", "<=", 1.0),))]
        self.assertEqual(figures.exit_code(missed, [], gate=False), 0)
        self.assertEqual(figures.exit_code(missed, [], gate=True), 1)
        self.assertEqual(figures.exit_code(met, [], gate=True), 0)

    def test_a_benchmark_that_could_not_run_is_no_success(self):
        self.assertEqual(figures.exit_code([], [("name", "why")], gate=False), 2)


class Statistics(unittest.TestCase):
    def test_percentiles_are_samples_of_the_nearest_rank(self):
        self.assertEqual(figures.percentile(range(1, 101), 99), 99)
        self.assertEqual(figures.percentile(range(1, 102), 99), 100)
        self.assertEqual(figures.percentile([7], 99), 7)

    def test_one_spoilt_round_does_not_spoil_the_p99(self):
        rounds = [[1.0] * 100, [1.0] * 60 + [90.0] * 40, [2.0] * 100]
        found = figures.of_rounds("m", "ms", rounds)
        self.assertEqual((found.median, found.p99, found.detail["max"]), (1.0, 2.0, 90.0))


class Output(unittest.TestCase):
    def test_a_figure_is_told_on_a_line_of_its_own(self):
        self.assertEqual(figures.line(Figure("wait", "ms", 2.0, 3.0, (("p99", "<=", 1.0),))),
                         "wait: median 2 ms, p99 3 ms, bar p99 ≤ 1 ms MISS")
        self.assertEqual(figures.line(Figure("wait", "ms", 2.0)), "wait: median 2 ms")

    def test_the_table_shows_bars_verdicts_and_failures(self):
        lines = figures.table([Figure("wait", "ms", 2.0, 3.0, (("p99", "<=", 1.0),))], [("idle", "no processor")])
        self.assertRegex(lines[2], r"^wait +2 ms +3 ms +p99 ≤ 1 ms +MISS$")
        self.assertEqual(lines[-1], "idle: could not run: no processor")

    def test_json_holds_the_same(self):
        text = figures.as_json([Figure("wait", "ms", 2.0, 3.0, (("p99", "<=", 1.0),), bench="tap")], [("idle", "why")], quick=True)
        found = json.loads(text)
        self.assertEqual(found["figures"][0]["verdict"], "MISS")
        self.assertEqual(found["figures"][0]["bench"], "tap")
        self.assertEqual(found["failures"], [{"bench": "idle", "why": "why"}])


if __name__ == "__main__":
    unittest.main()

"""The overhead's arithmetic: drift of the machine cancels, the interval covers what it should."""
import math
import random
import unittest

import telemetry


def block(true_ratio, noise, drift=0.0, rng=random):
    seconds = []
    for place, way in enumerate(telemetry.ORDER):
        base = 10 * (true_ratio if way == "on" else 1) * math.exp(drift * place)
        seconds.append((way, base * math.exp(rng.gauss(0, noise))))
    return seconds


class Overhead(unittest.TestCase):
    def test_a_machine_that_slows_down_evenly_changes_nothing(self):
        self.assertAlmostEqual(telemetry.ratio(block(1.02, 0, drift=0.3)), math.log(1.02))

    def test_the_interval_covers_the_truth_as_often_as_it_says(self):
        rng, covered = random.Random(3), 0
        for _ in range(2000):
            _, lower, upper = telemetry.interval([block(1.02, 0.01, rng=rng) for _ in range(6)])
            covered += lower <= 0.02 <= upper
        self.assertTrue(0.935 < covered / 2000 < 0.965, covered)

    def test_one_block_says_nothing(self):
        _, lower, upper = telemetry.interval([block(1.0, 0)])
        self.assertIn("undecided", telemetry.verdict(lower, upper))

    def test_verdicts(self):
        self.assertEqual(telemetry.verdict(-0.01, 0.029), "holds")
        self.assertEqual(telemetry.verdict(0.031, 0.05), "does not hold")
        self.assertIn("undecided", telemetry.verdict(0.01, 0.04))

    def test_between_two_rows_of_the_table_fewer_degrees_count(self):
        blocks = [block(1.0, 0.01, rng=random.Random(i)) for i in range(18)]  # 17 degrees: those of 15
        _, lower, upper = telemetry.interval(blocks)
        ratios = [telemetry.ratio(each) for each in blocks]
        reach = (math.log1p(upper) - math.log1p(lower)) / 2
        self.assertAlmostEqual(reach / (telemetry.statistics.stdev(ratios) / math.sqrt(18)), telemetry.STUDENT[15])


if __name__ == "__main__":
    unittest.main()

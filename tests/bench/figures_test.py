"""Quantiles, ratios and numbers as people read them."""
import unittest

from figures import held, median, quantile, quantiles, ratio, short


class Quantile(unittest.TestCase):
    def test_is_a_sample_never_one_in_between(self):
        self.assertEqual(quantile([4, 1, 3, 2], 0.5), 2)
        self.assertEqual(median([10, 20, 30]), 20)

    def test_of_a_hundred(self):
        samples = list(range(100, 0, -1))
        self.assertEqual([quantile(samples, share) for share in (0.5, 0.95, 0.99, 1)], [50, 95, 99, 100])

    def test_the_tail_of_few_samples_is_the_worst(self):
        self.assertEqual(quantile([1, 2, 50], 0.99), 50)

    def test_of_one_and_of_none(self):
        self.assertEqual(quantile([7], 0.0), 7)
        self.assertIsNone(quantile([], 0.5))

    def test_in_one_cell(self):
        self.assertEqual(quantiles([1, 2, 3]), "2.00 / 3.00 / 3.00")
        self.assertEqual(quantiles(None), "-")
        self.assertEqual(quantiles([]), "-")


class Short(unittest.TestCase):
    def test_three_digits(self):
        for number, text in ((16407, "16,407"), (1234.6, "1,235"), (999.6, "1,000"), (45.67, "45.7"), (1, "1.00"),
                             (0.0012345, "0.00123"), (0, "0"), (-2.5, "-2.50")):
            self.assertEqual(short(number), text)

    def test_nothing_measured(self):
        self.assertEqual(short(None), "-")


class Ratio(unittest.TestCase):
    def test_how_many_times(self):
        self.assertEqual(ratio(10, 4), "2.50x")
        self.assertEqual(ratio(0, 4), "0x")

    def test_nothing_to_compare_with(self):
        for ours, other in ((None, 4), (10, None), (10, 0)):
            self.assertEqual(ratio(ours, other), "-")


class Held(unittest.TestCase):
    def test_limits_are_inclusive(self):
        self.assertEqual([held(10, most=10), held(10.1, most=10), held(2, least=2), held(1.9, least=2)],
                         ["yes", "no", "yes", "no"])

    def test_not_measured_is_not_held(self):
        self.assertEqual(held(None, most=10), "-")


if __name__ == "__main__":
    unittest.main()

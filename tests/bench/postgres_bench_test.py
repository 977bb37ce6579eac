"""postgres.py: the tables of a run, goals held and missed, rounds that are there and not measured again."""
import argparse
import unittest

import postgres


def one(seconds, cpu=1.0):
    return {"seconds": [seconds], "cpu": cpu, "bytes": 5_000_000}


class PostgresBenchTest(unittest.TestCase):
    RUN = {"snapshot": [{"peer_seconds": [1, 3], "ours": {"alone": one(2), "durable": one(8)}, "size": 1000, "bytes": 2_000_000},
                        {"peer_seconds": [1, 1], "ours": {"alone": one(1), "durable": one(8)}, "size": 1000, "bytes": 2_000_000}],
           "memory": {"peak_mb": [20.0, 41.5, 40.25], "copy_bytes": 10_000_000_000}}

    def test_rates_stand_beside_the_peers_of_the_same_run(self):
        text = postgres.render(self.RUN)
        self.assertIn("| psql \\copy | 1,000 | 2.00 |  |  |  |", text)
        self.assertIn("| Freshet, alone | 500 | 1.00 | 0.50 | 1.00 | yes |", text)
        self.assertIn("| Freshet, durable | 125 | 0.250 | 0.12 | 1.00 | no |", text)

    def test_memory_is_told_by_its_first_full_round_and_its_worst(self):
        text = postgres.render(self.RUN)
        self.assertIn("3 snapshots, 10.0 GB: the peak of the second 41.5 MB, of the last 40.2 MB, of all 41.5 MB.", text)

    def test_what_was_not_measured_is_not_told(self):
        self.assertEqual("", postgres.render({"snapshot": [], "stream": []}))
        self.assertNotIn("pg_recvlogical", postgres.render(self.RUN))

    def test_rounds_that_are_there_are_not_measured_again(self):
        args = argparse.Namespace(only="snapshot,stream,memory", rounds=2, bench="", changes=0, gigabytes=0)
        run = {**self.RUN, "stream": self.RUN["snapshot"]}
        postgres.measure(args, None, run, self.fail)
        self.assertEqual(self.RUN["snapshot"], run["snapshot"])


if __name__ == "__main__":
    unittest.main()

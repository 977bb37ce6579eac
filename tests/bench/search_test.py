"""search.py: names of answers, golden questions, steps that are kept, the table."""
import json
import os
import tempfile
import types
import unittest

import search


class SearchTest(unittest.TestCase):
    def test_a_question_names_the_file_of_its_answer(self):
        line = json.dumps({"qid": "0000051-1", "question": "What?", "document": "xml/7_Senior/0000051.xml"})
        self.assertEqual([{"id": "0", "question": "What?", "relevant": ["7_Senior/0000051/0000051-1.txt"]}], search.golden_of([line]))

    def test_what_was_measured_is_not_measured_again(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "step.json")
            self.assertEqual({"a": 1}, search.kept(path, lambda: {"a": 1}))
            self.assertEqual({"a": 1}, search.kept(path, lambda: self.fail("measured again")))

    def test_a_step_that_fails_leaves_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(ZeroDivisionError):
                search.kept(os.path.join(folder, "step.json"), lambda: 1 / 0)
            self.assertEqual([], os.listdir(folder))

    def test_the_table_says_what_is_missing(self):
        row = {"recall": 0.97, "p50_ms": 0.5, "p95_ms": 1, "p99_ms": 2}
        interval = {"mean": 0.5, "low": 0.4, "high": 0.6}
        text = search.table([{"count": 10000, "built": {"1": row, "1000": row}}],
                            {"lexical": {"first": interval, "recall": interval, "mrr": interval}})
        self.assertIn("| 10,000 | 100 % | 0.970 | 0.50 / 1.00 / 2.00 | - | - |\n| 10,000 | 0.1 % |", text)
        self.assertIn("| lexical | 0.500 (0.400 to 0.600) |", text)
        self.assertNotIn("searches", text)
        self.assertIn("60,000 searches of random histories, and 7,000 that raced with changes of access: none showed what was "
                      "forbidden; without access 40 % of the first would have.",
                      search.table([], None, {"searches": 60000, "could_leak": 24000, "raced": 7000}))

    def test_permissions_are_searched_in_slices_until_there_are_enough(self):
        with tempfile.TemporaryDirectory() as folder:
            asked = []
            original = search.permission_slice
            search.permission_slice = lambda args, work, seed: asked.append(seed) or {"searches": 60000, "could_leak": 30000, "raced": 100}
            try:
                for _ in range(2):  # the second time from what is kept
                    found = search.permissions(types.SimpleNamespace(searches=100000), folder)
            finally:
                search.permission_slice = original
            self.assertEqual({"searches": 120000, "could_leak": 60000, "raced": 200}, found)
            self.assertEqual([1, 1 + search.HISTORIES], asked)


if __name__ == "__main__":
    unittest.main()

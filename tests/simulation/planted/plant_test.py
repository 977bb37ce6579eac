#!/usr/bin/env python3
"""A bug is planted where its text stands exactly once, else the build stops; and the README tells of all of them."""
import json
import os
import unittest

import plant

HERE = os.path.dirname(os.path.abspath(__file__))


def bug(*changes):
    return {"name": "b", "file": "a.cc", "changes": [{"find": find, "replace": to} for find, to in changes]}


class Plant(unittest.TestCase):
    def test_changes_all_it_names_and_nothing_else(self):
        self.assertEqual("if (false) g(2);", plant.plant("if (x) f(2);", bug(("x", "false"), ("f(", "g("))))

    def test_text_that_is_gone_or_stands_twice(self):
        for text in ("f();", "x x"):
            with self.assertRaisesRegex(ValueError, "a.cc: planted bug b: stands [02] times"):
                plant.plant(text, bug(("x", "y")))

    def test_a_change_that_is_none(self):
        with self.assertRaisesRegex(ValueError, "changes nothing"):
            plant.plant("x", bug(("x", "x")))


class Table(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(HERE, "bugs.json")) as stream:
            self.bugs = json.load(stream)

    def test_ten_bugs_at_least_of_different_kinds(self):
        self.assertLessEqual(10, len(self.bugs))
        self.assertEqual(len(self.bugs), len({row["name"] for row in self.bugs}))

    def test_each_can_be_planted_in_each_of_its_files(self):
        for row in self.bugs:
            for part in [row] + row.get("also", []):
                with open(os.path.join(HERE, "..", "..", "..", part["file"])) as stream:
                    text = stream.read()
                self.assertNotEqual(text, plant.plant(text, plant.part_of(row, part["file"])))

    def test_the_readme_tells_of_each(self):
        with open(os.path.join(HERE, "..", "README.md")) as stream:
            readme = stream.read()
        for row in self.bugs:
            self.assertIn("| `%s` | %s | %s | `%s` |" % (row["name"], row["promise"], row["breaks"], row["file"]), readme)


if __name__ == "__main__":
    unittest.main(verbosity=2)

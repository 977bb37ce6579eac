"""The bench of a database: its table says what was measured and what was not, statements say what they should."""
import unittest

import database
from table_test import row

HEAD = {"corpus": {"files": 4000}, "version": "1", "machine": {"cores": 2, "cpu": "a", "load_begin": "0.1", "load_end": "0.2"}}
BUSY = {"insert": [20] * 20, "update": [151] * 20, "delete": [50] * 20, "access": [51] * 20, "query": [5], "missed": 1}


class Statements:
    def __init__(self):
        self.said = []

    def run(self, statement):
        self.said.append(statement)
        return len(self.said)


class Changes(unittest.TestCase):
    def test_a_row_comes_changes_and_goes(self):
        session = Statements()
        rows = database.Rows(session)
        self.assertEqual(rows.write("a", "first's"), 1)
        rows.write("b", "other")
        rows.write("a", "second")
        rows.remove("a")
        rows.allow("user:nobody")
        self.assertEqual(session.said, [
            "INSERT INTO note VALUES (10000001, 'first''s', 'open')", "INSERT INTO note VALUES (10000002, 'other', 'open')",
            "UPDATE note SET body = 'second' WHERE id = 10000001", "DELETE FROM note WHERE id = 10000001",
            "UPDATE reader SET who = 'user:nobody' WHERE ward = 'restricted'"])


class Table(unittest.TestCase):
    def test_each_way_beside_its_goals(self):
        text = database.render({"head": HEAD, "embedder": "encoder", "command": "x", "date": "2026-01-01",
                                "busy-kafka-hops": BUSY, "idle-embedded": {"skipped": "no disk"}})
        cells = row(text, "PostgreSQL, Kafka, five processes, backfill")
        self.assertEqual(cells[-2:], ["yes no yes no", "1"])
        self.assertIn("4,000 rows", text)
        self.assertIn("Skipped: idle-embedded, no disk.", text)
        self.assertNotIn("PostgreSQL, embedded", text)


if __name__ == "__main__":
    unittest.main()

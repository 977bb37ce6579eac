"""The table of a recorded run: every figure in its place, goals judged, peers missing told of."""
import copy
import json
import os
import unittest

import table

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded.json")) as file:
    RECORDED = json.load(file)


def recorded():
    return copy.deepcopy(RECORDED)


def row(text, *cells):
    """The cells of the first row that begins so."""
    for line in text.splitlines():
        found = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and found[:len(cells)] == list(cells):
            return found
    raise AssertionError(f"no row {cells}")


class Bulk(unittest.TestCase):
    def setUp(self):
        self.run_ = recorded()
        for name, seconds in (("freshet", (4, 2, 3)), ("cocoindex-sqlite", (40, 40, 30)), ("pathway-fs", (9,)), ("pathway-push", (6,))):
            bulk = self.run_["bulk"][name][0]
            self.run_["bulk"][name] = [{**bulk, "files": 1200, "seconds": s, "embedded": 2400, "cpu_s": 1.2} for s in seconds]

    def test_the_median_of_the_rounds(self):
        cells = row(table.render(self.run_), "Freshet")
        self.assertEqual(cells[1:4], ["3.00", "400", "800"])
        self.assertEqual(cells[5], "1.00")

    def test_a_peer_has_its_ratio(self):
        text = table.render(self.run_)
        self.assertEqual(row(text, "CocoIndex, sqlite-vec")[-1], "13.3x")
        self.assertEqual(row(text, "Pathway, pushed, usearch")[-1], "2.00x")

    def test_goals_are_beside_the_best_of_each(self):
        text = table.render(self.run_)
        self.assertIn("at least 10x CocoIndex's best: 13.3x, held: yes", text)
        self.assertIn("at least 2x Pathway's best: 2.00x, held: yes", text)
        self.run_["bulk"]["pathway-push"][0]["seconds"] = 5.9
        self.assertIn("at least 2x Pathway's best: 1.97x, held: no", table.render(self.run_))


class Changes(unittest.TestCase):
    def setUp(self):
        self.run_ = recorded()
        self.run_["changes"]["freshet"] = {"insert": [5] * 19 + [40], "update": [16] * 20, "delete": [4] * 20,
                                           "access": [10] * 20, "query": [1, 2], "missed": 0}
        self.run_["changes"]["pathway-push"] = {"insert": [20] * 20, "query": [3], "missed": 3}

    def test_quantiles_in_a_cell(self):
        cells = row(table.render(self.run_), "Freshet", "5.00 / 5.00 / 40.0")
        self.assertEqual(cells[2:], ["16.0 / 16.0 / 16.0", "4.00 / 4.00 / 4.00", "10.0 / 10.0 / 10.0", "1.00 / 2.00 / 2.00", "0"])

    def test_what_a_peer_cannot_do_is_a_dash(self):
        cells = row(table.render(self.run_), "Pathway, pushed, usearch", "20.0 / 20.0 / 20.0")
        self.assertEqual(cells[2:5], ["-", "-", "-"])
        self.assertEqual(cells[-1], "3")

    def test_goals(self):
        text = table.render(self.run_)
        self.assertEqual(row(text, "insert")[1:4], ["at most 15 ms", "5.00", "yes"])
        self.assertEqual(row(text, "update")[1:4], ["at most 15 ms", "16.0", "no"])
        self.assertEqual(row(text, "access")[1:], ["at most 10 ms", "10.0", "yes", "-"])
        self.assertEqual(row(text, "insert")[4], "4.00x (Pathway, pushed, usearch)")

    def test_a_backfill_is_no_peer(self):
        self.run_["labels"]["freshet-backfill"] = "Freshet, during a backfill"
        self.run_["changes"]["freshet-backfill"] = {"insert": [1], "share": 0.5}
        text = table.render(self.run_)
        self.assertNotIn("0.200x", text)
        self.assertIn("Freshet, during a backfill", text)


class Parts(unittest.TestCase):
    def test_disk_adds_up(self):
        run = recorded()
        run.update(chunks=100, corpus={"files": 10, "bytes": 1000}, disk={"freshet": {"log": 3000, "index/rocksdb": 1000}})
        text = table.render(run)
        self.assertEqual(row(text, "Freshet", "log")[2:], ["0.00300", "30.0", "3.00x"])
        self.assertEqual(row(text, "Freshet", "**all**")[3:], ["40.0", "4.00x"])

    def test_edits_within_the_goal(self):
        run = recorded()
        run["edits"] = {"new": [1, 1, 2, 3], "chunks": [10, 10, 10, 12]}
        text = table.render(run)
        self.assertIn("4 times: 1.75 chunks embedded anew on average, p95 3.00, at most 3; 75.0 % of edits", text)
        self.assertIn("10.5 on average: 6.00x", text)

    def test_the_lexical_index_beside_lucene(self):
        run = recorded()
        run["lexical"] = {"freshet_mb_s": 44.8, "lucene_mb_s": 5.6}
        self.assertIn("44.8 MB/s on one core, Lucene++'s own writer 5.60 MB/s in the same run: 8.00x", table.render(run))


class Bound(unittest.TestCase):
    def bulk(self, **threads):
        return {"seconds": 10, "ready_s": 2, "threads": threads}

    def test_all_cores(self):
        self.assertIn("all 2 cores (90.0 %", table.bound(self.bulk(deid=9, index=9), 2))

    def test_one_thread(self):
        self.assertIn("the thread deid (100 %", table.bound(self.bulk(deid=8, index=2), 2))

    def test_neither(self):
        self.assertIn("no single thread", table.bound(self.bulk(deid=3, index=2), 2))

    def test_starting_is_no_stage(self):
        self.assertIn("deid is the busiest", table.bound(self.bulk(freshet=9, deid=3), 2))


class Missing(unittest.TestCase):
    def test_without_any_peer(self):
        run = recorded()
        for key in ("bulk", "changes", "restart", "disk", "idle"):
            run[key] = {name: row for name, row in run[key].items() if name == "freshet"}
        run["skipped"] = {"the peers": "they could not be installed"}
        text = table.render(run)
        self.assertIn("at least 10x CocoIndex's best: -, held: -", text)
        self.assertIn("Skipped: the peers, they could not be installed.", text)
        self.assertIn("### Where the time goes", text)

    def test_without_freshet(self):
        run = recorded()
        for key in ("bulk", "changes", "restart", "disk", "idle"):
            run[key].pop("freshet", None)
        self.assertNotIn("### Where the time goes", table.render(run))

    def test_one_peer_that_did_not_load(self):
        self.assertIn("Skipped: CocoIndex, LanceDB, it did not load.", table.render(recorded()))


class Marks(unittest.TestCase):
    def test_only_what_is_between_them_is_replaced(self):
        readme = f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n"
        once = table.between_marks(readme, "new\n")
        self.assertEqual(once, f"before\n{table.BEGIN}\nnew\n{table.END}\nafter\n")
        self.assertEqual(table.between_marks(once, "new\n"), once)

    def test_the_readme_has_them(self):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "README.md")) as file:
            table.between_marks(file.read(), "")


if __name__ == "__main__":
    unittest.main()

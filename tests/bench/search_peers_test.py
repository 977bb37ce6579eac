"""search_peers.py and its parts: who may read what, efforts, slices, embedding that goes on, tables, peers missing."""
import array
import json
import os
import subprocess
import tempfile
import types
import unittest

import peers_table
import search_files
import search_peers

ROW = {"p50_ms": 1.0, "p95_ms": 2.0, "p99_ms": 3.0, "recall": 0.97}


def rows(p95):
    return {reader: dict(ROW, p95_ms=p95) for reader in peers_table.READERS}


def freshet(count, p95):
    modes = {mode: rows(p95) for mode in peers_table.MODES}
    return {"count": count, "build_s": count / 1000, "disk_bytes": 3e6, "resident_bytes": 2e6, "open_s": 0.5, "quiet": modes,
            "busy": modes, "changes_a_second": 500.0}


class FilesTest(unittest.TestCase):
    def test_readers_nest_and_have_their_share(self):
        for permille in search_files.PERMILLE:
            share = sum(f"p{permille}" in search_files.readers_of(i) for i in range(100_000)) / 100_000
            self.assertAlmostEqual(permille / 1000, share, delta=permille / 1000 * 0.3)
        # As search_corpus_test.cc has it.
        self.assertEqual([1, 1000, 1000, 1000, 1000, 10, 100], [search_files.permille_of(i) for i in range(7)])

    def write(self, folder, rows, exact):
        with open(os.path.join(folder, "2.txt"), "w") as file:
            file.write("first\nsecond\n")
        with open(os.path.join(folder, "questions.txt"), "w") as file:
            file.write("which?\n")
        for name in ("2.f32", "questions.f32"):
            with open(os.path.join(folder, name), "wb") as file:
                array.array("f", rows).tofile(file)
        with open(os.path.join(folder, "2.exact"), "wb") as file:
            array.array("I", exact).tofile(file)

    def test_the_corpus_is_read_as_it_was_drawn(self):
        with tempfile.TemporaryDirectory() as folder:
            nobody = [search_files.NOBODY] * 49
            self.write(folder, [0.0] * 384 + [1.0] * 384, [1] + nobody + [0] + nobody + 2 * ([0] + nobody))
            corpus = search_files.Corpus(folder, 2)
            self.assertEqual(["first", "second"], list(corpus.texts()))
            self.assertEqual([1.0] * 384, list(corpus.vector(1)))
            self.assertEqual([[1], [0]], [corpus.nearest(0, reader) for reader in (0, 1)])
            found = search_files.timed(corpus, 0, lambda question: [1])
            self.assertEqual(1.0, found["recall"])
            self.assertEqual(0.0, search_files.timed(corpus, 1, lambda question: [1])["recall"])

    def test_the_least_effort_that_finds_enough_is_taken(self):
        recall = {1: .5, 2: .96, 4: .99}
        self.assertEqual("2", search_files.least_effort((1, 2, 4), .95, lambda e: {"recall": recall[e]})["effort"])
        self.assertEqual("4", search_files.least_effort((1, 2, 4), .999, lambda e: {"recall": recall[e]})["effort"])


class StepsTest(unittest.TestCase):
    def setUp(self):
        self.original = subprocess.run
        self.addCleanup(setattr, subprocess, "run", self.original)

    def test_a_builder_that_is_not_done_is_called_again(self):
        answers = [{"unfinished": 50, "build_s": 300}, {"count": 100, "build_s": 20}]
        subprocess.run = lambda *_, **__: types.SimpleNamespace(stdout=json.dumps(answers.pop(0)))
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual({"count": 100, "build_s": 320}, search_peers.sliced(lambda work: ["x", work], folder))

    def test_embedding_goes_on_where_it_was(self):
        asked = []

        def batch(command, input, **_):
            texts = [json.loads(line)["text"] for line in input.splitlines()]
            asked.append(texts)
            return types.SimpleNamespace(stdout="".join(json.dumps({"embedding": [1.0] * 384}) + "\n" for _ in texts))
        subprocess.run = batch
        args = types.SimpleNamespace(build="build", embedder="hashing")
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "base.f32"), "wb") as file:
                array.array("f", [0.0] * 384 + [1.0]).tofile(file)  # one, and a part of the next
            search_peers.embed(args, folder, "base", ["one", "two\nlines", "three"])
            self.assertEqual([["two lines", "three"]], asked)
            self.assertEqual(3 * 4 * 384, os.path.getsize(os.path.join(folder, "base.f32")))
            with open(os.path.join(folder, "base.txt")) as file:
                self.assertEqual("one\ntwo lines\nthree\n", file.read())

    def test_a_peer_that_is_not_there_is_left_out(self):
        def missing():
            raise subprocess.CalledProcessError(1, "peer")
        with tempfile.TemporaryDirectory() as folder:
            self.assertIsNone(search_peers.attempt(os.path.join(folder, "faiss-1.json"), missing))
            self.assertEqual([], os.listdir(folder))


class TableTest(unittest.TestCase):
    def setUp(self):
        self.setting = {"base": 16000, "questions": 200, "embedder": "encoder"}
        vector = {reader: dict(ROW, p95_ms=14.0, effort="nprobe 8") for reader in peers_table.READERS}
        self.faiss = dict(freshet(50_000, 1), quiet={"vector": dict(vector, **{"1": None})})
        del self.faiss["busy"]

    def test_peers_stand_below_ours(self):
        text = peers_table.table({50_000: {"freshet": freshet(50_000, 2.0), "faiss": self.faiss}}, self.setting)
        ours = "| vector | 1 % | freshet | 0.970 | 1.00 / 2.00 / 3.00 | 1.00 / 2.00 / 3.00 |  |  |"
        peer = "| vector | 1 % | faiss | 0.970 | 1.00 / 14.0 / 3.00 | - | 7.00x | nprobe 8 |"
        self.assertIn(ours + "\n" + peer, text)
        self.assertNotIn("| vector | 0.1 % | faiss", text)
        self.assertIn("At 1 %, faiss, vector: 7.00x (goal 5x).", text)
        self.assertIn("Hybrid: p95 at most 2.00 ms (goal 10), recall@10 at least 0.970 (goal 0.95).", text)
        self.assertIn("| freshet | 50.0 | 3.00 | 2.00 |", text)

    def test_growth_is_told_of_several_sizes(self):
        sizes = {10_000: {"freshet": freshet(10_000, 2.0)}, 1_000_000: {"freshet": freshet(1_000_000, 6.0)}}
        self.assertIn("From 10,000 to 1,000,000 chunks: building a chunk costs 1.00x; p95 of a search of all: lexical 3.00x, ",
                      peers_table.table(sizes, self.setting))
        self.assertNotIn("From", peers_table.table({10_000: sizes[10_000]}, self.setting))


if __name__ == "__main__":
    unittest.main()

"""The table of a run with the encoder and over Kafka: shares, goals, what is missing; ranks of known items."""
import copy
import io
import os
import random
import tarfile
import tempfile
import unittest
import unittest.mock

import legs_table
import retrieval
import table
from table_test import row

MEMORY = {"run": 300.4}
ALONE = {"chunks": 300, "seconds": 6}
FOUND = {
    "command": "make bench", "date": "2026-01-01",
    "head": {"corpus": {"files": 100}, "version": "1", "machine": {"cores": 2, "cpu": "a", "load_begin": "0.1", "load_end": "0.2"}},
    "bulk-embedded": {"seconds": 6.5, "documents": 130, "chunks": 300, "memory": MEMORY, "alone": ALONE},
    "bulk-kafka-hops": {"seconds": 12, "documents": 120, "chunks": 300, "memory": MEMORY, "alone": ALONE},
    "bulk-second": {"seconds": 7.5, "documents": 120, "chunks": 300, "memory": MEMORY, "alone": ALONE},
    "idle-kafka-hops": {"insert": [20] * 20, "update": [151] * 20, "delete": [50] * 20, "access": [51] * 20, "query": [5], "missed": 0},
    "words": {"answers": 5, "lexical": {"ranks": [1, 2, None, 1, 10]}},
}


def found():
    return copy.deepcopy(FOUND)


class Bulk(unittest.TestCase):
    def test_a_share_of_the_encoder_alone(self):
        cells = row(legs_table.render(found()), "embedded, one process")
        self.assertEqual(cells[1:], ["20.0", "46.2", "50.0", "0.923x", "yes", "run 300"])
        slower = found()
        slower["bulk-embedded"]["seconds"] = 7
        self.assertEqual(row(legs_table.render(slower), "embedded, one process")[5], "no")

    def test_a_second_embed_process_beside_one(self):
        self.assertIn("a second one makes it 1.60x", legs_table.render(found()))

    def test_what_was_not_measured_is_no_figure(self):
        less = found()
        less["bulk-embedded"] = {"skipped": "no model"}
        less["bulk-kafka-hops"]["alone"] = {"chunks": 0, "seconds": 0}
        text = legs_table.render(less)
        self.assertEqual(row(text, "Kafka, five processes")[3:6], ["-", "-", "-"])
        self.assertIn("Skipped: bulk-embedded, no model.", text)


class Engines(unittest.TestCase):
    def test_each_beside_ours_for_each_number_of_cores(self):
        measured = found()
        measured["engines"] = {cores: {"Freshet, f32, from texts": {"chunks": 100, "seconds": 2 / count},
                                       "ONNX Runtime, f32": {"chunks": 100, "seconds": 4, "worst": 2e-8}}
                               for cores, count in (("1", 1), ("2", 2))}
        cells = row(legs_table.render(measured), "ONNX Runtime, f32")
        self.assertEqual(cells[1:], ["25.0 (2.00x)", "25.0 (4.00x)", "2e-08"])

    def test_not_measured(self):
        self.assertIn("Not measured in this run.", legs_table.render(found()))


class Changes(unittest.TestCase):
    def test_goals_of_kafka(self):
        cells = row(legs_table.render(found()), "Kafka, five processes, idle")
        self.assertEqual(cells[5:], ["yes no yes no", "0"])

    def test_goals_of_one_process_are_stricter(self):
        other = found()
        other["idle-embedded"] = {**FOUND["idle-kafka-hops"], "insert": [31] * 20}
        self.assertEqual(row(legs_table.render(other), "embedded, one process, idle")[5], "no no no no")


@unittest.mock.patch.object(retrieval, "RESAMPLES", 400)
class Retrieval(unittest.TestCase):
    def test_figures(self):
        self.assertEqual(retrieval.figures([1, 2, None, 1, 10]), {"R@1": 0.4, "R@10": 0.8, "MRR@10": (1 + 0.5 + 1 + 0.1) / 5})
        self.assertEqual(row(legs_table.render(found()), "lexical, 5 answers")[1:], ["0.400", "0.800", "0.520", "yes"])

    def test_bm25_is_reached_by_every_figure(self):
        fewer = found()
        fewer["words"]["lexical"]["ranks"] = [1, 1, None, 1, None]
        self.assertEqual(row(legs_table.render(fewer), "lexical, 5 answers")[1:], ["0.600", "0.600", "0.600", "no"])

    def test_an_interval_of_the_difference_is_of_pairs(self):
        ranks = [1, 3, None, 1, 10] * 40  # 200 questions
        self.assertEqual(set(retrieval.above(ranks, ranks).values()), {(0.0, 0.0, 0.0)})
        others = [rank and min(10, rank + 1) for rank in ranks]
        mean, low, high = retrieval.above(ranks, others)["R@1"]
        self.assertAlmostEqual(mean, 0.4)
        self.assertTrue(0.3 < low < mean < high < 0.5, (low, high))
        self.assertEqual(retrieval.above(others, ranks)["R@10"], (0.0, 0.0, 0.0))
        with self.assertRaises(ValueError):
            retrieval.above(ranks, others[1:])

    def test_an_interval_covers_the_truth_as_often_as_it_says(self):
        rng, covered, tries = random.Random(1), 0, 60
        for _ in range(tries):  # the first finds an item three times in five, the other two in five
            pairs = [(1 if rng.random() < 0.6 else None, 1 if rng.random() < 0.4 else None) for _ in range(100)]
            _, low, high = retrieval.above([a for a, _ in pairs], [b for _, b in pairs])["R@1"]
            covered += low <= 0.2 <= high
        self.assertGreaterEqual(covered, 0.85 * tries)
        self.assertLess(covered, tries)

    def test_what_a_difference_shows_and_what_not(self):
        found_both = {"hybrid": {"ranks": [1] * 50 + [2]}, "vector": {"ranks": [2] * 50 + [1]}, "lexical": {"ranks": [1] * 50 + [2]}}
        vector, lexical = retrieval.compared(found_both)
        self.assertTrue(vector.startswith("Hybrid above vector alone: R@1 +0.961 (+0."), vector)
        self.assertIn("R@10 +0.000 (+0.000 to +0.000), which shows nothing", vector)
        self.assertEqual(lexical.count("which shows nothing"), 3)
        self.assertEqual(retrieval.compared({"lexical": found_both["lexical"]}), [])
        text = legs_table.render({**found(), "meaning": {"answers": 3, **found_both}})
        self.assertIn(vector, text)
        self.assertIn("over the 51 questions", text)

    def test_a_document_counts_by_its_best_chunk(self):
        hits = [{"document_id": name + ".txt"} for name in ("a", "a", "b", "a", "c")]
        self.assertEqual([retrieval.rank_of(name, hits) for name in ("a", "b", "c", "d")], [1, 2, 3, None])
        many = [{"document_id": str(i)} for i in range(11)]
        self.assertIsNone(retrieval.rank_of("10", many))

    def test_names_of_answers(self):
        self.assertEqual(retrieval.name_of("xml/2_GARD_QA/0004331.xml", "0004331-2"), "2_GARD_QA/0004331/0004331-2")

    def test_answers_of_two_documents_are_two_files_though_they_are_numbered_alike(self):
        with tempfile.TemporaryDirectory() as folder:
            archive = os.path.join(folder, "answers.tar.gz")
            with tarfile.open(archive, "w:gz") as tar:
                for document in ("0000013_2", "0000013_3"):
                    pair = f"<D><QAPair><Question qid='0000013_2-1'/><Answer>of {document}</Answer></QAPair></D>".encode()
                    member = tarfile.TarInfo(f"set/xml/1_CancerGov_QA/{document}.xml")
                    member.size = len(pair)
                    tar.addfile(member, io.BytesIO(pair))
            name = retrieval.name_of("xml/1_CancerGov_QA/0000013_2.xml", "0000013_2-1")
            self.assertEqual(retrieval.extract(archive, folder, [("What?", name)]), 2)
            with open(os.path.join(folder, name + ".txt"), encoding="utf-8") as file:
                self.assertEqual(file.read(), "of 0000013_2\n")


class Marks(unittest.TestCase):
    def test_the_readme_has_them(self):
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "README.md")) as file:
            table.between_marks(file.read(), "", legs_table.BEGIN, legs_table.END)


if __name__ == "__main__":
    unittest.main()

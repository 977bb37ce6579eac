"""An edit changes one sentence and nothing else."""
import random
import unittest

from edits import SENTENCE, edit

TEXT = "docid000001 What is it ? One is here. Two is there. Three is gone."


class Edit(unittest.TestCase):
    def test_changes_the_text_in_one_sentence(self):
        for seed in range(200):
            changed = edit(TEXT, random.Random(seed))
            self.assertNotEqual(changed, TEXT)
            gone = [s for s in SENTENCE.split(TEXT) if s not in SENTENCE.split(changed)]
            self.assertEqual(len(gone), 1, changed)

    def test_keeps_the_id(self):
        self.assertTrue(all(edit(TEXT, random.Random(seed)).startswith("docid000001 What is it ?") for seed in range(50)))

    def test_a_single_sentence(self):
        self.assertNotEqual(edit("docid000001 only this", random.Random(1)), "docid000001 only this")


if __name__ == "__main__":
    unittest.main()

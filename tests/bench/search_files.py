"""The corpus of search_corpus.h as peers written in Python read it, and how they are timed.

    corpus = Corpus(folder, 50_000)
    for number, text in enumerate(corpus.texts()): ...       corpus.vector(7)      corpus.nearest(question, reader)
    timed(corpus, lambda question: ids)                       # {"p50_ms": …, "recall": …} of every question
"""
import array
import os
import time

import figures

DIMENSIONS = 384
PERMILLE = (1000, 100, 10, 1)  # readers: how much of the corpus each may see
NEAREST = 50
NOBODY = 0xFFFFFFFF
TOP = 10


def permille_of(document):
    """Of the readers, the narrowest who may see it."""
    dice = (document * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 40
    if dice % 1000 == 0:
        return 1
    if dice % 100 == 0:
        return 10
    return 100 if dice % 10 == 0 else 1000


def readers_of(document):
    """Of the readers' names: all who may see it."""
    return [f"p{permille}" for permille in PERMILLE if permille >= permille_of(document)]


class Corpus:
    def __init__(self, folder, count):
        self.folder, self.count = folder, count
        with open(os.path.join(folder, "questions.txt"), encoding="utf-8", newline="\n") as file:
            self.questions = file.read().split("\n")[:-1]
        with open(os.path.join(folder, "questions.f32"), "rb") as file:
            floats = array.array("f", file.read())
        self.question_vectors = [floats[i:i + DIMENSIONS] for i in range(0, len(floats), DIMENSIONS)]
        with open(os.path.join(folder, f"{count}.exact"), "rb") as file:
            self._exact = array.array("I", file.read())

    def texts(self):
        with open(os.path.join(self.folder, f"{self.count}.txt"), encoding="utf-8", newline="\n") as file:
            for line in file:
                yield line[:-1]

    def vector(self, row):
        with open(os.path.join(self.folder, f"{self.count}.f32"), "rb") as file:
            file.seek(row * DIMENSIONS * 4)
            return array.array("f", file.read(DIMENSIONS * 4))

    def nearest(self, question, reader):
        """The best ten that the reader (his place in PERMILLE) may see."""
        begin = (question * len(PERMILLE) + reader) * NEAREST
        return [row for row in self._exact[begin:begin + TOP] if row != NOBODY]


def timed(corpus, reader, ask):
    """Latencies of `ask(question number)`, and how many of the nearest ten are among the documents that it gives."""
    millis, right, wanted = [], 0, 0
    for question in range(len(corpus.questions)):
        begin = time.perf_counter()
        found = ask(question)
        millis.append(1000 * (time.perf_counter() - begin))
        nearest = corpus.nearest(question, reader)
        right += len(set(found[:TOP]) & set(nearest))
        wanted += len(nearest)
    return {"p50_ms": figures.quantile(millis, .5), "p95_ms": figures.quantile(millis, .95),
            "p99_ms": figures.quantile(millis, .99), "recall": right / wanted if wanted else 1.0}


def least_effort(efforts, enough, measure):
    """The first of the efforts that finds enough; the last where none does. `measure(effort)` has a recall."""
    found = None
    for effort in efforts:
        found = dict(measure(effort), effort=str(effort))
        if found["recall"] >= enough:
            break
    return found

"""Does a question find its own answer: known items of MedQuAD, whose answers are indexed without their questions.

    questions = read_questions(jsonl)                         # [(question, "5_NIDDK_QA/0000123/0000123-1"), ...]
    extract(archive, folder, questions, answers=3000)         # a file an answer, those that are asked for among them
    found = ask(pipeline, questions, "lexical")               # {"ranks": [1, None, 3, ...]} of the answer's document
    figures(found["ranks"])                                   # {"R@1": .25, "R@10": .78, "MRR@10": .40}
    above(hybrid["ranks"], vector["ranks"])                   # {"R@1": (.019, .003, .036), ...}: a difference, 95 % of it

  tests/bench/retrieval.py build/bench/legs.json     says how far hybrid is above each of its parts, from the ranks of a run
"""
import http.client
import json
import os
import random
import sys
import tarfile
import xml.etree.ElementTree as ElementTree

import pipelines

BM25 = {"R@1": 0.246, "R@10": 0.782, "MRR@10": 0.402}  # a plain one over all 16,407 answers
ASKED = {"top_k": 10, "one_per_document": True}
MODES = ("lexical", "vector", "hybrid")
RESAMPLES = 10_000


def read_questions(path, count=None):
    with open(path) as file:
        rows = [json.loads(line) for line in file]
    return [(row["question"], name_of(row["document"], row["qid"])) for row in rows[:count]]


def name_of(document, qid):
    """The document is part of it: some documents of MedQuAD number their pairs alike."""
    folder, file = document.split("/")[-2:]
    return f"{folder}/{file.removesuffix('.xml')}/{qid}"


def _answers(archive):
    """{name: answer}."""
    found = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            if not member.name.endswith(".xml"):
                continue
            root = ElementTree.fromstring(tar.extractfile(member).read())
            for pair in root.iter("QAPair"):
                answer = (pair.findtext("Answer") or "").strip()
                if answer:
                    found[name_of(member.name, pair.find("Question").get("qid"))] = answer
    return found


def extract(archive, folder, questions, answers=None):
    """Writes the files: all, or so many, of which every asked one is. Returns how many."""
    found = _answers(archive)
    asked = [name for _, name in questions if name in found]
    rest = sorted(set(found) - set(asked))
    random.Random(7).shuffle(rest)
    chosen = sorted(set(asked) | set(rest[:None if answers is None else max(0, answers - len(set(asked)))]))
    for name in chosen:
        path = os.path.join(folder, name + ".txt")
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(found[name] + "\n")
    return len(chosen)


def rank_of(name, hits):
    """Of the document; None beyond the tenth."""
    documents = list(dict.fromkeys(hit["document_id"].removesuffix(".txt") for hit in hits))[:10]
    return documents.index(name) + 1 if name in documents else None


def ask(pipeline, questions, mode):
    connection = http.client.HTTPConnection("127.0.0.1", pipeline.port, timeout=60)
    ranks = []
    for question, name in questions:
        connection.request("POST", "/v1/search", json.dumps({**ASKED, "query": question, "mode": mode}), pipelines.headers())
        ranks.append(rank_of(name, json.loads(connection.getresponse().read())["hits"]))
    connection.close()
    return {"ranks": ranks}


WORTH = {"R@1": lambda rank: float(rank == 1), "R@10": lambda rank: float(rank is not None),
         "MRR@10": lambda rank: 1 / rank if rank else 0.0}


def figures(ranks):
    return {name: sum(map(worth, ranks)) / len(ranks) for name, worth in WORTH.items()}


def above(ranks, others, seed=7):
    """By how much each figure of `ranks` is above that of `others`, of the same questions in the same order, with the 95 %
    interval of that difference: percentile bootstrap over questions, paired (Sakai, SIGIR 2006)."""
    if len(ranks) != len(others):
        raise ValueError(f"{len(ranks)} ranks cannot be paired with {len(others)}")
    rng = random.Random(seed)
    found = {}
    for name, worth in WORTH.items():
        differences = [worth(a) - worth(b) for a, b in zip(ranks, others)]
        count = len(differences)
        means = sorted(sum(rng.choices(differences, k=count)) / count for _ in range(RESAMPLES))
        found[name] = (sum(differences) / count, means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1])
    return found


def compared(found):
    """A sentence for each part of hybrid, of {"lexical": {"ranks": ...}, ...}; empty where there is nothing to compare."""
    if "hybrid" not in found:
        return []
    sentences = []
    for part in ("vector", "lexical"):
        if part not in found:
            continue
        rows = above(found["hybrid"]["ranks"], found[part]["ranks"])
        told = ", ".join(f"{name} {mean:+.3f} ({low:+.3f} to {high:+.3f})" + ("" if low > 0 or high < 0 else ", which shows nothing")
                         for name, (mean, low, high) in rows.items())
        sentences.append(f"Hybrid above {part} alone: {told}.")
    return sentences


def main(path):
    with open(path) as file:
        run = json.load(file)
    sentences = compared(run.get("meaning", {}))
    print("\n".join(sentences) or "retrieval: this run asked no question both ways", file=sys.stdout if sentences else sys.stderr)
    return 0 if sentences else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

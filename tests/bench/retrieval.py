"""Does a question find its own answer: known items of MedQuAD, whose answers are indexed without their questions.

    questions = read_questions(jsonl)                         # [(question, "5_NIDDK_QA/0000123-1"), ...]
    extract(archive, folder, questions, answers=3000)         # a file an answer, those that are asked for among them
    found = ask(pipeline, questions, "lexical")               # {"ranks": [1, None, 3, ...]} of the answer's document
    figures(found["ranks"])                                   # {"R@1": .25, "R@10": .78, "MRR@10": .40}
"""
import http.client
import json
import os
import random
import tarfile
import xml.etree.ElementTree as ElementTree

import pipelines

BM25 = {"R@1": 0.246, "R@10": 0.782, "MRR@10": 0.402}  # a plain one over all 16,407 answers
ASKED = {"top_k": 10, "one_per_document": True}
MODES = ("lexical", "vector", "hybrid")


def read_questions(path, count=None):
    with open(path) as file:
        rows = [json.loads(line) for line in file]
    return [(row["question"], name_of(row["document"], row["qid"])) for row in rows[:count]]


def name_of(document, qid):
    return f"{document.split('/')[-2]}/{qid}"


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


def figures(ranks):
    count = len(ranks)
    return {"R@1": sum(rank == 1 for rank in ranks) / count, "R@10": sum(rank is not None for rank in ranks) / count,
            "MRR@10": sum(1 / rank for rank in ranks if rank) / count}

"""How much of a document is embedded anew when one of its sentences changes: chunks whose hash is new.

    counts = new_chunks(binary, files, count=200)      # [1, 2, 1, ...] an edit each

Random documents, a random sentence of each, changed as people do: a word put in, a word taken out, or the sentence
written anew. The chunker is asked by `freshet chunk batch`, the very code of the stage; a chunk is embedded anew exactly
when no chunk of the document had its hash before.
"""
import json
import os
import random
import re
import subprocess

SENTENCE = re.compile(r"(?<=[.!?])\s+")


def _changed(sentence, random_):
    words = sentence.split(" ")
    at = random_.randrange(len(words))
    way = random_.randrange(3)
    if way == 0:
        words.insert(at, "possibly")
    elif way == 1 and len(words) > 1:
        del words[min(at, len(words) - 2)]  # the last one ends the sentence: without it two become one
    else:
        words = ["Recent", "guidance", "says", "otherwise", "and", "should", "be", "followed."]
    return " ".join(words)


def edit(text, random_):
    """The text with one sentence changed."""
    sentences = list(SENTENCE.split(text))
    chosen = random_.randrange(1 if len(sentences) > 1 else 0, len(sentences))
    return text.replace(sentences[chosen], _changed(sentences[chosen], random_), 1)


def new_chunks(binary, files, count, seed=1):
    random_ = random.Random(seed)
    texts = []
    for name in random_.sample(sorted(os.listdir(files)), count):
        with open(os.path.join(files, name), encoding="utf-8") as file:
            text = file.read()
        texts += [text, edit(text, random_)]
    lines = "".join(json.dumps({"id": str(i), "text": text}) + "\n" for i, text in enumerate(texts))
    done = subprocess.run([binary, "chunk", "batch", "--embedder", "hashing"], input=lines, capture_output=True, text=True, check=True)
    hashes = [[chunk["hash"] for chunk in json.loads(line)["chunks"]] for line in done.stdout.splitlines()]
    counts = [len(set(after) - set(before)) for before, after in zip(hashes[::2], hashes[1::2])]
    return {"new": counts, "chunks": [len(after) for after in hashes[1::2]]}

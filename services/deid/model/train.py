#!/usr/bin/env python3
"""Trains the name model and writes names.bin (its format: services/deid/tagger_model.h; its card: README.md).

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python train.py --words /usr/share/dict/american-english --data ../../../../shared/data --out names.bin

A linear-chain CRF (CRFsuite, L-BFGS with L1 and L2 penalties), features hashed to 2^16 rows, weights as 8-bit numbers.
--data is optional: of the public sets there, the halves that are not held out (even templates, even queries, every second
article of MedQuAD) join the generated texts. Deterministic for one version of everything in requirements.txt.
"""
import argparse
import json
import os
import random
import re
import struct
import tarfile
import time
import warnings
import xml.etree.ElementTree as ElementTree

import numpy as np
import pycrfsuite

import features
from generate import Maker, dictionary_words

KINDS = ["NAME", "STREET", "CITY", "ORG", "FACILITY"]
LABELS = ["O"] + [f"{edge}-{kind}" for kind in KINDS for edge in "BI"]
LEXICON_BITS = 18
SYNTH = {"PERSON": "NAME", "STREET_ADDRESS": "STREET", "GPE": "CITY", "ORGANIZATION": "ORG"}


class Lexicon:
    """Open addressing, 16-bit slots: a 12-bit fingerprint and four bits of what lists hold the word."""

    def __init__(self, tables, words):
        bits = {}
        for name, bit in (("given", features.GIVEN), ("last", features.LAST), ("city", features.CITY)):
            for entry in tables[name]:
                for begin, end in features.cut(features.fold(entry)[0]):
                    word = features.fold(entry)[0][begin:end]
                    if end - begin > 2 and not word.isdigit():
                        key = features.fnv(word)
                        bits[key] = bits.get(key, 0) | bit
        towns = {features.fnv(entry) for entry in tables["city"] if entry.isalpha()}
        for word in words:
            key = features.fnv(word)
            # A town's name may hold a common word ("New", "San"): that alone tells nothing, unless it is all of the name.
            bits[key] = (bits.get(key, 0) & ~(0 if key in towns else features.CITY)) | features.COMMON
        self.slots = np.zeros(1 << LEXICON_BITS, dtype=np.uint16)
        for key in sorted(bits):
            at = self._home(key)
            while self.slots[at] != 0:
                at = (at + 1) & (len(self.slots) - 1)
            self.slots[at] = self._print(key) << 4 | bits[key]
        self.size = len(bits)
        self.cache = {}

    @staticmethod
    def _home(key):
        return (key >> 20) & ((1 << LEXICON_BITS) - 1)

    @staticmethod
    def _print(key):
        return key >> 52

    def get(self, key):
        found = self.cache.get(key)
        if found is None:
            at, wanted = self._home(key), self._print(key)
            while self.slots[at] != 0 and self.slots[at] >> 4 != wanted:
                at = (at + 1) & (len(self.slots) - 1)
            found = self.cache[key] = int(self.slots[at] & 15)
        return found


def common_words(path, articles):
    """Lower-case words of an English word list, and what stands in lower case in medical articles three times or more."""
    with open(path, encoding="utf-8") as file:
        words = {line.strip() for line in file}
    found = {word for word in words if word.isascii() and word.isalpha() and word.islower()}
    counts = {}
    for article in articles:
        for word in re.findall(r"\b[a-z]{2,}\b", article):
            counts[word] = counts.get(word, 0) + 1
    found |= {word for word, count in counts.items() if count >= 3}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates.txt"), encoding="utf-8") as file:
        plain = re.sub(r"\{\w+\}|\\n", " ", file.read())
    return sorted(found | {word.lower() for word in re.findall(r"\b[a-z]+\b", plain)})


def medquad(data, held_out=0):
    """Answers of every second article."""
    with tarfile.open(os.path.join(data, "ir_medquad", "medquad_xml_sets1-9.tar.gz")) as tar:
        pairs = {}
        for member in tar:
            if member.name.endswith(".xml"):
                root = ElementTree.fromstring(tar.extractfile(member).read())
                pairs[member.name] = [(pair.findtext("Answer") or "").strip() for pair in root.iter("QAPair")]
    names = sorted(pairs)
    return [answer for number, name in enumerate(names) if number % 2 == held_out for answer in pairs[name] if answer]


def public_halves(data):
    """[(text, spans)] of the even templates of the synthetic set and of the even queries."""
    from_files = []
    with open(os.path.join(data, "deid_presidio_synth", "spans.jsonl"), encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row["template_id"] % 2 == 0:
                from_files.append((row["full_text"], [
                    (s["start_position"], s["end_position"], SYNTH[s["entity_type"]]) for s in row["spans"]
                    if s["entity_type"] in SYNTH and is_identifier(s)]))
    with open(os.path.join(data, "deid_asq_phi", "queries.jsonl"), encoding="utf-8") as file:
        for number, line in enumerate(file):
            row = json.loads(line)
            if number % 2 == 0:
                from_files.append((row["text"], query_spans(row)))
    return from_files


def is_identifier(span):
    from invent import COUNTRIES, STATES
    return span["entity_type"] != "GPE" or span["entity_value"] not in COUNTRIES + STATES + ["Cyprus (Greek)", "Macedonia"]


def query_spans(row):
    spans = []
    for one in row["phi"]:
        kind = {"NAME": "NAME", "GEOGRAPHIC_LOCATION": "FACILITY"}.get(one["identifier_type"])
        value = re.sub(r"^(Dr|Mr|Mrs|Ms)\.? ", "", one["value"])
        begin = row["text"].find(value)
        if kind is None or begin < 0:
            continue
        place = re.search(r"(?i)hosp|clinic|med|cent|health|ucsf|general|memor", value)
        spans.append((begin, begin + len(value), "CITY" if kind == "FACILITY" and not place else kind))
    return spans


def recase(text, spans, chooser):
    """Some texts in lower case, in capitals, or without punctuation."""
    chance = chooser.random()
    if chance < 0.24:
        changed = text.lower()
    elif chance < 0.36:
        changed = text.upper()
    elif chance < 0.41:
        changed = re.sub(r"[,.;:?!]", " ", text)
    elif chance < 0.44:
        changed = "".join(char.lower() if any(b <= i < e for b, e, _ in spans) else char for i, char in enumerate(text))
    else:
        return text, spans
    return (changed, spans) if len(changed) == len(text) else (text, spans)


def labels_of(tokens, places, spans):
    labels = ["O"] * len(tokens)
    for begin, end, kind in spans:
        edge = "B-"
        for index, (first, last) in enumerate(tokens):
            if places[first] < end and places[last - 1] >= begin:
                labels[index] = edge + kind
                edge = "I-"
    return labels


def corpus(args, maker, chooser, articles):
    texts = [recase(*maker.text(), chooser) for _ in range(args.texts)]
    if args.data:
        for text, spans in public_halves(args.data) * 2:
            texts.append(recase(text, spans, chooser))
        for article in chooser.sample(articles, min(len(articles), args.articles)):
            begin = chooser.randrange(max(1, len(article) - 500))
            begin = 0 if begin < 250 else article.find(" ", begin) + 1
            texts.append(recase(article[begin:begin + 500], [], chooser))
    return texts


def fit(texts, lexicon, chooser, args):
    columns, labelled = features.Columns(), []
    for text, spans in texts:
        folded, places = features.fold(text)
        for begin, end in features.paragraphs(folded):
            tokens = features.cut(folded[begin:end])
            labels = labels_of([(begin + first, begin + last) for first, last in tokens], places, spans)
            drop = {i for i, label in enumerate(labels) if label != "O" and chooser.random() < 0.3}
            columns.add(folded[begin:end], tokens, lexicon, drop)
            labelled.append(labels)
    rows = features.feature_rows(columns)
    names = [str(number) for number in range(1 << features.ROW_BITS)]
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": args.c1, "c2": args.c2, "max_iterations": args.iterations,
                        "feature.possible_transitions": True})
    for begin, labels in zip(columns.places, labelled):
        if labels:
            trainer.append([[names[row] for row in rows[begin + i]] for i in range(len(labels))], labels)
    trainer.train(args.out + ".crf")
    tagger = pycrfsuite.Tagger()
    tagger.open(args.out + ".crf")
    os.remove(args.out + ".crf")
    return tagger.info()


def write(info, lexicon, args):
    """The file of tagger_model.h, little-endian."""
    weights = np.zeros((1 << features.ROW_BITS, len(LABELS)))
    for (row, label), weight in info.state_features.items():
        weights[int(row), LABELS.index(label)] = weight
    limit = np.percentile(np.abs(weights[weights != 0]), 99.9)
    scale = float(limit) / 127
    cells = np.clip(np.rint(weights / scale), -127, 127).astype(np.int8)
    moves = np.full((len(LABELS), len(LABELS)), -8.0)
    for (before, after), weight in info.transitions.items():
        moves[LABELS.index(before), LABELS.index(after)] = weight
    for before in range(len(LABELS)):
        for after in range(len(LABELS)):
            inside = LABELS[after].startswith("I-")
            if inside and LABELS[before][1:] != LABELS[after][1:]:
                moves[before, after] = -30.0
    cell_moves = np.clip(np.rint(moves / scale), -32000, 32000).astype(np.int16)
    with open(args.out, "wb") as file:
        file.write(struct.pack("<4sBBBBf", b"FNM1", features.ROW_BITS, LEXICON_BITS, len(LABELS),
                               round(args.doubt / scale), scale))
        file.write(cell_moves.astype("<i2").tobytes())
        file.write(lexicon.slots.astype("<u2").tobytes())
        file.write(cells.tobytes())
    print(f"{(cells != 0).any(axis=1).sum()} rows in use, scale {scale:.4f}, words {lexicon.size}, "
          f"{os.path.getsize(args.out)} bytes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--words", required=True)
    parser.add_argument("--data")
    parser.add_argument("--out", default="names.bin")
    parser.add_argument("--texts", type=int, default=15000)
    parser.add_argument("--articles", type=int, default=3000)
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("--c1", type=float, default=0.08)
    parser.add_argument("--c2", type=float, default=0.05)
    parser.add_argument("--doubt", type=float, default=0.8, help="taken from the weight of being no identifier")
    parser.add_argument("--seed", type=int, default=20)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    began = time.time()
    maker, chooser = Maker(args.seed), random.Random(args.seed)
    articles = medquad(args.data) if args.data else []
    words = common_words(args.words, articles)
    maker.vocabulary = words
    lexicon = Lexicon(dictionary_words(maker), words)
    texts = corpus(args, maker, chooser, articles)
    print(f"{len(texts)} texts, {time.time() - began:.0f} s")
    info = fit(texts, lexicon, chooser, args)
    print(f"trained, {time.time() - began:.0f} s")
    write(info, lexicon, args)


if __name__ == "__main__":
    main()

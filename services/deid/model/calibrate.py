#!/usr/bin/env python3
"""Fits what doubt is worth: the table of guesses in ../risk.cc and the weights of ../risk_traits.cc.

    venv/bin/python calibrate.py --binary ../../../build/dev/bin/deid_risk --data ../../../../shared/data

The venv is train.py's. Texts: generated ones of a seed that training did not use; answers of MedQuAD's articles that it did
not see, which hold no patients; of the public sets every fourth query and template, of those that it did not see either.
The fourth between, as little seen, is what risk_test.cc holds the result to: it is scored here too, and fitted to nothing.

A guess is worth logistic(offset + slope * logit(score)), by kind of detector and by whether hardly anything was removed
from its text. What nothing guesses is left in with the
probability logistic(weights * traits); a text leaks with 1 - (1 - guessed) * (1 - unguessed). Both by maximum likelihood,
with a weak pull: guesses to their own score, weights to 0. Prints the rows to put there, and how well they hold. The weights
are fitted to what the program makes of guesses: when the table changed, build, run it again, and take the weights then.
"""
import argparse
import collections
import json
import math
import os
import random
import subprocess
import tempfile

import numpy as np

from generate import Maker
from train import medquad

GUESS_PULL = 2.0   # as if so many guesses had agreed with their scores
WEIGHT_PULL = 1.0
FEW = 50  # guesses, that no row is made of
SEED = 4711
LONGEST = 4000
MOST = 0.3  # of ../risk_traits.cc
DENSITY, MOST_DENSITY = 2, 50  # of ../risk_traits.h
FEW_IN_HUNDRED = 1  # of ../risk.cc


def generated(count, seed=SEED):
    maker = Maker(seed)
    chooser = random.Random(seed)
    for number in range(count):
        text, spans = maker.text()
        recase = chooser.choice([str, str, str, str.lower, str.upper])
        if len(recase(text)) != len(text):
            recase = str
        labels = {"STREET": "STREET_ADDRESS", "NAME": "PERSON", "CITY": "CITY", "FACILITY": "FACILITY"}
        yield {"id": f"generated:{number}", "full_text": recase(text), "spans": [
            {"entity_type": labels[kind], "start_position": begin, "end_position": end, "entity_value": text[begin:end]}
            for begin, end, kind in spans if kind in labels]}


def public(data, remainder):
    with open(os.path.join(data, "deid_presidio_synth", "spans.jsonl"), encoding="utf-8") as file:
        for number, line in enumerate(file):
            row = json.loads(line)
            if row["template_id"] % 4 == remainder:
                yield dict(row, id=f"synth:{number}")
    with open(os.path.join(data, "deid_asq_phi", "queries.jsonl"), encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number % 4 == remainder:
                yield dict(json.loads(line), id=f"query:{number}")


def articles(data, count):
    answers = [answer for answer in medquad(data, held_out=1) if len(answer) > 100]
    for number, answer in enumerate(random.Random(SEED).sample(answers, count)):
        yield {"id": f"article:{number}", "text": answer[:LONGEST], "phi": []}


def measured(binary, rows):
    """([(detector, few, score, right)], [(guessed, leaked, traits)]); the last line of a text tells of how few."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write("".join(json.dumps(row) + "\n" for row in rows))
        file.flush()
        lines = subprocess.run([binary, file.name], stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    guesses, texts, inside = [], [], []
    for line in lines:
        _, kind, *numbers = line.split(" ")
        numbers = [float(number) for number in numbers]
        if kind != "-":
            inside.append((kind, numbers[0], int(numbers[1])))
            continue
        few = numbers[2 + DENSITY] * MOST_DENSITY < FEW_IN_HUNDRED
        guesses += [(detector, few, score, right) for detector, score, right in inside]
        texts.append((numbers[0], int(numbers[1]), numbers[2:]))
        inside = []
    return guesses, texts


def logit(share):
    return math.log(share / (1 - share))


def fit_guesses(points):
    """Newton's method on the penalised likelihood."""
    offset, slope = 0.0, 1.0
    for _ in range(50):
        g0, g1 = -GUESS_PULL * offset, -GUESS_PULL * (slope - 1)
        h00, h01, h11 = GUESS_PULL, 0.0, GUESS_PULL
        for x, right in points:
            p = 1 / (1 + math.exp(-(offset + slope * x)))
            w = p * (1 - p)
            g0, g1 = g0 + right - p, g1 + (right - p) * x
            h00, h01, h11 = h00 + w, h01 + w * x, h11 + w * x * x
        det = h00 * h11 - h01 * h01
        offset, slope = offset + (h11 * g0 - h01 * g1) / det, slope + (h00 * g1 - h01 * g0) / det
    return offset, slope


def unguessed(weights, traits):
    return 1 / (1 + np.exp(-traits @ weights))


def fit_traits(texts):
    """Fisher scoring; a step that makes it worse is halved."""
    guessed = np.array([text[0] for text in texts])
    leaked = np.array([text[1] for text in texts], dtype=float)
    traits = np.array([text[2] for text in texts])
    pull = np.full(traits.shape[1], WEIGHT_PULL)
    pull[0] = 0.0  # the share of leaks itself is not pulled

    def worth(weights):
        p = np.clip(1 - (1 - guessed) * (1 - unguessed(weights, traits)), 1e-9, 1 - 1e-9)
        return (leaked * np.log(p) + (1 - leaked) * np.log(1 - p)).sum() - (pull * weights**2).sum() / 2

    weights = np.zeros(traits.shape[1])
    weights[0] = -4.0
    for _ in range(200):
        b = unguessed(weights, traits)
        p = np.clip(1 - (1 - guessed) * (1 - b), 1e-9, 1 - 1e-9)
        slope = (1 - guessed) * b * (1 - b)
        gradient = traits.T @ ((leaked - p) / (p * (1 - p)) * slope) - pull * weights
        fisher = (traits * (slope**2 / (p * (1 - p)))[:, None]).T @ traits + np.diag(pull + 1e-6)
        step = np.linalg.solve(fisher, gradient)
        while worth(weights + step) < worth(weights) - 1e-12 and np.abs(step).max() > 1e-9:
            step = step / 2
        weights = weights + step
    return weights


def auc(pairs):
    """That a text that leaks has a higher risk than one that does not; equal ones count half."""
    ranks = collections.Counter(risk for risk, _ in pairs)
    below, rank = 0, {}
    for risk in sorted(ranks):
        rank[risk] = below + (ranks[risk] + 1) / 2
        below += ranks[risk]
    leaked = [rank[risk] for risk, leak in pairs if leak]
    others = len(pairs) - len(leaked)
    return (sum(leaked) - len(leaked) * (len(leaked) + 1) / 2) / (len(leaked) * others) if leaked and others else math.nan


def show(title, texts, weights):
    """By tenths of the texts, least risky first."""
    pairs = sorted((1 - (1 - g) * (1 - min(unguessed(weights, np.array(x)), MOST)), leaked) for g, leaked, x in texts)
    print(f"{title}: {len(pairs)} texts, leaked {sum(leaked for _, leaked in pairs)}, AUC {auc(pairs):.3f}")
    for tenth in range(10):
        part = pairs[len(pairs) * tenth // 10:len(pairs) * (tenth + 1) // 10]
        print(f"  risk {part[0][0]:.3f} to {part[-1][0]:.3f}: {len(part)} texts, expected"
              f" {sum(risk for risk, _ in part):.1f}, leaked {sum(leaked for _, leaked in part)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--texts", type=int, default=4000, help="generated ones")
    parser.add_argument("--articles", type=int, default=1500)
    args = parser.parse_args()
    sets = {"generated": list(generated(args.texts)), "articles": list(articles(args.data, args.articles)),
            "public, fitted": list(public(args.data, 1))}
    parts = {name: measured(args.binary, rows) for name, rows in sets.items()}
    groups = collections.defaultdict(list)
    for guesses, _ in parts.values():
        for detector, few, score, right in guesses:
            company = "kFew" if few else "kMany"
            groups[detector.split("/")[0] + "/", company].append((logit(min(max(score, 0.01), 0.99)), right))
    for (group, company), points in sorted(groups.items()):
        offset, slope = fit_guesses(points)
        right = sum(r for _, r in points)
        if len(points) < FEW:
            print(f"    // {group} {company}: {len(points)} guesses, {right} right: too few")
            continue
        print(f'    {{"{group}", Company::{company}, {offset:.2f}, {slope:.2f}}},  // {len(points)} guesses, {right} right')
    weights = fit_traits([text for _, texts in parts.values() for text in texts])
    print("    {" + ", ".join(f"{weight:.2f}" for weight in weights) + "}")
    parts["generated, held out"] = measured(args.binary, list(generated(args.texts, SEED + 1)))
    parts["public, held out"] = measured(args.binary, list(public(args.data, 3)))
    for name, (_, texts) in parts.items():
        show(name, texts, weights)


if __name__ == "__main__":
    main()

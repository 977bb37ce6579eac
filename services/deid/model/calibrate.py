#!/usr/bin/env python3
"""Fits the table of ../risk.cc: what a guess is worth, by its detector and score.

    deid_risk spans.jsonl | calibrate.py          # ../bench/deid_risk.cc; several sets: their outputs, one after another

Only texts of odd number count: the even ones are what risk_test.cc judges it on. worth = logistic(offset + slope *
logit(score)), by maximum likelihood with a weak pull towards offset 0 and slope 1, so that a detector with few guesses
stays with its own score. Prints the rows, and how many guesses each was made of.
"""
import collections
import math
import sys

PULL = 2.0  # as if so many guesses had agreed with their scores


def logit(share):
    return math.log(share / (1 - share))


def fit(points):
    """Newton's method on the penalised likelihood."""
    offset, slope = 0.0, 1.0
    for _ in range(50):
        g0, g1 = -PULL * offset, -PULL * (slope - 1)
        h00, h01, h11 = PULL, 0.0, PULL
        for x, right in points:
            p = 1 / (1 + math.exp(-(offset + slope * x)))
            w = p * (1 - p)
            g0, g1 = g0 + right - p, g1 + (right - p) * x
            h00, h01, h11 = h00 + w, h01 + w * x, h11 + w * x * x
        det = h00 * h11 - h01 * h01
        offset, slope = offset + (h11 * g0 - h01 * g1) / det, slope + (h00 * g1 - h01 * g0) / det
    return offset, slope


def main():
    groups = collections.defaultdict(list)
    for line in sys.stdin:
        number, detector, score, right = line.rsplit(" ", 3)
        if detector == "-" or not number.isdigit() or int(number) % 2 == 0:
            continue
        score = min(max(float(score), 0.01), 0.99)
        group = detector.split("/")[0] + "/"
        groups[group].append((logit(score), int(right)))
    for group, points in sorted(groups.items()):
        offset, slope = fit(points)
        print(f'    {{"{group}", {offset:.2f}, {slope:.2f}}},  // {len(points)} guesses, {sum(r for _, r in points)} right')


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Writes a copy of one source file with one planted bug in it.

    plant.py bugs.json BUG FILE ROOT OUT      fails unless each text to change stands in ROOT/FILE exactly once

A bug changes `file`, and may change others with it (`also`).
"""
import json
import os
import sys


def plant(text, bug):
    """`text` with the bug in it, or why it cannot be planted."""
    for change in bug["changes"]:
        found = text.count(change["find"])
        if found != 1:
            raise ValueError("%s: planted bug %s: stands %d times instead of once: %s"
                             % (bug["file"], bug["name"], found, change["find"]))
        if change["find"] == change["replace"]:
            raise ValueError("%s: planted bug %s changes nothing" % (bug["file"], bug["name"]))
        text = text.replace(change["find"], change["replace"])
    return text


def part_of(bug, file):
    """What the bug does to one of its files."""
    parts = [bug] + bug.get("also", [])
    return dict(next(part for part in parts if part["file"] == file), name=bug["name"])


def main(table, name, file, root, out):
    with open(table) as stream:
        bug = next(row for row in json.load(stream) if row["name"] == name)
    with open(os.path.join(root, file)) as stream:
        text = plant(stream.read(), part_of(bug, file))
    os.makedirs(os.path.dirname(out), exist_ok=True)
    with open(out, "w") as stream:
        stream.write(text)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except ValueError as error:
        sys.exit(str(error))

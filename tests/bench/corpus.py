"""The corpus: each MedQuAD answer as a text file, as the peers' own harness lays them out.

    files = extract(archive, folder)             # md000000.txt ...: 16,407 files, 22 MB
    grow(files, folder, copies=6)                # a larger one for a long backfill: every file again, its id changed

A file begins with a word that no other file has (`docid000123`), so a search can ask for exactly it. The archive is read
once from front to back: it is compressed, and every step backwards would unpack it again.
"""
import os
import random
import tarfile
import xml.etree.ElementTree as ElementTree


def answers(archive):
    """(question, answer) of every pair that has an answer, in the order of the archive's sorted names."""
    pairs = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.name.endswith(".xml"):
                root = ElementTree.fromstring(tar.extractfile(member).read())
                pairs[member.name] = [(" ".join((pair.findtext("Question") or "").split()),
                                       (pair.findtext("Answer") or "").strip()) for pair in root.iter("QAPair")]
    return [pair for name in sorted(pairs) for pair in pairs[name] if pair[1]]


def extract(archive, folder, limit=None):
    """Writes the files; with a limit, a random choice that is always the same. Returns the folder."""
    everything = answers(archive)
    chosen = list(range(len(everything)))
    random.Random(7).shuffle(chosen)
    os.makedirs(folder, exist_ok=True)
    for number in sorted(chosen[:limit]):
        question, answer = everything[number]
        _write(folder, f"md{number:06d}.txt", f"docid{number:06d} {question} {answer}\n")
    return folder


def grow(files, folder, copies):
    """`copies` times the files, each with an id of its own."""
    for copy in range(copies):
        os.makedirs(os.path.join(folder, str(copy)), exist_ok=True)
        for name in os.listdir(files):
            with open(os.path.join(files, name), encoding="utf-8") as file:
                _write(os.path.join(folder, str(copy)), name, file.read().replace("docid", f"copy{copy}id", 1))
    return folder


def copy(files, folder, limit=None):
    """So many of them, beside what is there."""
    os.makedirs(folder, exist_ok=True)
    for name in sorted(os.listdir(files))[:limit]:
        with open(os.path.join(files, name), encoding="utf-8") as file:
            _write(folder, name, file.read())


def size(folder):
    """(files, bytes) below the folder."""
    found = [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names]
    return len(found), sum(os.path.getsize(path) for path in found)


def _write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)

#!/usr/bin/env python3
"""Freshet's search beside its peers', in one run, one thread each, on the same chunks, questions and readers
(search_corpus.h): by words, by meaning and by both; quiet, and Freshet's while documents change.

    search_peers.py --build build/release --work build/bench [--counts 1000000] [--base 16000] [--questions 200]
                    [--recall 0.95] [--rate 500] [--embedder encoder|hashing] [--peers hnswlib,faiss,tantivy,opensearch]
                    [--python PYTHON with search_peers.txt installed] [--readme tests/bench/README.md]

Needs freshet, search_bench and vector_peers_bench in BUILD/bin; what is missing of the peers is left out, and said. What is
drawn around: --base chunks of MedQuAD's answers, evenly over all, and their vectors; asked are the first known-item
questions. Each step's figures lie in WORK/search-peers and are not measured again; what takes long is done some minutes
at a time, so that a run that is ended goes on where it was. Prints a Markdown table."""
import argparse
import array
import itertools
import json
import os
import shutil
import subprocess
import sys

import peers_table
import search
from search_files import DIMENSIONS

HERE = os.path.dirname(os.path.abspath(__file__))
SLICE = 300  # seconds of building at once
EMBED_SLICE = 2000  # texts


def told(command, **more):
    """What a step's program prints; its place in the log of the run is standard error."""
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, **more).stdout)


def batch(args, kind, lines):
    """`freshet chunk batch` or `embed batch`: a JSON object a line, in and out."""
    text = "".join(json.dumps(line) + "\n" for line in lines)
    done = subprocess.run([os.path.join(args.build, "bin/freshet"), kind, "batch", "--embedder", args.embedder], input=text,
                          stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def chunks_of(args):
    """So many chunks of the answers, evenly over all."""
    answers = [{"id": name, "text": text} for name, text in search.answers(args.archive)]
    texts = [chunk["text"] for document in batch(args, "chunk", answers) for chunk in document["chunks"]]
    return texts[::max(1, len(texts) // args.base)][:args.base]


def line_of(text):
    return " ".join(text.split())


def embed(args, folder, name, texts):
    """NAME.txt and NAME.f32 of the texts, a slice at a time; whoever runs this again goes on where it was."""
    lines, floats = os.path.join(folder, name + ".txt"), os.path.join(folder, name + ".f32")
    texts = [line_of(text) for text in texts]
    done = os.path.getsize(floats) // (4 * DIMENSIONS) if os.path.exists(floats) else 0
    while done < len(texts):
        part = texts[done:done + EMBED_SLICE]
        rows = batch(args, "embed", [{"id": str(i), "text": text} for i, text in enumerate(part)])
        with open(floats, "ab") as file:
            file.truncate(done * 4 * DIMENSIONS)
            array.array("f", itertools.chain.from_iterable(row["embedding"] for row in rows)).tofile(file)
        done += len(part)
    with open(lines, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(text + "\n" for text in texts)


def prepare(args, folder):
    """What all sizes are drawn around, and what is asked."""
    texts = search.kept(os.path.join(folder, "chunks.json"), lambda: chunks_of(args))
    embed(args, folder, "base", texts)
    with open(args.known_items, encoding="utf-8") as file:
        asked = [json.loads(line)["question"] for line in itertools.islice(file, args.questions)]
    embed(args, folder, "questions", asked)
    return {"base": len(texts), "questions": len(asked), "embedder": args.embedder}


def sliced(command_of, work):
    """Calls a program until it says no more that it is unfinished; the seconds of building add up."""
    os.makedirs(work, exist_ok=True)
    while True:
        found = told(command_of(work))
        seconds = search.add_seconds(os.path.join(work, "seconds"), found["build_s"])
        if "unfinished" not in found:
            return dict(found, build_s=seconds)


def ours(args, folder, count, work):
    program = os.path.join(args.build, "bin/search_bench")
    built = search.kept(os.path.join(folder, f"{count}-build.json"),
                        lambda: sliced(lambda where: [program, "build", folder, str(count), where, str(SLICE)], work))
    measured = told([program, "measure", folder, str(count), work, str(args.rate)])
    return dict(measured, build_s=built["build_s"])


def peer(args, folder, count, name, work):
    enough = str(args.recall)
    if name in ("hnswlib", "faiss"):
        program = os.path.join(args.build, "bin/vector_peers_bench")
        return sliced(lambda where: [program, folder, str(count), where, name, enough, str(SLICE)], work)
    python = [args.python, os.path.join(HERE, f"peer_{name}.py"), folder, str(count)]
    if name == "tantivy":
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)
        return told([*python, work])
    return sliced(lambda where: [*python, where, enough, str(SLICE)], work)


def attempt(path, measure):
    """As kept; where it fails, says so and gives nothing: a peer that is not there."""
    try:
        return search.kept(path, measure)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"search_peers: SKIPPED {os.path.basename(path)}: {error}", file=sys.stderr)
        return None


def measure_size(args, folder, count):
    drawn = os.path.join(folder, f"{count}.exact")
    if not os.path.exists(drawn):
        told([os.path.join(args.build, "bin/search_bench"), "draw", folder, str(count)])
    found = {}
    for name in ["freshet", *filter(None, args.peers.split(","))]:
        work = os.path.join(folder, f"{name}-{count}")
        step = (lambda: ours(args, folder, count, work)) if name == "freshet" else (
            lambda: peer(args, folder, count, name, work))
        path = os.path.join(folder, f"{name}-{count}.json")
        figures = search.kept(path, step) if name == "freshet" else attempt(path, step)
        if figures:  # what failed stays: it says why, and is gone on with
            shutil.rmtree(work, ignore_errors=True)
            found[name] = figures
    return found


def parsed(argv):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--counts", default="1000000")
    parser.add_argument("--base", type=int, default=16_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--recall", type=float, default=0.95, help="that peers must reach by meaning")
    parser.add_argument("--rate", type=int, default=500, help="documents changed a second, the second time")
    parser.add_argument("--embedder", default="encoder")
    parser.add_argument("--peers", default="hnswlib,faiss,tantivy,opensearch")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--archive", default=os.path.join(search.DATA, "medquad_xml_sets1-9.tar.gz"))
    parser.add_argument("--known-items", default=os.path.join(search.DATA, "known_item_questions.jsonl"))
    return parser.parse_args(argv)


def main():
    args = parsed(sys.argv[1:])
    folder = os.path.join(os.path.abspath(args.work), "search-peers")
    os.makedirs(folder, exist_ok=True)
    setting = search.kept(os.path.join(folder, "prepared.json"), lambda: prepare(args, folder))
    sizes = {count: measure_size(args, folder, count) for count in map(int, args.counts.split(","))}
    print(peers_table.table(sizes, setting))


if __name__ == "__main__":
    main()

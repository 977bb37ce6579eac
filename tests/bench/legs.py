#!/usr/bin/env python3
"""Measures the pipeline with the sentence encoder, in one process and over Kafka; `make bench` runs it after spine.py.

  tests/bench/legs.py --freshet build/release/bin/freshet --work build/bench          --files 60 --count 3: that all works

Steps are kept and resumed as in spine.py. Results: build/bench/legs.json, legs.md, and the README's part between its marks.
"""
import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
import time

import changes
import corpus
import legs_table
import pipelines
import retrieval
import spine
import steps
import table
import ways

ENCODER = "{kind: encoder}"
ONE_THREAD = "{kind: encoder, threads: 1}"
HERE = os.path.dirname(os.path.abspath(__file__))
ALONE_EVERY = 4  # the encoder alone is given one chunk of so many, twice
GAP = 0.2  # seconds, at most, between two changes


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--freshet", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--shared", default="../shared")
    parser.add_argument("--files", type=int, default=1500, help="of a bulk load with the encoder")
    parser.add_argument("--backfill", type=int, default=16000, help="files behind which changes must not wait")
    parser.add_argument("--count", type=int, default=40, help="changes of each kind")
    parser.add_argument("--questions", type=int, default=1000, help="of the retrieval figures")
    parser.add_argument("--answers", type=int, default=3000, help="that are indexed with vectors, the asked ones among them")
    parser.add_argument("--python", help="that has what engines.txt lists; without it the engines' own figures are skipped")
    parser.add_argument("--model", default="build/deps/all-MiniLM-L6-v2")
    parser.add_argument("--packages", default="build/deps", help="where set-up put the engine's package")
    parser.add_argument("--every", type=int, default=4, help="the engines are given one chunk of so many")
    parser.add_argument("--nice", type=int, default=0)
    parser.add_argument("--command", default="make bench")
    parser.add_argument("--readme")
    return parser.parse_args()


def lines(texts):
    return "".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(texts))


def read_files(folder):
    texts = []
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            texts.append(file.read())
    return texts


def timed(command, texts):
    """(seconds, what it printed)"""
    begin = time.monotonic()
    done = subprocess.run(command, input=lines(texts), capture_output=True, text=True, check=True)
    return time.monotonic() - begin, done.stdout


def chunks_of(context, folder):
    chunked = timed([context.freshet, "chunk", "batch", "--embedder", "encoder"], read_files(folder))[1]
    return [f"{chunk['context']}\n{chunk['text']}" for line in chunked.splitlines() for chunk in json.loads(line)["chunks"]]


def alone(context, chunks):
    """The encoder and nothing else, on the chunks of the same files: chunks a second, its start taken off."""
    embed = [context.freshet, "embed", "batch", "--embedder", "encoder"]
    start = min(timed(embed, ["warm"])[0] for _ in range(2))
    return {"chunks": len(chunks), "seconds": timed(embed, chunks)[0] - start}


def engines(context, chunks, python, model, packages):
    """The same chunks by Freshet and by the engines' own Python packages, on one core and on all."""
    found = {}
    for cores in sorted({1, os.cpu_count()}):
        pin = ["taskset", "-c", ",".join(map(str, range(cores)))]
        embed = [*pin, context.freshet, "embed", "batch", "--embedder", "encoder", "--precision", "f32"]
        seconds, vectors = timed(embed, chunks)
        begun = min(timed(embed, chunks[:1])[0] for _ in range(2))
        peer = [*pin, python, os.path.join(HERE, "engines.py"), "--model", model, "--openvino", packages, "--threads", str(cores)]
        done = subprocess.run(peer, input=vectors, capture_output=True, text=True, check=True)
        found[str(cores)] = {"Freshet, f32, from texts": {"chunks": len(chunks), "seconds": seconds - begun}, **json.loads(done.stdout)}
    return found


def bulk(name, context, folder, second=False):
    """All files, from when the process is ready; with a second embed process where asked. The encoder alone is measured
    right before and after: machines that are shared change their pace within minutes."""
    sample = chunks_of(context, folder)[::ALONE_EVERY]
    beside = [alone(context, sample)]
    found = loaded(name, context, folder, second)
    beside.append(alone(context, sample))
    return {**found, "alone": {key: sum(row[key] for row in beside) for key in ("chunks", "seconds")}}


def loaded(name, context, folder, second):
    embedder = ONE_THREAD if name == "kafka-hops" else ENCODER
    with ways.Way(name, context, embedder=embedder) as way:
        if name == "kafka-hops":
            way.start(("index", "embed", "chunk", "deid"))
            if second:
                way.launch("embed, second", "embed", "second.yaml")
                time.sleep(3)  # until partitions have been shared out
            last = lambda: way.start(("connector",))
        else:
            last = way.start
        corpus.copy(folder, way.path("files"))
        begin = time.monotonic()
        last()
        ready = time.monotonic() - begin
        files = corpus.size(folder)[0]
        way.wait_for(files)
        return {"seconds": time.monotonic() - begin - ready, "documents": files, "chunks": way.counts()[1], "memory": way.memory()}


def changed(name, context, folder, count, backfill):
    """Changes in one folder; with a backfill, while another is embedded for the first time."""
    with ways.Way(name, context, sources=("files", "archive")) as way:
        corpus.copy(folder, way.path("archive"), None if backfill else 50)
        corpus.copy(folder, way.path("files"), 20)
        way.start()
        everything = sum(corpus.size(way.path(source))[0] for source in way.sources)
        way.wait_for(50 if backfill else everything)
        with changes.Probe(way.pipeline, changes.Folder(way.path("files"))) as probe:
            found = probe.run(count, GAP, access=True, goes_on=lambda: not backfill or way.counts()[0] < 0.95 * everything)
        return {**found, "memory": way.memory(), "loaded": way.counts()[0] / everything}


def found_items(context, archive, questions, answers, embedder, modes):
    with ways.Way("embedded", context, embedder=embedder, policy="none") as way:
        files = retrieval.extract(archive, way.path("files"), questions, answers)
        way.start()
        way.wait_for(files)
        return {"answers": files, **{mode: retrieval.ask(way.pipeline, questions, mode) for mode in modes}}


def measure(args, context):
    run = spine.Run(os.path.join(args.work, "legs"))
    medquad = os.path.join(args.shared, "data", "ir_medquad")
    archive = os.path.join(medquad, "medquad_xml_sets1-9.tar.gz")
    head = run.step("head", lambda: steps.head(args, context, archive))
    folder = head["corpus"]["folder"]
    large = os.path.join(context.work, f"backfill-{args.backfill}")
    if not os.path.isdir(large):
        corpus.extract(archive, large, args.backfill)
    if context.python:
        run.step("engines", lambda: engines(context, chunks_of(context, folder)[::args.every], context.python, args.model, args.packages))
    for name in ways.LABELS:
        run.step("bulk-" + name, lambda: bulk(name, context, folder))
    run.step("bulk-second", lambda: bulk("kafka-hops", context, folder, second=True))
    for name in ways.LABELS:
        run.step("idle-" + name, lambda: changed(name, context, folder, args.count, backfill=False))
        run.step("busy-" + name, lambda: changed(name, context, large, args.count, backfill=True))
    questions = retrieval.read_questions(os.path.join(medquad, "known_item_questions.jsonl"), args.questions)
    run.step("words", lambda: found_items(context, archive, questions, None, "{kind: hashing}", ("lexical",)))
    run.step("meaning", lambda: found_items(context, archive, questions, args.answers, ENCODER, retrieval.MODES))
    run.found["head"]["machine"]["load_end"] = f"{os.getloadavg()[0]:.1f}"
    return run.found


def main():
    args = arguments()
    if not os.path.isdir(os.path.join(args.shared, "data")):
        print(f"bench: SKIPPED: the corpus lies in {args.shared}, which is not there", file=sys.stderr)
        return 0
    os.nice(args.nice)
    os.makedirs(args.work, exist_ok=True)
    context = pipelines.Context(freshet=os.path.abspath(args.freshet), work=os.path.abspath(args.work), peers="", python=args.python)
    found = measure(args, context)
    found.update(command=args.command, date=datetime.date.today().isoformat())
    with open(os.path.join(args.work, "legs.json"), "w") as file:
        json.dump(found, file, indent=1)
    text = legs_table.render(found)
    with open(os.path.join(args.work, "legs.md"), "w") as file:
        file.write(text)
    if args.readme:
        with open(args.readme) as file:
            readme = file.read()
        with open(args.readme, "w") as file:
            file.write(table.between_marks(readme, text, legs_table.BEGIN, legs_table.END))
    shutil.rmtree(os.path.join(args.work, "legs"))
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

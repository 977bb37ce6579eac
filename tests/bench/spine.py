#!/usr/bin/env python3
"""Measures the whole pipeline beside its peers in one run; tests/bench/run.sh sets it up and calls it.

  tests/bench/spine.py --freshet build/release/bin/freshet --work build/bench --python build/bench/peers/bin/python

Every step writes build/bench/run/<step>.json and is not done again while that is there, so a run that was ended goes on
where it was; a finished run writes build/bench/spine.json and spine.md and the next one starts anew. A step that fails is
told of, and the others go on. Without ../shared nothing can be measured, which is said aloud.
"""
import argparse
import datetime
import json
import os
import shutil
import sys

import pipelines
import steps
import table


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--freshet", required=True)
    parser.add_argument("--lexical-bench", help="the program that measures the lexical index alone")
    parser.add_argument("--work", required=True)
    parser.add_argument("--python", help="an interpreter that has the peers; without one they are skipped")
    parser.add_argument("--shared", default="../shared")
    parser.add_argument("--files", type=int, help="only so many of the corpus: to see that all works")
    parser.add_argument("--rounds", type=int, default=3, help="bulk loads of each pipeline, in turn; the median counts")
    parser.add_argument("--count", type=int, default=60, help="changes of each kind")
    parser.add_argument("--nice", type=int, default=0, help="of everything that is measured and what measures it")
    parser.add_argument("--command", default="make bench", help="what the table says it was made by")
    parser.add_argument("--readme", help="a README whose part between the marks is replaced by the table")
    return parser.parse_args()


class Run:
    """The steps of one run and what they found, each kept in a file of its own."""

    def __init__(self, work):
        self.folder, self.found = os.path.join(work, "run"), {}
        os.makedirs(self.folder, exist_ok=True)

    def step(self, name, measure):
        path = os.path.join(self.folder, name + ".json")
        if not os.path.exists(path):
            print(f"bench: {name}", file=sys.stderr, flush=True)
            try:
                result = measure()
            except Exception as error:  # one peer that does not run must not cost the others' figures
                print(f"bench: SKIPPED {name}: {error}", file=sys.stderr, flush=True)
                result = {"skipped": str(error)}
            with open(path + ".new", "w") as file:
                json.dump(result, file, indent=1)
            os.replace(path + ".new", path)
        with open(path) as file:
            self.found[name] = json.load(file)
        return self.found[name]


def measure(args, context):
    run = Run(args.work)
    archive = os.path.join(args.shared, "data", "ir_medquad", "medquad_xml_sets1-9.tar.gz")
    head = run.step("head", lambda: steps.head(args, context, archive))
    files = head["corpus"]["folder"]
    everyone = [pipelines.freshet(context)] + (pipelines.peers(context) if args.python else [])
    run.step("edits", lambda: steps.edited(context, files))
    for round_ in range(args.rounds):
        for pipeline in everyone:
            last = round_ == args.rounds - 1
            run.step(f"bulk-{round_}-{pipeline.name}", lambda: steps.one(pipeline, context, files, args.count if last else 0))
    run.step("backfill", lambda: steps.backfill(context, files, args.count))
    if args.lexical_bench:
        run.step("lexical", lambda: steps.lexical(args.lexical_bench, files))
    return steps.gather(run.found, everyone, has_peers=bool(args.python))


def main():
    args = arguments()
    if not os.path.isdir(os.path.join(args.shared, "peers")):
        print(f"bench: SKIPPED: the corpus and the peers' scripts lie in {args.shared}, which is not there", file=sys.stderr)
        return 0
    os.nice(args.nice)
    os.makedirs(args.work, exist_ok=True)
    context = pipelines.Context(freshet=os.path.abspath(args.freshet), work=os.path.abspath(args.work),
                                peers=os.path.abspath(os.path.join(args.shared, "peers")),
                                python=args.python and os.path.abspath(args.python))
    found = measure(args, context)
    found["command"], found["date"] = args.command, datetime.date.today().isoformat()
    with open(os.path.join(args.work, "spine.json"), "w") as file:
        json.dump(found, file, indent=1)
    text = table.render(found)
    with open(os.path.join(args.work, "spine.md"), "w") as file:
        file.write(text)
    if args.readme:
        with open(args.readme) as file:
            readme = file.read()
        with open(args.readme, "w") as file:
            file.write(table.between_marks(readme, text))
    shutil.rmtree(os.path.join(args.work, "run"))
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The quality and speed of de-identification on two public sets, with Microsoft Presidio beside where it is installed.

    tests/bench/deid.py build/release [--shared ../shared] [--presidio PYTHON] [--out build/bench/deid]

Builds nothing. Ours is `freshet deid batch` under safe_harbor, nobody known; every system's spans are scored by the same
script. Printed for the sets as they are, all in lower case and all in capitals (where that keeps every character's place),
and for the halves that the name model was not trained on (odd templates, odd queries). Speed is of CPU time on notes of
4,000 characters: MedQuAD's articles that the model was not trained on, which also tell what share of clinical text that
holds no patients is changed; Presidio's is its own script's. PYTHON is an interpreter that has
presidio-analyzer, presidio-anonymizer and its models; without one Presidio is skipped, aloud.
"""
import argparse
import importlib.util
import json
import os
import random
import subprocess
import sys
import tarfile
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def load_scorer(shared):
    path = os.path.join(shared, "peers", "deid_score.py")
    if not os.path.exists(path):
        print(f"deid: SKIPPED, no {path}")
        sys.exit(0)
    spec = importlib.util.spec_from_file_location("deid_score", path)
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    spec.loader.exec_module(module)
    return module


def recased(sets, change):
    """The same sets in another case; a text whose length would change stays as it is."""
    def of(text):
        changed = "".join(change(char) if len(change(char)) == 1 else char for char in text)
        return changed

    return {name: [{**doc, "text": of(doc["text"]), "values": [(kind, of(value)) for kind, value in doc["values"]],
                    "gold": [(b, e, kind, of(value), phi) for b, e, kind, value, phi in doc["gold"]]} for doc in docs]
            for name, docs in sets.items()}


def held_out(sets, data):
    with open(os.path.join(data, "deid_presidio_synth", "spans.jsonl"), encoding="utf-8") as file:
        odd = [json.loads(line)["template_id"] % 2 == 1 for line in file if line.strip()]
    return {name: [doc for number, doc in enumerate(docs) if (odd[number] if "synth" in name else number % 2 == 1)]
            for name, docs in sets.items()}


def ours(binary, sets):
    """Predictions and the characters a second of the whole command, JSON and start of the process included."""
    texts = [doc for docs in sets.values() for doc in docs]
    lines = "".join(json.dumps({"id": doc["id"], "text": doc["text"]}) + "\n" for doc in texts)
    began = time.perf_counter()
    done = subprocess.run([binary, "deid", "batch"], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - began
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return {row["id"]: row for row in rows}, sum(len(doc["text"]) for doc in texts) / seconds


def row_of(title, score, sets, predictions):
    result = score.score(dict(sets), predictions)
    whole, leak = result[score.SYNTH]["hipaa_only"]["overall"], result[score.ASQ]["leak"]
    figures = [whole["R50"], whole["Rstrict"], whole["P"], whole["F2"], leak["leak"], leak["over_redaction"]]
    print(f"{title:<36}" + "".join(f"{'-' if figure is None else format(figure, '.3f'):>9}" for figure in figures))
    return result


def by_type(result, score):
    for name, types in (("synthetic texts", result[score.SYNTH]["hipaa_only"]["types"]),):
        print(f"\n{name + ', by type':<36}{'gold':>9}{'recall':>9}{'strict':>9}{'precis.':>9}")
        for kind, one in types.items():
            precision = "-" if one["P"] is None else format(one["P"], ".3f")
            print(f"{kind:<36}{one['gold']:>9}{one['R50']:>9.3f}{one['Rstrict']:>9.3f}{precision:>9}")
    print(f"\n{'queries, by type':<36}{'values':>9}{'leak':>9}")
    for kind, one in result[score.ASQ]["leak"]["types"].items():
        print(f"{kind:<36}{one['values']:>9}{one['leak']:>9.3f}")


def notes_of_medquad(shared, folder, limit=400, size=4000):
    """Answers of every other article, joined and cut into files of one size; None where they are not there."""
    archive = os.path.join(shared, "data", "ir_medquad", "medquad_xml_sets1-9.tar.gz")
    if not os.path.exists(archive):
        return None
    os.makedirs(folder, exist_ok=True)
    pairs = {}
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.name.endswith(".xml"):
                root = ElementTree.fromstring(tar.extractfile(member).read())
                pairs[member.name] = [(pair.findtext("Answer") or "").strip() for pair in root.iter("QAPair")]
    held_out = [answer for name in sorted(pairs)[1::2] for answer in pairs[name] if answer]
    random.Random(3).shuffle(held_out)
    text = "\n\n".join(held_out)
    for number in range(min(limit, len(text) // size)):
        with open(os.path.join(folder, f"{number}.txt"), "w", encoding="utf-8") as file:
            file.write(text[number * size:(number + 1) * size])
    return folder


def speed(build, shared, out):
    program = os.path.join(build, "bin", "deid_speed")
    notes = notes_of_medquad(shared, os.path.join(out, "notes")) if os.path.exists(program) else None
    if notes is None:
        print("speed: SKIPPED, no deid_speed in the build or no MedQuAD")
        return
    done = subprocess.run([program, notes, "safe_harbor", "1000"], stdout=subprocess.PIPE, check=True, text=True)
    print("\nfreshet, notes of 4,000 characters: " + done.stdout.strip().replace("\n", "\n  "))


# Configurations of its script: as it comes, and as a hospital would set it up, with organisations (which names of
# hospitals are to it) and every recogniser for the United States that it has.
PRESIDIO = {"shipped-md": "presidio 2.2.366 as shipped, md", "org-us-md": "presidio tuned: orgs, all of US"}


def run_presidio(python, shared, out):
    """Of each configuration: its predictions, and characters a second by load."""
    if not python:
        print("presidio: SKIPPED, no interpreter that has it was named (--presidio)")
        return {}
    script = os.path.join(shared, "peers", "deid_presidio.py")
    done = subprocess.run([python, script, "--data", os.path.join(shared, "data"), "--out", out, "--configs",
                           ",".join(PRESIDIO), "--repeat", "1"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        print("presidio: SKIPPED, it does not run here: " + done.stdout.strip().splitlines()[-1])
        return {}
    results = {}
    for config in PRESIDIO:
        with open(os.path.join(out, f"{config}.pred.jsonl"), encoding="utf-8") as file:
            predictions = {row["id"]: row for row in map(json.loads, file)}
        with open(os.path.join(out, f"{config}.json"), encoding="utf-8") as file:
            loads = json.load(file)["throughput"]
        results[config] = predictions, {load: one["chars_per_s"] for load, one in loads.items()}
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build")
    parser.add_argument("--shared", default=os.path.join(os.path.dirname(ROOT), "shared"))
    parser.add_argument("--presidio")
    parser.add_argument("--out", default=os.path.join(ROOT, "build", "bench", "deid"))
    args = parser.parse_args()
    score = load_scorer(args.shared)
    os.makedirs(args.out, exist_ok=True)
    data = os.path.join(args.shared, "data")
    binary = os.path.join(args.build, "bin", "freshet")
    sets = score.load_gold(data)
    print(f"{'':<36}{'recall':>9}{'strict':>9}{'precis.':>9}{'F2':>9}{'leak':>9}{'negatives':>10}")
    predictions, whole = ours(binary, sets)
    result = row_of("freshet", score, sets, predictions)
    row_of("freshet, held-out halves", score, held_out(sets, data), predictions)
    for title, change in (("freshet, all in lower case", str.lower), ("freshet, all in capitals", str.upper)):
        other = recased(sets, change)
        row_of(title, score, other, ours(binary, other)[0])
    for config, (found, loads) in run_presidio(args.presidio, args.shared, args.out).items():
        row_of(PRESIDIO[config], score, sets, found)
        row_of("presidio, held-out halves", score, held_out(sets, data), found)
        print(f"presidio, characters/s: {loads}")
    print(f"freshet deid batch, characters/s, short texts, process and JSON included: {whole:,.0f}")
    speed(args.build, args.shared, args.out)
    by_type(result, score)
    with open(os.path.join(args.out, "freshet.pred.jsonl"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in predictions.values())


if __name__ == "__main__":
    main()

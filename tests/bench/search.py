#!/usr/bin/env python3
"""What search costs and how good it is. Resumable: each step's figures lie in WORK/search/*.json, and what is there is
not measured again.

    search.py --vector-bench build/release/bin/vector_bench --freshet build/release/bin/freshet --work build/bench
              [--sizes 10000,100000] [--churn 10] [--embedder encoder|hashing] [--archive …] [--questions …]
              [--query-test build/release/bin/freshet_query_test] [--searches 1000000] [--only permissions]

Vectors: `vector_bench` for each size (1000000 for the whole), with churn at those up to 100,000. Quality: MedQuAD's
answers without their questions, one document each, served by `freshet run`; known-item questions by `freshet eval
search`, by words, by meaning, by both. Permissions: so many searches of random histories, each answer held against a
reference (services/query/permission_test.cc). Prints a Markdown table. Peers: search_peers.py."""
import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
import urllib.request
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(ROOT, "..", "shared", "data", "ir_medquad")
TOKEN = "search-bench"
CHURNED_UP_TO = 100_000
LOAD_LIMIT = 580  # seconds
HISTORIES, SEARCHES_A_CHANGE = 20, 25  # of a slice: 60,000 searches
CONFIG = """tenant: bench
data_dir: {work}/data
keys: {{tenant: "${{FILE:{work}/tenant.key}}"}}
sources:
  - {{name: files, connector: folder, collection: answers, options: {{root: {work}/files, default_access: everyone}}}}
collections:
  - {{name: answers, deidentify: none}}
embedder: {{kind: {embedder}}}
query: {{listen: "127.0.0.1:{port}", tokens: "${{FILE:{work}/tokens.yaml}}"}}
"""


def kept(path, measure):
    """The figures in `path`; measured, and written there whole, where it is not there yet."""
    if not os.path.exists(path):
        found = measure()
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(found, file)
        os.rename(path + ".new", path)
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def vectors(args, count, folder):
    work = os.path.join(folder, f"vectors-{count}")
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    churn = args.churn if count <= CHURNED_UP_TO else 0
    done = subprocess.run([args.vector_bench, work, str(count), str(churn)], stdout=subprocess.PIPE, check=True)
    shutil.rmtree(work)
    return json.loads(done.stdout)


def add_seconds(path, more):
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            more += float(file.read())
    with open(path, "w", encoding="utf-8") as file:
        file.write(str(more))
    return more


def answers(archive):
    """(document, answer) of every pair: xml/1_X/0001.xml and pair 0001-2 are 1_X/0001/0001-2.txt."""
    with tarfile.open(archive) as tar:
        for member in tar:
            if not member.name.endswith(".xml"):
                continue
            root = ElementTree.fromstring(tar.extractfile(member).read())
            for pair in root.iter("QAPair"):
                answer = (pair.findtext("Answer") or "").strip()
                if answer:
                    yield name_of(member.name, pair.find("Question").get("qid")), answer


def name_of(document, qid):
    return os.path.join(*document.removesuffix(".xml").split("/")[-2:], qid + ".txt")


def golden_of(questions):
    """One golden question of each line of MedQuAD's known items; their ids are made unique."""
    golden = []
    for number, line in enumerate(questions):
        row = json.loads(line)
        golden.append({"id": str(number), "question": row["question"],
                       "relevant": [name_of(row["document"], row["qid"])]})
    return golden


def prepare(args, work):
    for name, answer in answers(args.archive):
        path = os.path.join(work, "files", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(answer + "\n")
    with open(args.questions, encoding="utf-8") as file, open(os.path.join(work, "golden.jsonl"), "w") as out:
        out.writelines(json.dumps(question) + "\n" for question in golden_of(file))
    subprocess.run([args.freshet, "keys", "new", "--out", os.path.join(work, "tenant.key")], check=True)
    with open(os.path.join(work, "tokens.yaml"), "w") as file:
        file.write(f'- {{token: "{TOKEN}", user: bench, groups: [freshet-operators], tenant: bench}}\n')


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def searchable(url):
    request = urllib.request.Request(url + "/v1/freshness", headers={"Authorization": "Bearer " + TOKEN})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer).get("documents") or 0
    except (OSError, ValueError):
        return -1


def quality(args, folder):
    work = os.path.join(folder, "quality")
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    prepare(args, work)
    files = sum(len(names) for _, _, names in os.walk(os.path.join(work, "files")))
    port = free_port()
    with open(os.path.join(work, "freshet.yaml"), "w") as file:
        file.write(CONFIG.format(work=work, embedder=args.embedder, port=port))
    log = open(os.path.join(work, "log"), "wb")
    process = subprocess.Popen([args.freshet, "run", "--config", os.path.join(work, "freshet.yaml")], stdout=log, stderr=log)
    try:
        url, begin = f"http://127.0.0.1:{port}", time.monotonic()
        while searchable(url) < files:
            if process.poll() is not None or time.monotonic() - begin > LOAD_LIMIT:
                raise RuntimeError(f"the answers were not loaded: see {work}/log")
            time.sleep(0.5)
        return {mode: evaluate(args, work, url, mode) for mode in ("lexical", "vector", "hybrid")}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def evaluate(args, work, url, mode):
    done = subprocess.run([args.freshet, "eval", "search", "--golden", os.path.join(work, "golden.jsonl"), "--url", url,
                           "--token", TOKEN, "--mode", mode, "--json"], stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    found.pop("questions")
    return found


def permissions(args, folder):
    """Searches of random histories, in slices of some minutes, until there are enough."""
    total, seed = {"searches": 0, "could_leak": 0, "raced": 0}, 1
    while total["searches"] < args.searches:
        path = os.path.join(folder, f"permissions-{seed}.json")
        counted = kept(path, lambda: permission_slice(args, folder, seed))
        for name in total:
            total[name] += counted[name]
        seed += HISTORIES
    return total


def permission_slice(args, folder, seed):
    path = os.path.join(folder, "permissions.gtest.json")
    environment = dict(os.environ, FRESHET_PERMISSION_FIRST=str(seed), FRESHET_PERMISSION_SEEDS=str(HISTORIES),
                       FRESHET_PERMISSION_SEARCHES=str(SEARCHES_A_CHANGE))
    subprocess.run([args.query_test, "--gtest_filter=PermissionFuzz.*", "--gtest_output=json:" + path], cwd=ROOT,
                   env=environment, stdout=subprocess.DEVNULL, check=True)
    with open(path, encoding="utf-8") as file:
        tests = json.load(file)["testsuites"][0]["testsuite"]
    return {name: int(next(test[name] for test in tests if name in test)) for name in ("searches", "could_leak", "raced")}


def table(sizes, judged, guarded=None):
    lines = ["| vectors | readable | recall@10 | p50 / p95 / p99 ms | after churn: recall@10 | p50 / p95 / p99 ms |",
             "|---|---|---|---|---|---|"]
    for figures in sizes:
        for permille, built in sorted(figures["built"].items(), key=lambda row: -int(row[0])):
            after = figures.get("churned", {}).get(permille)
            lines.append(f"| {figures['count']:,} | {int(permille) / 10:g} % | {cells(built)} | {cells(after) if after else '- | -'} |")
    lines += ["", "| known items | first is right | recall@10 | MRR@10 |", "|---|---|---|---|"]
    for mode, figures in (judged or {}).items():
        lines.append("| " + " | ".join([mode] + [interval(figures[name]) for name in ("first", "recall", "mrr")]) + " |")
    if guarded:
        share = 100 * guarded["could_leak"] / guarded["searches"]
        lines += ["", f"{guarded['searches']:,} searches of random histories, and {guarded['raced']:,} that raced with "
                  f"changes of access: none showed what was forbidden; without access {share:.0f} % of the first would have."]
    return "\n".join(lines)


def cells(row):
    return f"{row['recall']:.3f} | {row['p50_ms']:.2f} / {row['p95_ms']:.2f} / {row['p99_ms']:.2f}"


def interval(figures):
    return f"{figures['mean']:.3f} ({figures['low']:.3f} to {figures['high']:.3f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vector-bench", required=True)
    parser.add_argument("--freshet", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--churn", type=int, default=10)
    parser.add_argument("--embedder", default="encoder")
    parser.add_argument("--archive", default=os.path.join(DATA, "medquad_xml_sets1-9.tar.gz"))
    parser.add_argument("--query-test", help="not given: no permissions")
    parser.add_argument("--searches", type=int, default=1_000_000)
    parser.add_argument("--only", default="vectors,quality,permissions", help="of these steps")
    parser.add_argument("--questions", default=os.path.join(DATA, "known_item_questions.jsonl"))
    args = parser.parse_args()
    folder = os.path.join(os.path.abspath(args.work), "search")
    os.makedirs(folder, exist_ok=True)
    only, judged = args.only.split(","), None
    sizes = [kept(os.path.join(folder, f"vectors-{count}.json"), lambda: vectors(args, count, folder))
             for count in map(int, args.sizes.split(",")) if "vectors" in only]
    if "quality" in only and os.path.exists(args.archive):
        judged = kept(os.path.join(folder, f"quality-{args.embedder}.json"), lambda: quality(args, folder))
    elif "quality" in only:
        print("search: SKIPPED quality: there is no " + args.archive, file=sys.stderr)
    guarded = permissions(args, folder) if args.query_test and "permissions" in only else None
    print(table(sizes, judged, guarded))


if __name__ == "__main__":
    main()

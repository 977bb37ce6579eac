#!/usr/bin/env python3
"""Measures the whole pipeline beside its peers, in one run: bulk load, freshness of single changes, restart, disk.

  tests/bench/spine.py --freshet build/release/bin/freshet --work build/bench [--shared ../shared] [--skip-peers] [--files N]

Files: the 16,407 MedQuAD answers as text files (../shared/data/ir_medquad). All pipelines embed by hashing words, so what is
compared is the pipeline. Ours de-identifies (safe_harbor), checks access, indexes words and vectors, and is durable; the peers
do vectors only. Prints Markdown tables and writes them to WORK/spine.md; each figure also to WORK/*.json.
Without ../shared it skips aloud; a peer that cannot be installed is skipped aloud.
"""
import argparse, http.client, json, os, shutil, signal, subprocess, sys, time

SITE = """tenant: bench
data_dir: {data}
keys: {{tenant: "${{FILE:tenant.key}}"}}
log: {{kind: embedded}}
pipeline: {{fuse: true}}
sources:
  - name: files
    connector: folder
    collection: answers
    options: {{root: {root}, default_access: everyone}}
collections:
  - {{name: answers, deidentify: safe_harbor}}
embedder: {{kind: hashing}}
query: {{listen: "127.0.0.1:{port}", tokens: "${{FILE:tokens.yaml}}"}}
"""
HEADERS = ["--header", "Authorization: Bearer bench-token", "--header", "Content-Type: application/json"]


def sh(command, **options):
    print("  $", " ".join(command)[:160], file=sys.stderr)
    return subprocess.run(command, **options)


class Ours:
    def __init__(self, args, name, port):
        self.args, self.port = args, port
        self.dir = os.path.join(args.work, name)
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        self.root = os.path.join(self.dir, "files")
        sh([args.freshet, "keys", "new", "--out", os.path.join(self.dir, "tenant.key")], check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(self.dir, "tokens.yaml"), "w") as f:
            f.write('- {token: "bench-token", user: bench, groups: [bench, freshet-operators], tenant: bench}\n')
        self.config = os.path.join(self.dir, "freshet.yaml")
        with open(self.config, "w") as f:
            f.write(SITE.format(data=os.path.join(self.dir, "data"), root=self.root, port=port))

    command = property(lambda self: [self.args.freshet, "run", "--config", self.config])
    url = property(lambda self: f"http://127.0.0.1:{self.port}")

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Authorization": "Bearer bench-token"})
        return json.loads(connection.getresponse().read())

    def start(self):
        log = open(os.path.join(self.dir, "freshet.log"), "a")
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=log, text=True)
        begin = time.monotonic()
        self.process.stdout.readline()
        return time.monotonic() - begin

    def wait_documents(self, count, limit=600):
        begin = time.monotonic()
        while self.get("/v1/freshness")["documents"] < count:
            if time.monotonic() - begin > limit:
                sys.exit("not all files became searchable in time")
            time.sleep(0.1)
        return time.monotonic() - begin

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(60)

    def bytes_on_disk(self):
        total = 0
        for folder, _, names in os.walk(os.path.join(self.dir, "data")):
            total += sum(os.path.getsize(os.path.join(folder, n)) for n in names)
        return total


def peers_dir(args):
    return os.path.join(args.shared, "peers")


def bulk(args, ours, files):
    """Start to all files searchable, by the peers' own harness."""
    shutil.copytree(files, ours.root)
    out = os.path.join(args.work, "bulk_freshet.json")
    sh([sys.executable, os.path.join(peers_dir(args), "bench_bulk.py"), "--files", ours.root, "--url",
        f"{ours.url}/v1/search#{{q}}", "--post", '{"query": {q_json}, "top_k": 10}', *HEADERS, "--count-url",
        f"{ours.url}/v1/freshness", "--count-key", "documents", "--label", "freshet", "--json", out, "--log",
        os.path.join(ours.dir, "freshet.log"), "--", *ours.command], check=True, stdout=subprocess.DEVNULL)
    with open(out) as f:
        return json.load(f)


def probe(args, ours, label, count):
    out = os.path.join(args.work, f"probe_{label}.json")
    staging = os.path.join(ours.dir, "staging")
    sh([sys.executable, os.path.join(peers_dir(args), "freshness_probe.py"), "--write-dir", ours.root, "--staging-dir", staging,
        "--url", f"{ours.url}/v1/search", "--post", '{"query": {q_json}, "top_k": 5}', *HEADERS, "--q-prefix", "", "--n",
        str(count), "--poll-ms", "1", "--gap-ms", "200", "--label", label, "--json", out], check=True, stdout=subprocess.DEVNULL)
    with open(out) as f:
        return json.load(f)


def searchable(ours):
    """What the pipeline itself measured, commit in the source to searchable."""
    return ours.get("/v1/freshness")["sources"][0]["searchable_ms"]


def access_probe(ours, count):
    """A folder's list narrows and widens; milliseconds until a search says the same."""
    folder = os.path.join(ours.root, "access-probe")
    os.makedirs(folder, exist_ok=True)
    rule = os.path.join(folder, "_access.yaml")
    connection = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=30)

    def found():
        connection.request("POST", "/v1/search", json.dumps({"query": "accessprobeword", "top_k": 3, "mode": "lexical"}),
                           {"Authorization": "Bearer bench-token", "Content-Type": "application/json"})
        return any("accessprobeword" in h["text"] for h in json.loads(connection.getresponse().read())["hits"])

    def write(allow):
        with open(rule + ".new", "w") as f:
            f.write("inherit: false\nallow: [%s]\n" % allow)
        begin = time.monotonic()
        os.rename(rule + ".new", rule)
        return begin

    with open(os.path.join(folder, "probe.txt"), "w") as f:
        f.write("accessprobeword stands here for the probe of access changes.\n")
    times = []
    for i in range(2 * count):
        want = i % 2 == 0
        begin = write('"group:bench"' if want else '"user:nobody"')
        while found() != want:
            if time.monotonic() - begin > 20:
                sys.exit("an access change did not take effect")
            time.sleep(0.001)
        times.append((time.monotonic() - begin) * 1000)
        time.sleep(0.05)
    return quantiles(times)


def quantiles(values):
    values = sorted(values)
    at = lambda p: values[min(len(values) - 1, round(p * (len(values) - 1)))]
    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "n": len(values)}


def edit_one_sentence(ours, count=20):
    """How many chunks one changed sentence adds, over the largest files."""
    def chunks():
        return metric(ours, "freshet_embed_texts_total")
    return None


def metric(ours, name):
    connection = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=30)
    connection.request("GET", "/metrics")
    total = 0.0
    for line in connection.getresponse().read().decode().splitlines():
        if line.startswith(name + "{") or line.startswith(name + " "):
            total += float(line.rsplit(" ", 1)[1])
    return total


def stage_shares(ours):
    connection = http.client.HTTPConnection("127.0.0.1", ours.port, timeout=30)
    connection.request("GET", "/metrics")
    shares = {}
    for line in connection.getresponse().read().decode().splitlines():
        if line.startswith("freshet_stage_busy_seconds_total{"):
            stage = line.split('stage="')[1].split('"')[0]
            shares[stage] = float(line.rsplit(" ", 1)[1])
    return shares

#!/usr/bin/env python3
"""What telemetry costs: the CPU time of the same work with all of it on and off, interleaved on, off, off, on.

  tests/bench/telemetry.py build/release/bin/freshet build/bench/telemetry [--blocks 6] [--files 3000]       a quiet machine

Each run is a new site over the same files: a first load, then changes of every kind and questions. On: metrics, histograms,
SLOs, log lines, one trace of a hundred told to a collector, and Prometheus asking for /metrics every second (fifteen times as
often as it would). Off: `telemetry: {enabled: false}`. The embedder is the hashing one, so that nothing dear hides what telemetry costs. Of each block of four runs
the ratio on/off is one observation; the interval is Student's, of their logarithms.
"""
import argparse
import http.server
import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

import procs

GOAL = 0.03
LEAST = 300  # files
ORDER = ("on", "off", "off", "on")
# Two-sided 95 %, by degrees of freedom (Student 1908; any table).
STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228, 11: 2.201,
           12: 2.179, 13: 2.160, 14: 2.145, 15: 2.131, 19: 2.093, 29: 2.045}
CONFIG = """tenant: bench
data_dir: ./data
keys: {{tenant: "${{FILE:tenant.key}}"}}
log: {{kind: embedded}}
sources:
  - name: files
    connector: folder
    collection: files
    options: {{root: ./root, default_access: everyone}}
    slo: {{searchable: {{target: 5s, objective: 0.999}}, revoked: {{target: 1s, objective: 0.9999}}}}
collections: [{{name: files, deidentify: safe_harbor}}]
embedder: {{kind: hashing}}
query: {{listen: "127.0.0.1:0", tokens: "${{FILE:tokens.yaml}}"}}
telemetry: {telemetry}
"""
TELEMETRY = {"on": '{{otlp: {{endpoint: "http://127.0.0.1:{0}"}}}}', "off": "{{enabled: false}}"}
TEXT = "The ward keeps a list of rooms and of who cleans them when. Hands are washed before and after. " * 8


def ratio(block):
    """on / off of one block of four runs, each (way, seconds)."""
    logs = {way: [math.log(seconds) for of, seconds in block if of == way] for way in ("on", "off")}
    return statistics.mean(logs["on"]) - statistics.mean(logs["off"])


def interval(blocks):
    """(overhead, lower, upper) as shares, of the blocks' logarithmic ratios."""
    ratios = [ratio(block) for block in blocks]
    middle = statistics.mean(ratios)
    if len(ratios) < 2:
        return math.expm1(middle), -1.0, math.inf
    freedom = max(key for key in STUDENT if key <= len(ratios) - 1)  # fewer degrees: a wider interval
    reach = STUDENT[freedom] * statistics.stdev(ratios) / math.sqrt(len(ratios))
    return tuple(math.expm1(value) for value in (middle, middle - reach, middle + reach))


def verdict(lower, upper):
    return "holds" if upper <= GOAL else "does not hold" if lower > GOAL else "is undecided: take more blocks"


class Collector(http.server.BaseHTTPRequestHandler):
    """Takes every trace, in this process: its time is not Freshet's."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def collector():
    """The port of one that runs until the end."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


class Run:
    def __init__(self, freshet, folder, way, files, port):
        self.freshet, self.folder, self.way, self.files = os.path.abspath(freshet), folder, way, files
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(os.path.join(folder, "root"))
        subprocess.run([self.freshet, "keys", "new", "--out", self.path("tenant.key")], check=True, stdout=subprocess.DEVNULL)
        self.write("tokens.yaml", '- {token: "bench-token-of-this-run", user: b, groups: [], tenant: bench}\n')
        self.write("freshet.yaml", CONFIG.format(telemetry=TELEMETRY[way].format(port)))
        for number in range(files):
            self.write(f"root/{number % 100}/{number}.txt", f"docword{number} stands here. {TEXT}")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path("staged"), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(self.path("staged"), self.path(name))

    def ask(self, path, body=None):
        request = urllib.request.Request(self.url + path, None if body is None else json.dumps(body).encode(), {
            "Authorization": "Bearer bench-token-of-this-run", "Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()

    def found(self, word):
        hits = json.loads(self.ask("/v1/search", {"query": word, "mode": "lexical", "top_k": 5}))["hits"]
        return any(word in hit["text"] for hit in hits)

    def until(self, holds):
        begin = time.monotonic()
        while not holds():
            if self.process.poll() is not None or time.monotonic() - begin > 600:
                raise RuntimeError(f"{self.way}: see {self.path('log')}")
            time.sleep(0.2)

    def work(self):
        self.until(lambda: json.loads(self.ask("/v1/freshness")).get("documents", 0) >= self.files)
        for number in range(200):
            self.write(f"root/{number % 100}/{number}.txt", f"newword{number} stands here now. {TEXT}")
        for number in range(200, 250):
            os.unlink(self.path(f"root/{number % 100}/{number}.txt"))
        self.write("root/99/_access.yaml", 'inherit: false\nallow: ["user:b"]\n')
        self.until(lambda: self.found("newword199") and not self.found("docword249"))
        for number in range(1000):
            self.ask("/v1/search", {"query": f"rooms and hands docword{number + 300}", "top_k": 10})

    def scrape(self, ended):
        while not ended.wait(1):
            self.ask("/metrics")

    def seconds(self):
        """CPU seconds from start to the end of the work."""
        with open(self.path("log"), "wb") as log:
            self.process = subprocess.Popen([self.freshet, "run", "--config", self.path("freshet.yaml")],
                                            stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
        try:
            self.url = self.process.stdout.readline().split()[-1]
            ended = threading.Event()
            scraper = threading.Thread(target=self.scrape, args=(ended,))
            if self.way == "on":
                scraper.start()
            try:
                self.work()
            finally:
                ended.set()
                if self.way == "on":
                    scraper.join()
            return procs.cpu_seconds(self.process.pid)
        finally:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(120)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("freshet")
    parser.add_argument("work")
    parser.add_argument("--blocks", type=int, default=6)
    parser.add_argument("--files", type=int, default=3000)
    options = parser.parse_args()
    if options.files < LEAST:
        parser.error(f"--files: at least {LEAST}, as some of them are changed")
    blocks, port = [], collector()
    Run(options.freshet, options.work, "on", LEAST, port).seconds()  # caches of the machine
    for number in range(options.blocks):
        block = []
        for way in ORDER:
            block.append((way, Run(options.freshet, options.work, way, options.files, port).seconds()))
        blocks.append(block)
        print(f"block {number + 1}: " + ", ".join(f"{way} {seconds:.2f} s" for way, seconds in block)
              + f": {math.expm1(ratio(block)):+.2%}", flush=True)
    overhead, lower, upper = interval(blocks)
    print(f"telemetry: {overhead:+.2%} of CPU time, 95 % from {lower:+.2%} to {upper:+.2%}; goal at most {GOAL:.0%}: "
          f"{verdict(lower, upper)}; load {os.getloadavg()[0]:.1f}")
    shutil.rmtree(options.work, ignore_errors=True)
    return 0 if verdict(lower, upper) == "holds" else 1


if __name__ == "__main__":
    sys.exit(main())

"""OpenSearch by words, by meaning and by both (reciprocal ranks), on the corpus of search_corpus.h: one shard, Lucene's
HNSW graphs, a reader's filter inside each search.

    peer_opensearch.py FOLDER COUNT WORK RECALL SECONDS          prints one JSON value

Needs `opensearch_up.sh` of ../shared/tools, which brings the jars; the node is started from them, so that it can be
ended and go on where it was: {"unfinished": n} says to call again. A latency is of an HTTP call on a connection that
stays open. By meaning: the smallest k that finds as much as RECALL says, which the search by both takes too.
"""
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time

import procs
from search_files import DIMENSIONS, PERMILLE, TOP, Corpus, least_effort, readers_of, timed

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UP = os.path.join(ROOT, "..", "shared", "tools", "opensearch_up.sh")
BULK = 500  # documents a request
EFFORTS = (10, 20, 40, 80, 160, 320, 640, 1280)
SETTINGS = {"settings": {"index.knn": True, "number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": "30s"},
            "mappings": {"_source": {"excludes": ["vector"]}, "properties": {
                "text": {"type": "text", "analyzer": "english"}, "reader": {"type": "keyword"},
                "vector": {"type": "knn_vector", "dimension": DIMENSIONS,
                           "method": {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil",
                                      "parameters": {"m": 16, "ef_construction": 200}}}}}}
RANKS = {"phase_results_processors": [{"score-ranker-processor": {"combination": {"technique": "rrf", "rank_constant": 60}}}]}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def jars():
    """Where the jars are; brought by a node that is ended at once, where they are not there yet."""
    cache = os.environ.get("CDC_CACHE") or os.path.join(tempfile.gettempdir(), "cdc_cache")
    version = next(line for line in open(UP) if " ver=" in line).split(" ver=")[1].split()[0]
    home = os.path.join(cache, "opensearch-" + version)
    if not os.path.exists(os.path.join(home, ".done")):
        with tempfile.TemporaryDirectory() as scratch:
            said = subprocess.run([UP, scratch, str(free_port())], stdout=subprocess.PIPE, text=True, check=True).stdout
            for pid in said.split("pids=")[1].split()[0].split(","):
                os.kill(int(pid), signal.SIGKILL)
    return home


class Node:
    def __init__(self, work):
        self.port, home = free_port(), jars()
        os.makedirs(os.path.join(work, "config"), exist_ok=True)
        parts = ":".join(os.path.join(home, part) for part in ("cls", "libs/*", "opensearch-knn/*", "neural-search/*"))
        self.log = open(os.path.join(work, "log"), "ab")
        self.process = subprocess.Popen(
            ["java", "-Xms2g", "-Xmx2g", f"-Dlog4j2.configurationFile={home}/log4j2.properties", "-cp", parts, "Os", work,
             str(self.port), str(free_port()), "n1", "", "n1"], stdout=self.log, stderr=self.log)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            self.await_ready(work)
        except BaseException:
            self.end()
            raise

    def await_ready(self, work):
        for _ in range(1000):
            try:
                if not self.call("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s").get("timed_out", True):
                    return
            except OSError:
                self.connection.close()
            if self.process.poll() is not None:
                break
            time.sleep(0.3)
        raise RuntimeError(f"OpenSearch does not come up: see {work}/log")

    def call(self, method, path, body=None):
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        self.connection.request(method, path, data, {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        if response.status >= 400 and response.status != 408:
            raise RuntimeError(f"{method} {path}: {response.status} {answer.get('error')}")
        return answer

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=400)
        self.log.close()


def has_index(node):
    return "bench" in node.call("GET", "/_all/_settings?flat_settings=true")


def bulk_of(corpus, rows, texts):
    lines = []
    for row, text in zip(rows, texts):
        lines.append(json.dumps({"index": {"_index": "bench", "_id": str(row)}}))
        lines.append(json.dumps({"text": text, "reader": readers_of(row), "vector": corpus.vector(row).tolist()}))
    return ("\n".join(lines) + "\n").encode()


def build(node, corpus, seconds):
    """Adds what is missing, in its order, until the time is over; how many are in."""
    begin = time.perf_counter()
    if not has_index(node):
        node.call("PUT", "/bench", SETTINGS)
        node.call("PUT", "/_search/pipeline/ranks", RANKS)
    node.call("POST", "/bench/_refresh")
    done = node.call("GET", "/bench/_count")["count"]
    texts = corpus.texts()
    for _ in range(done):
        next(texts)
    while done < corpus.count and time.perf_counter() - begin < seconds:
        rows = range(done, min(done + BULK, corpus.count))
        if node.call("POST", "/_bulk?filter_path=errors", bulk_of(corpus, rows, texts))["errors"]:
            raise RuntimeError("OpenSearch refused a document")
        done = rows.stop
    node.call("POST", "/bench/_refresh")
    node.call("POST", "/bench/_flush")
    return done


def words(corpus, reader, question):
    return {"bool": {"must": {"match": {"text": corpus.questions[question]}},
                     "filter": {"term": {"reader": f"p{PERMILLE[reader]}"}}}}


def meaning(corpus, reader, question, k):
    return {"knn": {"vector": {"vector": corpus.question_vectors[question].tolist(), "k": k,
                               "filter": {"term": {"reader": f"p{PERMILLE[reader]}"}}}}}


def asking(node, path, query_of):
    def ask(question):
        body = {"size": TOP, "_source": ["text"], "query": query_of(question)}
        return [int(hit["_id"]) for hit in node.call("POST", path, body)["hits"]["hits"]]
    return ask


def measure(node, corpus, enough):
    quiet = {"lexical": {}, "vector": {}, "hybrid": {}}
    for reader, permille in enumerate(PERMILLE):
        by_words = asking(node, "/bench/_search", lambda q, r=reader: words(corpus, r, q))
        timed(corpus, reader, by_words)  # what the first ones alone read
        quiet["lexical"][permille] = timed(corpus, reader, by_words)
        quiet["vector"][permille] = least_effort(EFFORTS, enough, lambda k, r=reader: timed(
            corpus, r, asking(node, "/bench/_search", lambda q: meaning(corpus, r, q, k))))
        k = int(quiet["vector"][permille]["effort"])
        quiet["hybrid"][permille] = timed(corpus, reader, asking(
            node, "/bench/_search?search_pipeline=ranks", lambda q, r=reader: {"hybrid": {"queries": [
                words(corpus, r, q), meaning(corpus, r, q, max(k, 50))]}}))
        for mode in ("lexical", "hybrid"):
            del quiet[mode][permille]["recall"]  # neither is asked for the nearest
    return {mode: {str(permille): row for permille, row in rows.items()} for mode, rows in quiet.items()}


def main():
    folder, count, work, enough, seconds = sys.argv[1], int(sys.argv[2]), sys.argv[3], *map(float, sys.argv[4:6])
    corpus, node = Corpus(folder, count), None
    node = Node(work)
    try:
        begin = time.perf_counter()
        done = build(node, corpus, seconds)
        built = time.perf_counter() - begin
        if done < count:
            print(json.dumps({"unfinished": done, "build_s": built}))
            return
        print(json.dumps({"count": count, "build_s": built,
                          "disk_bytes": sum(procs.disk_by_part(os.path.join(work, "data")).values()),
                          "quiet": measure(node, corpus, enough),
                          "resident_bytes": procs.resident_bytes(node.process.pid)}))
    finally:
        node.end()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The embedder behind an OpenAI-compatible server: vectors while it is there; without it lexical answers with a warning,
and vectors by a backfill; its calls, tokens and errors in /metrics.

  tests/e2e/embedding_server_test.py BINARY WORK_FOLDER
"""
import hashlib, json, os, shutil, subprocess, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_site import TOKEN, Site  # noqa: E402
from metrics_test import value  # noqa: E402

DIMENSIONS = 16
ALIKE = {"feline": "cat"}  # the one thing that this model knows about meaning


def vector(text):
    """Words hashed into a few dimensions, as a model would place texts that share them."""
    numbers = [0.0] * DIMENSIONS
    for word in text.lower().replace(".", " ").split():
        word = ALIKE.get(word, word)
        numbers[hashlib.sha256(word.encode()).digest()[0] % DIMENSIONS] += 1
    return numbers


class Model(BaseHTTPRequestHandler):
    poison = None  # a word that makes it fail, whatever stands beside

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if Model.poison and any(Model.poison in text for text in request["input"]):
            self.send_error(500)
            return
        assert self.path == "/v1/embeddings" and request["model"] == "tiny", (self.path, request["model"])
        assert self.headers["Authorization"] == "Bearer the-key"
        data = [{"index": i, "embedding": vector(text)} for i, text in enumerate(request["input"])]
        tokens = sum(len(text.split()) for text in request["input"])
        body = json.dumps({"data": data, "usage": {"total_tokens": tokens}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server:
    def __init__(self):
        self.port, self.http = 0, None

    def start(self):
        self.http = ThreadingHTTPServer(("127.0.0.1", self.port), Model)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


def warned(site):
    return any(warning.startswith("no_vectors") for warning in site.search("feline")["warnings"])


def by_meaning(site):
    """Ids that a question finds which shares no word with them."""
    return {hit["document_id"] for hit in site.search("feline", mode="vector")["hits"] if hit["scores"].get("vector", 0) > 0.3}


def main():
    binary, work = sys.argv[1:3]
    shutil.rmtree(work, ignore_errors=True)
    model = Server()
    model.start()
    site = Site(binary, os.path.join(work, "site"))
    with open(site.path("freshet.yaml")) as file:
        config = file.read()
    with open(site.path("freshet.yaml"), "w") as file:
        file.write(config.replace("embedder: {kind: hashing}", f"""embedder:
  kind: http
  url: http://127.0.0.1:{model.port}
  model: tiny
  dimensions: {DIMENSIONS}
  api_key: "${{ENV:EMBEDDER_KEY}}"
  timeout: 2s
  forward_without_vectors_after: 1"""))
    os.environ["EMBEDDER_KEY"] = "the-key"
    site.start()
    site.write("before.txt", "cat")
    site.wait(lambda: "before.txt" in by_meaning(site), "a vector finds it")
    assert not warned(site)
    assert value(site, "freshet_embedder_tokens_total") >= 1 and value(site, "freshet_embedder_calls_total", code="ok") >= 1
    print("vectors while the server is there")

    model.stop()
    site.write("during.txt", "cat during the outage")
    site.wait(lambda: "during.txt" in site.found("outage"), "its words are found without the model")
    site.wait(lambda: warned(site), "answers say that they are lexical")
    assert "during.txt" in {hit["document_id"] for hit in site.search("outage")["hits"]}, "a hybrid question is answered"
    assert value(site, "freshet_embedder_calls_total", code="unavailable") >= 1
    assert value(site, "freshet_embedder_seconds_count", code="ok") >= 1
    print("lexical answers with a warning while it is away")

    model.start()
    site.wait(lambda: not warned(site), "questions have vectors again")
    subprocess.run([binary, "source", "backfill", "files", "--url", f"http://127.0.0.1:{site.port}", "--token", TOKEN],
                   check=True, stdout=subprocess.DEVNULL)
    site.wait(lambda: "during.txt" in by_meaning(site), "the document gets its vector")
    assert site.found("outage") == {"during.txt"}, "and is there once"
    print("vectors by a backfill")
    assert site.stop() == 0


if __name__ == "__main__":
    main()

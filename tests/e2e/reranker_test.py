#!/usr/bin/env python3
"""A reranker behind POST /rerank: its order is the answer's; late, failing or gone, the answer comes all the same, in the
order of the searches and with a warning; what a caller may not see is never sent to it.

  tests/e2e/reranker_test.py BINARY WORK_FOLDER
"""
import json, os, shutil, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_site import Site  # noqa: E402

BUDGET = 1.0  # seconds: far above what a call takes on a loaded machine, far below what a slow answer takes


class Cross(BaseHTTPRequestHandler):
    """Prefers passages that name the stork, whatever was asked. What it is told to do is its class's."""
    mode, seen = "answer", []

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/rerank" and self.headers["Authorization"] == "Bearer the-key", self.path
        Cross.seen.append(request)
        if Cross.mode == "late":
            time.sleep(5 * BUDGET)
        scores = [{"index": i, "score": float("stork" in text)} for i, text in enumerate(request["texts"])]
        body = json.dumps(scores if Cross.mode != "odd" else scores[1:]).encode()
        try:
            self.send_response(500 if Cross.mode == "fails" else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # nobody waits for it any more

    def log_message(self, *_):
        pass


def order(site, **more):
    answer = site.search("heron", **more)
    return [hit["document_id"] for hit in answer["hits"]], answer


def warning(answer):
    return [text for text in answer["warnings"] if text.startswith("not_reranked")]


def configure(site, port):
    with open(site.path("rerank.key"), "w") as file:
        file.write("the-key")
    with open(site.path("freshet.yaml")) as file:
        config = file.read()
    rerank = f'rerank: {{url: "http://127.0.0.1:{port}", token: "${{FILE:rerank.key}}", budget: {int(BUDGET * 1000)}ms, passages: 5}}'
    with open(site.path("freshet.yaml"), "w") as file:
        file.write(config.replace('tokens: "${FILE:tokens.yaml}"', 'tokens: "${FILE:tokens.yaml}", ' + rerank))


def fill(site):
    site.write("first.txt", "heron heron heron heron\n")
    site.write("second.txt", "heron and a stork\n")
    os.makedirs(site.path("root", "closed"))
    with open(site.path("root", "closed", "_access.yaml"), "w") as file:
        file.write('{inherit: false, allow: ["user:nobody"]}\n')
    site.write("closed/third.txt", "heron and a stork, and what nobody may see\n")


def check_order(site):
    plain, answer = order(site, rerank=False)
    assert plain == ["first.txt", "second.txt"] and "rerank" not in answer["took_ms"], answer
    assert not Cross.seen, "nobody asked for it"
    better, answer = order(site)
    assert better == ["second.txt", "first.txt"] and not warning(answer), answer
    assert answer["hits"][0]["scores"]["rerank"] == 1 and answer["took_ms"]["rerank"] > 0, answer["hits"][0]
    sent = json.dumps(Cross.seen)
    assert Cross.seen[0]["query"] == "heron" and "stork" in sent and "nobody may see" not in sent, Cross.seen


def check_late(site):
    Cross.mode = "late"
    begin = time.monotonic()
    found, answer = order(site)
    took = time.monotonic() - begin
    assert found == ["first.txt", "second.txt"] and "timeout" in warning(answer)[0], answer["warnings"]
    assert took < 4 * BUDGET, f"the answer waited {took:.1f} s for the reranker"


def check_failing(site):
    for mode, code in (("fails", "unavailable"), ("odd", "malformed_document")):
        Cross.mode = mode
        found, answer = order(site)
        assert found == ["first.txt", "second.txt"] and code in warning(answer)[0], answer["warnings"]


def check_pause(site, failed):
    """After three failures it is left alone for a while, then asked again."""
    asked = len(Cross.seen)
    Cross.mode = "answer"
    found, answer = order(site)
    if time.monotonic() - failed < 2:  # a pause is five seconds; a machine that stands still sleeps through it
        assert found == ["first.txt", "second.txt"] and warning(answer) and len(Cross.seen) == asked, answer["warnings"]
    site.wait(lambda: order(site)[0] == ["second.txt", "first.txt"], "the reranker is asked again")


def main():
    binary, work = sys.argv[1:3]
    shutil.rmtree(work, ignore_errors=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Cross)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = Site(binary, os.path.join(work, "site"))
    configure(site, server.server_address[1])
    fill(site)
    site.start()
    site.wait(lambda: len(site.search("heron", rerank=False)["hits"]) == 2, "both are found")
    check_order(site)
    check_late(site)
    check_failing(site)
    check_pause(site, time.monotonic())
    server.shutdown()
    server.server_close()
    found, answer = order(site)
    assert found == ["first.txt", "second.txt"] and warning(answer), "answers without it"
    assert site.stop() == 0


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""`freshet query` beside `freshet run` over one data_dir (DESIGN §11): it waits for an index, sees each change soon, goes
on answering while the indexer is dead, follows it again when it is back, and says what it cannot do.

  tests/e2e/query_process_test.py BINARY WORK_FOLDER
"""
import os, socket, statistics, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_site import QueryProcess, Site  # noqa: E402

CHANGES = 60


def until(holds, what, limit=30):
    begin = time.monotonic()
    while not holds():
        assert time.monotonic() - begin < limit, f"not within {limit} s: {what}"
        time.sleep(0.001)
    return time.monotonic() - begin


def check_waiting(query):
    status, text = query.request("GET", "/readyz", token=None)
    assert status == 503 and "no_index" in text, (status, text)
    assert query.search("heron")["hits"] == []


def check_changes(site, query):
    """How long after the indexer's own answer the query process gives the same."""
    lags = []
    for number in range(CHANGES):
        word = f"heron{number}"
        site.write(f"doc{number % 7}.txt", f"{word} is what this version says")
        name = {f"doc{number % 7}.txt"}
        until(lambda: site.found(word) == name, "the indexer finds a change")
        lags.append(until(lambda: query.found(word) == name, "the query process finds a change") * 1000)
    lags.sort()
    print(f"behind the indexer, ms: p50 {statistics.median(lags):.1f} p95 {lags[int(len(lags) * .95)]:.1f} "
          f"max {lags[-1]:.1f} over {len(lags)} changes")
    os.unlink(site.path("root", "doc0.txt"))
    until(lambda: "doc0.txt" not in query.found("version"), "a delete is seen")


def check_stale_access(site, query, impatient):
    """The indexer is dead: who may see what is vouched for up to its end, and for so long each shows what it has."""
    until(lambda: impatient.search("version")["hits"] == [], "access that is too stale shows nothing")
    answer = impatient.search("version")
    assert any(warning.startswith("access_stale") for warning in answer["warnings"]), answer
    assert query.found("version"), "five minutes are not over"


def same_answers(site, query):
    ask = [("version", mode) for mode in ("lexical", "hybrid", "vector")]

    def rows(of, word, mode):
        return [(h["document_id"], h["version"], h["text"], round(h["score"], 4)) for h in of.search(word, mode=mode)["hits"]]
    for word, mode in ask:
        until(lambda: rows(site, word, mode) == rows(query, word, mode), f"the same {mode} answers")
    assert rows(site, "version", "lexical"), "there is something to compare"


def impatient_query(site):
    """On a port of its own: so is its audit log."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(site.path("freshet.yaml")) as file:
        text = file.read().replace("127.0.0.1:0", f"127.0.0.1:{port}")
    with open(site.path("impatient.yaml"), "w") as file:
        file.write(text.replace("    connector: folder\n", "    connector: folder\n    access: {max_staleness: 3s}\n"))
    query = QueryProcess(site)
    query.config = "impatient.yaml"
    query.start()
    return query


def main():
    binary, work = sys.argv[1:3]
    site = Site(binary, os.path.join(work, "site"))
    query = QueryProcess(site)
    query.start()
    check_waiting(query)
    site.write("first.txt", "egret is what this version says")
    site.start()
    until(lambda: query.found("egret") == {"first.txt"}, "an index that was made later")
    until(lambda: query.request("GET", "/readyz", token=None)[0] == 200, "ready")
    check_changes(site, query)
    same_answers(site, query)

    until(lambda: query.freshness()["documents"] == site.freshness()["documents"] == 7, "as many documents")
    report = query.freshness()
    assert report["sources"][0]["lanes"]["live"]["backlog"] is None, "it has no log to ask"
    status, text = query.request("POST", "/v1/sources/files/confirm", {})
    assert status == 503 and "publishes no changes" in text, (status, text)

    impatient = impatient_query(site)
    until(lambda: impatient.found("egret") == {"first.txt"}, "another one, with less patience")
    site.kill()
    for _ in range(20):
        assert query.found("egret") == {"first.txt"}, "answers while the indexer is dead"
        time.sleep(0.02)
    check_stale_access(site, query, impatient)
    site.write("later.txt", "stork is what this version says")
    site.start()
    until(lambda: query.found("stork") == {"later.txt"}, "follows the indexer that is back")
    until(lambda: impatient.found("stork") == {"later.txt"}, "access is vouched for again")
    assert impatient.stop() == 0
    check_changes(site, query)
    same_answers(site, query)
    assert query.alive() and site.stop() == 0
    assert query.found("egret") == {"first.txt"}
    assert query.stop() == 0
    with open(site.path("query.log"), errors="replace") as log:
        errors = [line for line in log if "error" in line.lower()]
    assert not errors, errors[:5]


if __name__ == "__main__":
    main()

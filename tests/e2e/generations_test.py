#!/usr/bin/env python3
"""A second generation of an index (DESIGN §11): planned, built beside the one that is served while documents change,
refused where it shows what is forbidden, switched to, kept through kill -9, rolled back, made the pipeline's own, and
the old one dropped. `freshet query` beside it answers from whichever is served.

  tests/e2e/generations_test.py BINARY WORK_FOLDER
"""
import json, os, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_site import TOKEN, QueryProcess, Site  # noqa: E402

SHORT = "chunk: {target_tokens: 32, max_tokens: 64}\n"
SHORT_BESIDE = "beside: {embedder: {kind: hashing}, chunk: {target_tokens: 32, max_tokens: 64}}\n"
LONG_BESIDE = "beside: {chunk: {target_tokens: 200, max_tokens: 256}}\n"


class Operator:
    def __init__(self, site):
        self.site = site
        with open(site.path("freshet.yaml")) as f:
            self.first = f.read()

    def configure(self, more):
        """The site's file, with these lines behind it; for the next start."""
        with open(self.site.path("freshet.yaml"), "w") as f:
            f.write(self.first + more)

    def run(self, *arguments, status=0):
        url = f"http://127.0.0.1:{self.site.port}"
        done = subprocess.run([self.site.binary, "generation", *arguments, "--url", url, "--token", TOKEN, "--json"],
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def list(self):
        return {row["generation"]: row for row in self.run("list")["generations"]}

    def wait_current(self, *generations):
        def holds():
            rows = self.list()
            return all(g in rows and rows[g]["behind"] == 0 and rows[g]["documents"] > 0 for g in generations)
        self.site.wait(holds, f"generations {generations} are current")

    def restart(self, more):
        assert self.site.stop() == 0
        self.configure(more)
        self.site.start()
        self.site.caught_up()

    def plan(self, more):
        self.configure(more)
        done = subprocess.run([self.site.binary, "plan", "--config", self.site.path("freshet.yaml"), "--json"],
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["collections"][0]


def note(number, word):
    sentences = " ".join(f"Nurse {number} looks at bed {i} on floor {i % 7} and writes down what is new." for i in range(40))
    return f"{word} is what this version says. {sentences}\n"


def generation(of):
    return of.search("heron")["collections"][0]["generation"]


def golden(site, name, rows):
    with open(site.path(name), "w") as f:
        f.writelines(json.dumps(row) + "\n" for row in rows)
    return site.path(name)


def begin(site):
    for number in range(12):
        site.write(f"doc{number}.txt", note(number, f"heron{number}"))
    site.start()
    site.wait(lambda: len(site.found("version")) == 12, "all are found")


def check_plan(operator):
    same = operator.plan("")
    assert same["documents"] == 12 and same["chunks_embedded"] == 0, same
    short = operator.plan(SHORT_BESIDE)
    assert short["chunks_then"] > 2 * short["chunks"] and short["chunks_embedded"] > short["chunks"], short
    return short


def check_built_beside(site, operator, planned):
    operator.restart(SHORT_BESIDE)
    operator.wait_current(1, 2)
    rows = operator.list()
    assert rows[1]["served"] and not rows[2]["served"] and rows[2]["kept"], rows
    assert rows[2]["chunks"] == planned["chunks_then"], (rows, planned)
    site.write("doc1.txt", note(1, "egret"))
    os.unlink(site.path("root", "doc2.txt"))
    site.wait(lambda: site.found("egret") == {"doc1.txt"} and "doc2.txt" not in site.found("version"), "changes show")
    operator.wait_current(1, 2)
    assert {row["documents"] for row in operator.list().values()} == {11}
    assert generation(site) == 1


def check_promote(site, operator, query):
    good = [{"question": f"heron{n}", "relevant": [f"doc{n}.txt"]} for n in (0, 3, 4, 5)]
    leaking = golden(site, "leaking.jsonl", good + [{"question": "heron5", "relevant": [], "forbidden": ["doc5.txt"]}])
    answer = operator.run("promote", "files", "--generation", "2", "--golden", leaking, status=1)
    assert not answer["promoted"] and answer["shown_forbidden"] == 1 and generation(site) == 1, answer
    lost = golden(site, "lost.jsonl", [{"question": "heron5", "relevant": ["nobody.txt"]}])
    assert not operator.run("promote", "files", "--generation", "2", "--golden", lost, status=1)["promoted"]
    answer = operator.run("promote", "files", "--generation", "2", "--golden", golden(site, "good.jsonl", good))
    assert answer["promoted"] and answer["recall"] == 1 and answer["leaks"] == 0, answer
    assert generation(site) == 2
    site.wait(lambda: generation(query) == 2, "the query process follows the switch")
    assert query.found("egret") == {"doc1.txt"}


def check_survives(site, operator):
    site.kill()
    site.start()
    site.caught_up()
    assert generation(site) == 2
    site.write("doc3.txt", note(3, "stork"))
    site.wait(lambda: site.found("stork") == {"doc3.txt"}, "an edit shows in the generation that is made beside")
    operator.wait_current(1, 2)
    assert operator.run("rollback", "files")["generation"] == 1
    assert generation(site) == 1 and site.found("stork") == {"doc3.txt"}
    assert operator.run("rollback", "files")["generation"] == 2, "there and back"


def check_settled(site, operator):
    """What was made beside becomes what the pipeline makes; the old one is dropped."""
    operator.restart(SHORT + LONG_BESIDE)
    operator.wait_current(1, 2)
    assert generation(site) == 2
    site.write("doc4.txt", note(4, "crane"))
    site.wait(lambda: site.found("crane") == {"doc4.txt"}, "an edit shows")
    operator.wait_current(1, 2)
    operator.run("drop", "files", "--generation", "1", status=2)  # it would be made again
    operator.restart(SHORT)
    operator.run("drop", "files", "--generation", "2", status=2)  # it is served
    assert operator.run("drop", "files", "--generation", "1")["dropped"] == 1
    assert list(operator.list()) == [2]
    lexical = os.listdir(site.path("data", "index", "lexical"))
    assert len(lexical) == 1 and lexical[0].endswith("-2"), lexical
    site.write("doc5.txt", note(5, "ibis"))
    site.wait(lambda: site.found("ibis") == {"doc5.txt"}, "an edit shows after the drop")


def check_refused(site, operator):
    """A configuration that makes nothing of what is served does not start."""
    assert site.stop() == 0
    operator.configure("")
    done = subprocess.run([site.binary, "run", "--config", site.path("freshet.yaml")], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 2 and "generation 2" in done.stderr, (done.returncode, done.stderr)


def main():
    binary, work = sys.argv[1:3]
    site = Site(binary, os.path.join(work, "site"))
    operator = Operator(site)
    begin(site)
    planned = check_plan(operator)
    query = QueryProcess(site)  # with the configuration that has both
    query.start()
    check_built_beside(site, operator, planned)
    check_promote(site, operator, query)
    check_survives(site, operator)
    check_settled(site, operator)
    site.wait(lambda: query.found("ibis") == {"doc5.txt"}, "the query process follows to the end")
    assert query.stop() == 0
    check_refused(site, operator)
    print("planned, built, promoted, rolled back, dropped")


if __name__ == "__main__":
    main()

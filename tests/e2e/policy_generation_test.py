#!/usr/bin/env python3
"""Another de-identification policy as a generation of the index (DESIGN §11): planned, made of the originals beside the
one that is served while documents change, refused and promoted by its golden set, kept through kill -9, made the
pipeline's own. From the switch on nobody is shown a word that the stronger policy takes away, neither here nor by
`freshet query`, whatever is edited meanwhile.

  tests/e2e/policy_generation_test.py BINARY WORK_FOLDER
"""
import os, subprocess, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from generations_test import Operator, generation, golden  # noqa: E402
from running_site import QueryProcess, Site  # noqa: E402

DAY = "03/04/2021"
STRONGER = "beside: {policies: [{collection: files, deidentify: safe_harbor}]}\n"
WEAKER = "beside: {policies: [{collection: files, deidentify: limited_data_set}]}\n"
NOTES = 12


def note(number, word):
    return f"{word} was looked at on {DAY}. Call 617-555-0147 about heron{number}.\n"


def texts(of, question="heron"):
    answer = of.search(question)
    return {hit["document_id"]: hit["text"] for hit in answer["hits"]}


class Watch(threading.Thread):
    """Asks all the time; what it was shown of the weaker policy, by when the switch was known to be over."""

    def __init__(self, of):
        super().__init__(daemon=True)
        self.of, self.stopped, self.asked, self.seen = of, False, 0, []

    def run(self):
        while not self.stopped:
            self.seen += [text for text in texts(self.of, "looked").values() if DAY in text]
            self.asked += 1
            time.sleep(0.002)

    def end(self):
        self.of.wait(lambda: self.asked > 20 or not self.is_alive(), "questions are asked")
        self.stopped = True
        self.join()
        assert self.asked > 20 and not self.seen, (self.asked, self.seen[:1])


def begin(site, operator):
    for number in range(NOTES):
        site.write(f"note{number}.txt", note(number, "stork"))
    site.start()
    site.wait(lambda: len(texts(site)) == NOTES, "all are found")
    assert all(DAY in text and "617-555" not in text for text in texts(site).values())
    assert operator.plan("")["other_policy"] == 0
    plan = operator.plan(STRONGER)
    assert plan["other_policy"] == NOTES and plan["documents_embedded"] == NOTES and plan["deid_seconds"] > 0, plan
    assert plan["chunks_embedded"] == NOTES and plan["vector_bytes"] > 0 and plan["embed_seconds"] > 0, plan


def check_built_beside(site, operator):
    operator.restart(STRONGER)
    operator.wait_current(1, 2)
    rows = operator.list()
    assert rows[1]["served"] and rows[1]["recipe"].endswith(" files=limited_data_set"), rows
    assert rows[2]["kept"] and rows[2]["recipe"].endswith(" files=safe_harbor"), rows
    site.write("note1.txt", note(1, "egret"))
    os.unlink(site.path("root", "note2.txt"))
    site.wait(lambda: sum("egret" in text for text in texts(site).values()) == 1 and len(texts(site)) == NOTES - 1,
              "changes show")
    operator.wait_current(1, 2)
    assert {row["documents"] for row in operator.list().values()} == {NOTES - 1}
    assert all(DAY in text for text in texts(site).values()), "the weaker one is served yet"


def check_promote(site, operator, query):
    document = next(document for document, text in texts(site, "egret").items() if "egret" in text)
    lost = golden(site, "lost.jsonl", [{"question": "egret", "relevant": ["nobody.txt"]}])
    assert not operator.run("promote", "files", "--generation", "2", "--golden", lost, status=1)["promoted"]
    assert generation(site) == 1
    good = golden(site, "good.jsonl", [{"question": "egret", "relevant": [document]}])
    answer = operator.run("promote", "files", "--generation", "2", "--golden", good)
    assert answer["promoted"] and answer["leaks"] == 0 and answer["scanned"] == NOTES - 1, answer
    site.wait(lambda: generation(query) == 2, "the query process follows the switch")


def check_nothing_of_the_weaker(site, operator, query):
    watches = [Watch(site), Watch(query)]
    for watch in watches:
        watch.start()
    for edit in range(6):
        site.write(f"note{3 + edit % 2}.txt", note(3, f"edit{edit}"))
        site.wait(lambda: any(f"edit{edit}" in text for text in texts(site, f"edit{edit}").values()), "an edit shows")
    for watch in watches:
        watch.end()
    operator.wait_current(1, 2)
    for of in (site, query):
        site.wait(lambda: len(texts(of)) == NOTES - 1, "all are shown")
    assert operator.run("rollback", "files")["generation"] == 1
    assert all(DAY in text for text in texts(site).values())
    assert operator.run("rollback", "files")["generation"] == 2, "there and back"


def check_settled(site, operator):
    """Through kill -9, and from then on the pipeline's own policy; without the weaker one there is no way back to it."""
    site.kill()
    site.start()
    site.caught_up()
    assert generation(site) == 2
    assert site.stop() == 0
    operator.configure("")
    done = subprocess.run([site.binary, "run", "--config", site.path("freshet.yaml")], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 2 and "generation 2" in done.stderr, (done.returncode, done.stderr)
    operator.first = operator.first.replace("limited_data_set", "safe_harbor")
    operator.configure(WEAKER)
    site.start()
    watch = Watch(site)
    watch.start()
    site.caught_up()
    operator.wait_current(1, 2)
    site.write("note5.txt", note(5, "ibis"))
    site.wait(lambda: any("ibis" in text for text in texts(site, "ibis").values()), "an edit shows")
    watch.end()
    operator.restart("")
    operator.run("rollback", "files", status=2)  # the policy was withdrawn
    assert operator.run("drop", "files", "--generation", "1")["dropped"] == 1
    assert len(texts(site)) == NOTES - 1 and not any(DAY in text for text in texts(site).values())


def main():
    binary, work = sys.argv[1:3]
    site = Site(binary, os.path.join(work, "site"), policy="limited_data_set")
    operator = Operator(site)
    begin(site, operator)
    query = QueryProcess(site)  # with the configuration that has both
    query.start()
    check_built_beside(site, operator)
    check_promote(site, operator, query)
    check_nothing_of_the_weaker(site, operator, query)
    assert query.stop() == 0
    check_settled(site, operator)
    print("planned, made of the originals, promoted, rolled back, made the pipeline's own")


if __name__ == "__main__":
    main()

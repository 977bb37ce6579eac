#!/usr/bin/env python3
"""One poison document delays no other: a text that makes the embedding server fail as if it were down stands amid others. They
arrive; it is given up, with a dead letter; and comes in by a replay once the server is mended.

  tests/e2e/poison_test.py BINARY WORK_FOLDER
"""
import json, os, shutil, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from embedding_server_test import Model  # noqa: E402
from repair_test import freshet  # noqa: E402
from runbook_test import configured  # noqa: E402
from running_site import Site  # noqa: E402

OTHERS = 40
GIVEN_UP_ALONE = 120  # seconds, where nothing tells a poisoned input from an outage (common/stage/README.md)


def main():
    binary, work = sys.argv[1:3]
    shutil.rmtree(work, ignore_errors=True)
    site = configured(Site(binary, os.path.join(work, "site")))
    site.start()
    site.write("first.txt", "firstword stands here.")
    site.wait(lambda: site.found("firstword"), "a document arrives")

    Model.poison = "poisonword"
    begin = time.monotonic()
    for number in range(OTHERS):
        site.write(f"other{number}.txt", f"otherword number{number} stands here.")
        if number == OTHERS // 2:
            site.write("poison.txt", "poisonword stands here.")
    site.wait(lambda: len(site.found("otherword")) == OTHERS, "the others arrive", limit=GIVEN_UP_ALONE)
    took = time.monotonic() - begin
    print(f"the others arrive within {took:.1f} s", flush=True)

    def letters():
        return [row for row in json.loads(site.request("GET", "/v1/dead-letters")[1])["letters"]]

    def work_goes_on():
        site.write(f"later{int(time.monotonic() * 10)}.txt", f"laterword {time.monotonic()}")
        time.sleep(0.3)
        return letters()
    # Others that succeed tell it from an outage: then four tries are enough.
    site.wait(work_goes_on, "it is given up", limit=2 * GIVEN_UP_ALONE)
    [letter] = letters()
    assert letter["document_id"] == "poison.txt" and letter["stage"] == "embed", letter
    assert letter["code"] == "retries_exhausted", letter
    site.write("after.txt", "afterword stands here.")
    site.wait(lambda: site.found("afterword"), "what comes later arrives")
    print(f"given up after {time.monotonic() - begin:.1f} s", flush=True)

    Model.poison = None
    assert freshet(site, "dead-letters", "replay", "--code", "retries_exhausted", "--json")["replayed"] == 1
    site.wait(lambda: site.found("poisonword") == {"poison.txt"}, "it arrives once the server is mended", limit=120)
    assert site.stop() == 0
    site.server.stop()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Bad input is skipped with a code or is a clear error; the process goes on; nothing is lost (DESIGN §4.4, §4.10).

  tests/e2e/bad_input_test.py BINARY WORK_FOLDER
"""
import json, os, re, shutil, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_site import Site  # noqa: E402


def good_still_arrives(site, word):
    site.write(word + ".txt", f"{word} is a good document.")
    site.wait(lambda: site.found(word), f"{word} arrives")


def bad_files(site):
    site.write("good.txt", "goodword stands in a good document.")
    site.write("broken.txt", b"broken \xff\xfe utf")
    site.write("binary.txt", b"MZ\x00\x01\x02" * 100)
    site.write("empty.txt", b"")
    site.write("blank.md", b"  \n\n \t\n")
    site.write("huge.txt", b"huge words " * (100 * 1024 * 1024 // 11))
    site.write("long.txt", b"long words " * (5 * 1024 * 1024 // 11))
    site.write("picture.png", b"\x89PNG\r\n")
    site.write("name with spaces \u00e9\u4e2d.txt", "spacedword stands under an odd name.")
    site.wait(lambda: site.found("spacedword"), "an odd name arrives")
    expected = {"invalid_utf8": 1, "binary_content": 1, "empty_document": 2, "document_too_large": 2}
    letters = lambda: site.freshness()["sources"][0]["dead_letters"]
    site.wait(lambda: all(letters().get(code, 0) >= count for code, count in expected.items()), f"{expected}, seen {letters()}")
    assert site.freshness()["documents"] == 2
    assert "goodword" not in site.log() and "broken" not in site.log(), "a log line holds a name or content"


def outdated_is_told(site):
    site.write("turns.txt", "turnsword was good once.")
    site.wait(lambda: site.found("turnsword"), "the good version arrives")
    site.write("turns.txt", b"turnsword \xff broken now")
    site.wait(lambda: any(h.get("outdated") for h in site.search("turnsword")["hits"]), "the old version is marked outdated")
    assert any(row["code"] == "invalid_utf8" for row in site.search("turnsword")["incomplete"])
    site.write("turns.txt", "turnsword is good again.")
    site.wait(lambda: any("again" in h["text"] for h in site.search("turnsword")["hits"]), "and healed")


def vanished_root(site):
    os.rename(site.path("root"), site.path("away"))
    os.makedirs(site.path("other"))
    import time
    time.sleep(1)
    assert site.alive()
    assert site.found("goodword"), "a vanished root is an outage, not a delete"
    os.rename(site.path("away"), site.path("root"))
    good_still_arrives(site, "afterwards")
    assert site.found("goodword")


def mass_delete(site):
    for i in range(30):
        site.write(f"many/m{i}.txt", f"manyword number {i} stands here.")
    site.wait(lambda: len(site.found("manyword")) == 30, "thirty arrive")
    site.stop()
    shutil.move(site.path("root", "many"), site.path("gone"))
    site.start()
    site.caught_up()
    assert len(site.found("manyword")) == 30, "a mass delete waits to be confirmed"
    held = site.freshness()["sources"][0]["held_deletes"]
    assert held == 30, held
    metric = 'freshet_held_deletes{tenant="test",source="files"} %d'
    assert metric % 30 in site.request("GET", "/metrics", token=None)[1]
    snapshot = json.loads(site.request("GET", "/v1/sources")[1])["sources"][0]["held"][0]["snapshot"]
    status, text = site.request("POST", "/v1/sources/files/confirm", {"snapshot": snapshot})
    assert status == 200, text
    site.wait(lambda: not site.found("manyword"), "the confirmed deletes take effect")
    assert metric % 0 in site.request("GET", "/metrics", token=None)[1]


def accounts_close(site):
    """/metrics: what each stage took in is what it gave an outcome, and what one passes on the next takes in."""
    site.caught_up()
    status, text = site.request("GET", "/metrics", token=None)
    assert status == 200, text
    inputs, outcomes = {}, {}
    for name, labels, value in re.findall(r"^freshet_stage_(inputs|outcomes)_total\{(.*)\} (\S+)$", text, re.MULTILINE):
        label = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        where = (label["stage"], label["lane"])
        if name == "inputs":
            inputs[where] = float(value)
        else:
            outcomes.setdefault(where, {})[label["outcome"]] = float(value)
    for stage in ("deid", "chunk", "embed", "index"):
        for lane in ("live", "backfill"):
            assert sum(outcomes[stage, lane].values()) == inputs[stage, lane], (stage, lane, inputs, outcomes)
            assert inputs[stage, lane] == inputs["deid", lane], "one input, one output"
    assert outcomes["deid", "live"]["invalid_utf8"] >= 1, outcomes["deid", "live"]
    deid = outcomes["deid", "live"]
    skipped = sum(count for outcome, count in deid.items() if outcome not in ("forwarded", "control"))
    assert outcomes["chunk", "live"]["skipped_before"] == skipped > 1, outcomes


def halted_connector(binary, work):
    """A connector that needs an operator makes the process unready, and /readyz says which and why."""
    site = Site(binary, os.path.join(work, "halted"), options=", max_files: 2")
    for i in range(3):
        site.write(f"f{i}.txt", "one too many")
    site.start()
    reasons = lambda: json.loads(site.request("GET", "/readyz", token=None)[1])["reasons"]
    site.wait(lambda: any("the connector of source files has stopped" in row for row in reasons()), "unready")
    assert site.request("GET", "/readyz", token=None)[0] == 503
    assert [row for row in reasons() if row.startswith("configuration: ")], reasons()
    assert site.stop() == 0


def corrupt_index(binary, work):
    """A damaged database is named at the start, with what to do; done, everything is found again."""
    site = Site(binary, os.path.join(work, "corrupt"))
    site.write("first.txt", "firstword stands in the index.")
    site.start()
    site.wait(lambda: site.found("firstword"), "it arrives")
    assert site.stop() == 0
    with open(site.path("data", "index", "rocksdb", "CURRENT"), "w") as f:
        f.write("nothing that RocksDB wrote")
    done = subprocess.run([site.binary, "run", "--config", site.path("freshet.yaml")], capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == 1, done
    for told in ("corrupt_store", "/data/index", "runbooks/codes/corrupt_store.md"):
        assert told in done.stderr, (told, done.stderr)
    assert os.path.exists("runbooks/codes/corrupt_store.md")
    os.rename(site.path("data", "index"), site.path("damaged"))  # as it says there
    site.start()
    site.wait(lambda: site.found("firstword"), "it is built anew from the log")
    assert site.stop() == 0


def main():
    binary, work = sys.argv[1:3]
    shutil.rmtree(work, ignore_errors=True)
    site = Site(binary, os.path.join(work, "bad"))
    site.start()
    for step in (bad_files, outdated_is_told, vanished_root, mass_delete, accounts_close):
        step(site)
        print(step.__name__, "holds")
    assert site.stop() == 0
    halted_connector(binary, work)
    print("halted_connector holds")
    corrupt_index(binary, work)
    print("corrupt_index holds")


if __name__ == "__main__":
    main()

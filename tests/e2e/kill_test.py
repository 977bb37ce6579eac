#!/usr/bin/env python3
"""kill -9 of the real process while work is under way (DESIGN §4.2, §4.4): nothing acknowledged is lost, nothing is
doubled, no deleted document comes back, and the index equals one that is built anew.

  tests/e2e/kill_test.py BINARY WORK_FOLDER [KILLS]        KILLS: 10 by default
"""
import os, random, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_site import Site  # noqa: E402

NAMES = [f"folder{i % 4}/doc{i}.txt" for i in range(40)]


def word(name, number):
    return f"{''.join(c for c in name if c.isalpha())}x{name.rsplit('doc', 1)[1].split('.')[0]}v{number}"


def change(site, truth, random_, number):
    name = random_.choice(NAMES)
    if name in truth and random_.random() < 0.3:
        os.unlink(site.path("root", name))
        del truth[name]
        return
    text = word(name, number) + " is what this version says. " + "More words follow here. " * random_.randrange(40)
    site.write(name, text)
    truth[name] = number


def contents(site):
    """Every chunk that a search can find, as (document, text), and how often."""
    seen = []
    for name in NAMES:
        prefix = name.rsplit("doc", 1)[1].split(".")[0]
        for hit in site.search(f"doc{prefix} is what this version says more words follow here", mode="lexical")["hits"]:
            seen.append((hit["document_id"], hit["place"]["start"], hit["text"]))
    return sorted(set(seen))


def check(site, truth, killed):
    site.caught_up()
    report = site.freshness()
    assert report["documents"] == len(truth), f"{report['documents']} documents, not {len(truth)}, after {killed} kills"
    for name in NAMES:
        for number in [truth.get(name)]:
            if number is None:
                continue
            found = site.search(word(name, number), mode="lexical")["hits"]
            hits = [h for h in found if word(name, number) in h["text"]]
            assert {h["document_id"] for h in hits} == {name}, f"{name} v{number}: {[h['document_id'] for h in found]}"
            assert len(hits) == 1, f"{name} is there {len(hits)} times"
    everything = contents(site)
    assert {row[0] for row in everything} == set(truth), "a deleted document is back, or one is lost"
    return everything


def main():
    binary, work = sys.argv[1:3]
    kills = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    seed = int(os.environ.get("FRESHET_SEED", time.time_ns() % 10**6))
    print("seed", seed)
    random_ = random.Random(seed)
    site, truth, number = Site(binary, os.path.join(work, "killed")), {}, 0
    for killed in range(kills):
        site.start()
        end = time.monotonic() + random_.uniform(0.02, 0.6)
        while time.monotonic() < end:
            number += 1
            change(site, truth, random_, number)
            if random_.random() < 0.3:
                time.sleep(random_.uniform(0, 0.02))
        site.kill()
        for _ in range(random_.randrange(4)):  # changes while nobody looks
            number += 1
            change(site, truth, random_, number)
    site.start()
    survived = check(site, truth, kills)
    assert site.stop() == 0
    fresh = Site(binary, os.path.join(work, "rebuilt"))
    for name in truth:
        with open(site.path("root", name)) as f:
            fresh.write(name, f.read())
    fresh.start()
    rebuilt = check(fresh, truth, 0)
    assert fresh.stop() == 0
    assert survived == rebuilt, "the index is not what a rebuild gives"
    print(f"{kills} kills, {number} changes, {len(truth)} documents: as rebuilt")


if __name__ == "__main__":
    main()

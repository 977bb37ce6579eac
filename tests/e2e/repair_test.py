#!/usr/bin/env python3
"""Repairs by the command line against a running pipeline: dead letters, a source that rests, is read again and compared,
and the receipt of a deleted document, whose hash is in the audit log.

  tests/e2e/repair_test.py BINARY WORK_FOLDER
"""
import hashlib, json, os, shutil, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_site import TOKEN, Site  # noqa: E402


def freshet(site, *arguments, status=0):
    """What a command prints; JSON where it was asked for."""
    done = subprocess.run([site.binary, *arguments, "--url", f"http://127.0.0.1:{site.port}", "--token", TOKEN],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout) if "--json" in arguments else done.stdout


def described(site, answer, schema):
    """The answer has the fields that openapi.json says, and no others."""
    schemas = json.loads(site.request("GET", "/openapi.json")[1])["components"]["schemas"]
    assert set(answer) == set(schemas[schema]["properties"]) == set(schemas[schema]["required"]), (schema, answer)
    return answer


def letters(site, *more):
    return freshet(site, "dead-letters", "list", "--json", *more)["letters"]


def dead_letters(site):
    site.write("broken.txt", b"brokenword \xff\xfe utf")
    site.write("binary.txt", b"MZ\x00\x01\x02" * 100)
    site.wait(lambda: len(letters(site)) == 2, "two letters")
    [broken] = letters(site, "--code", "invalid_utf8")
    described(site, json.loads(site.request("GET", "/v1/dead-letters")[1]), "DeadLetters")
    assert broken["document_id"] == "broken.txt" and broken["stage"] == "deid" and broken["replayable"], broken
    assert os.path.exists(broken["runbook"]), broken
    assert "brokenword" not in json.dumps(letters(site)), "coordinates, never content"
    shown = freshet(site, "dead-letters", "show", broken["id"])
    assert "code: invalid_utf8" in shown and broken["id"] in shown, shown

    # Its cause is not gone: it comes back, as another letter, and the list has no more than before.
    done = freshet(site, "dead-letters", "replay", broken["id"], "--json")
    assert done == {"replayed": 1, "expired": 0}, done
    site.wait(lambda: [row["id"] for row in letters(site, "--code", "invalid_utf8")] not in ([], [broken["id"]]), "again")
    assert "changes.backfill" in letters(site, "--code", "invalid_utf8")[0]["id"]

    assert freshet(site, "dead-letters", "drop", "--code", "binary_content", "--json") == {"dropped": 1}
    assert len(letters(site)) == 1
    freshet(site, "dead-letters", "drop", "no/such/1", status=1)
    freshet(site, "dead-letters", "replay", status=2)  # nothing said which
    assert "Dropped: 1" in freshet(site, "dead-letters", "drop", "--all")
    assert "No dead letters." in freshet(site, "dead-letters", "list")


def pause_and_resume(site):
    freshet(site, "source", "pause", "files")
    site.wait(lambda: metric(site, 'freshet_connector_up{tenant="test",source="files"}') == 0, "the connector rests")
    site.write("while.txt", "restword came while the source rested.")
    assert not site.found("restword")
    freshet(site, "source", "resume", "files")
    site.wait(lambda: site.found("restword"), "what came meanwhile arrives")
    freshet(site, "source", "pause", "no-such", status=1)


def metric(site, name):
    for line in site.request("GET", "/metrics", token=None)[1].splitlines():
        if line.startswith(name + " "):
            return float(line.split()[-1])
    return None


def versions(site):
    return {hit["document_id"]: hit["version"] for hit in site.search("againword", mode="lexical")["hits"]}


def backfill(site):
    for name in ("one", "two", "three"):
        site.write(f"{name}.txt", f"againword of {name} stands here.")
    site.wait(lambda: len(versions(site)) == 3, "three arrive")
    site.caught_up()
    before = versions(site)
    freshet(site, "source", "backfill", "files", "--documents", "two.txt")
    site.wait(lambda: versions(site)["two.txt"] != before["two.txt"], "it is published again")
    site.caught_up()
    assert {k: v for k, v in versions(site).items() if k != "two.txt"} == {k: v for k, v in before.items() if k != "two.txt"}
    before = versions(site)
    freshet(site, "source", "backfill", "files")
    site.wait(lambda: all(versions(site)[name] != before[name] for name in before), "everything is published again")
    site.caught_up()
    before = versions(site)
    freshet(site, "source", "backfill", "files", "--since", "2099-01-01T00:00:00Z")
    site.caught_up()
    assert versions(site) == before, "nothing is as young as that"
    freshet(site, "source", "backfill", "files", "--since", "yesterday", status=2)


def reconcile(site):
    site.caught_up()
    found = described(site, freshet(site, "source", "reconcile", "files", "--json"), "Reconciled")
    assert found["missing_count"] == found["surplus_count"] == 0 and found["in_source"] >= 4, found
    freshet(site, "source", "pause", "files")
    site.wait(lambda: metric(site, 'freshet_connector_up{tenant="test",source="files"}') == 0, "the connector rests")
    os.unlink(site.path("root", "one.txt"))
    site.write("unseen.txt", "unseenword stands here.")
    found = freshet(site, "source", "reconcile", "files", "--json", status=1)
    assert found["missing"] == ["unseen.txt"] and found["surplus"] == ["one.txt"] and not found["mending"], found
    assert "missing  unseen.txt" in freshet(site, "source", "reconcile", "files", status=1)
    assert freshet(site, "source", "reconcile", "files", "--mend", "--json")["mending"]
    freshet(site, "source", "resume", "files")
    site.wait(lambda: site.found("unseenword") and "one.txt" not in versions(site), "the difference is mended")
    site.caught_up()
    freshet(site, "source", "reconcile", "files")


def receipt(site):
    freshet(site, "receipt", "two.txt", "--collection", "files", status=1)  # it is not deleted
    freshet(site, "receipt", "never.txt", "--collection", "files", status=1)
    os.unlink(site.path("root", "two.txt"))
    site.wait(lambda: "two.txt" not in versions(site), "the delete arrives")

    def proof():
        return freshet(site, "receipt", "two.txt", "--collection", "files", "--json")
    site.wait(lambda: all(row["left"] == 0 for row in proof()["places"] if not row["place"].startswith("log/")),
              "gone from index and originals")
    made = described(site, proof(), "Receipt")
    left = {row["place"]: row for row in made["places"]}
    assert {"index", "index/chunks", "originals", "quarantine", "log/changes.live", "log/changes.backfill",
            "log/dead-letters"} <= set(left), left
    assert {row["place"] for row in made["not_examined"]} == {"index/files", "vector-cache"}, made
    assert left["log/changes.live"]["left"] >= 1, "the log keeps it until retention takes it"
    assert not made["gone"] and made["gone_by"] == max(row["gone_by"] or "" for row in made["places"]), made
    hashed = dict(made)
    claimed = hashed.pop("sha256")
    assert hashlib.sha256(json.dumps(hashed, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest() == claimed
    with open(site.path("data", "audit.jsonl")) as audit:
        lines = [json.loads(line) for line in audit]
    assert any(line["action"] == "receipt" and claimed in line.get("subject", "") for line in lines), lines[-2:]
    assert any(line["action"] == "drop" and line["subject"] == "code=binary_content" for line in lines)
    assert left["log/dead-letters"]["left"] == 0, left
    assert "Not examined: vector-cache" in freshet(site, "receipt", "two.txt", "--collection", "files")
    assert "It is gone by " in freshet(site, "receipt", "two.txt", "--collection", "files")


def main():
    binary, work = sys.argv[1:3]
    shutil.rmtree(work, ignore_errors=True)
    site = Site(binary, os.path.join(work, "site"))
    site.start()
    for step in (dead_letters, pause_and_resume, backfill, reconcile, receipt):
        step(site)
        print(step.__name__, "holds")
    assert site.stop() == 0


if __name__ == "__main__":
    main()

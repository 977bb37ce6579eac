"""A document in doubt: held, listed and shown to a reviewer by the command line, released, found; a citation of another
one resolved to its original by whoever is entitled to that; each act in the audit log.

  quarantine_test.py build/dev/bin/freshet build/dev/e2e/Quarantine
"""
import json, subprocess, sys

from running_site import Site

REVIEWER = "reviewer-token"
ENTITLED = "entitled-token"
CITED = "The wheelchair of Dr. Okonkwo."
DOUBTFUL = "The wheelchair code is 555-0123 today."
POLICY = "name: strict\nversion: 1\nrisk_limit: 0.1\n"


def resolve_citation(site, call):
    """What a search shows is clean; whoever may sees what it stands for, after a restart too; others do not."""
    hit = site.search("wheelchair", mode="lexical")["hits"][0]
    assert hit["text"] == "The wheelchair of Dr. [NAME].", hit
    place = f'{hit["place"]["start"]}:{hit["place"]["end"] - 1}'
    asked = ["citation", hit["document_id"], "--collection", "files", "--range", place, "--version", hit["version"], "--text"]
    answer = call(*asked, token=ENTITLED)
    assert "".join(piece["text"] for piece in answer["pieces"]) == CITED[:-1], answer
    assert [piece["replaced"] for piece in answer["pieces"]] == [None, "NAME"], answer
    assert call(*asked, token="test-token", status=1)["code"] == "permission_denied"


def main():
    site = Site(*sys.argv[1:3], policy="strict.yaml")
    with open(site.path("strict.yaml"), "w") as f:
        f.write(POLICY)
    with open(site.path("tokens.yaml"), "a") as f:
        f.write(f'- {{token: "{REVIEWER}", user: rita, groups: [freshet-reviewers], tenant: test}}\n')
    with open(site.path("tokens.yaml"), "a") as f:
        f.write(f'- {{token: "{ENTITLED}", user: otto, groups: [freshet-originals], tenant: test}}\n')
    site.start()
    site.write("held.txt", DOUBTFUL)
    site.write("plain.txt", CITED)

    def call(*arguments, token, status=0):
        done = subprocess.run([site.binary, *arguments, "--json", "--url", f"http://127.0.0.1:{site.port}",
                               "--token", token], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def quarantine(*arguments, token=REVIEWER, status=0):
        return call("quarantine", *arguments, token=token, status=status)

    site.wait(lambda: len(quarantine("list")["documents"]) == 1, "the document is held")
    site.wait(lambda: len(site.found("wheelchair")) == 1, "the other one is found")
    held = quarantine("list")["documents"][0]
    assert (held["reason"], held["state"], held["releasable"]) == ("doubt", "held", True), held
    of = [held["document_id"], "--collection", "files"]
    assert quarantine("show", *of)["text"] == DOUBTFUL
    quarantine("show", *of, token="test-token", status=1)  # an operator is no reviewer
    quarantine("release", *of, "--version", "9:9", status=1)
    site.stop()
    site.start()
    assert quarantine("list")["documents"] == [held], "after a restart as before"
    assert len(site.found("wheelchair")) == 1
    resolve_citation(site, call)
    quarantine("release", *of, "--version", held["version"])
    site.wait(lambda: len(site.found("wheelchair")) == 2, "what was released is found")
    assert quarantine("list")["documents"][0]["released_by"] == "rita"
    site.stop()
    with open(site.path("data", "audit.jsonl")) as f:
        lines = [json.loads(line) for line in f]
    acts = [(line["user"], line["action"], line["outcome"]) for line in lines if line["action"].startswith("quarantine_")]
    assert acts == [("rita", "quarantine_show", "ok"), ("tester", "quarantine_show", "permission_denied"),
                    ("rita", "quarantine_release", "not_found"), ("rita", "quarantine_release", "ok")], acts
    released = [line for line in lines if line["action"] == "quarantine_release"][-1]
    assert released["documents"] == [held["document_id"]] and held["version"] in released["subject"], released
    cited = [(line["user"], line["outcome"], line.get("subject", "").split()[-2:]) for line in lines
             if line["action"] == "citation"]
    assert cited == [("otto", "ok", ["0:28", "text"]), ("tester", "permission_denied", [])], cited
    assert "Okonkwo" not in site.log() + json.dumps(lines)
    assert DOUBTFUL not in site.log() and "555-0123" not in json.dumps(lines)
    print("held, shown, released, found; four lines in the audit log")


if __name__ == "__main__":
    main()

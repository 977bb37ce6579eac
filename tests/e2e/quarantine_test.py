"""A document in doubt: held, listed and shown to a reviewer by the command line, released, found; each act in the audit log.

  quarantine_test.py build/dev/bin/freshet build/dev/e2e/Quarantine
"""
import json, subprocess, sys

from running_site import Site

REVIEWER = "reviewer-token"
DOUBTFUL = "The wheelchair code is 555-0123 today."
POLICY = "name: strict\nversion: 1\nrisk_limit: 0.01\n"


def main():
    site = Site(*sys.argv[1:3], policy="strict.yaml")
    with open(site.path("strict.yaml"), "w") as f:
        f.write(POLICY)
    with open(site.path("tokens.yaml"), "a") as f:
        f.write(f'- {{token: "{REVIEWER}", user: rita, groups: [freshet-reviewers], tenant: test}}\n')
    site.start()
    site.write("held.txt", DOUBTFUL)
    site.write("plain.txt", "A wheelchair was brought.")

    def quarantine(*arguments, token=REVIEWER, status=0):
        done = subprocess.run([site.binary, "quarantine", *arguments, "--json", "--url", f"http://127.0.0.1:{site.port}",
                               "--token", token], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert done.returncode == status, (arguments, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

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
    assert DOUBTFUL not in site.log() and "555-0123" not in json.dumps(lines)
    print("held, shown, released, found; four lines in the audit log")


if __name__ == "__main__":
    main()

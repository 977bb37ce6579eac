#!/usr/bin/env python3
"""A Singer tap into the real binary, on the site of connectors/singer/example.yaml: its `tap-postgres` is a script of this
test that says what it is told to. Changes, deletes, listings, a tap that fails, kill -9.

  tests/e2e/singer_test.py BINARY WORK_FOLDER
"""
import json, os, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from example_site import ExampleSite  # noqa: E402

TAP = r"""#!/usr/bin/env python3
import json, os, sys
here = os.path.dirname(os.path.abspath(__file__))
state = json.load(open(sys.argv[sys.argv.index("--state") + 1]))["line"] if "--state" in sys.argv else None
print("a banner that is no message", flush=True)
print("CRITICAL heron-secret on standard error", file=sys.stderr)
if os.path.exists(here + "/fails"):
    sys.exit(1)
changes = [json.loads(line) for line in open(here + "/changes")]
text = {"type": ["null", "string"]}
say = lambda message: print(json.dumps(message), flush=True)
say({"type": "SCHEMA", "stream": "public-note", "key_properties": ["id"],
     "schema": {"properties": {"id": {"type": "integer"}, "body": text, "patient_id": text}}})
rows = changes[state:] if state is not None else list({row["id"]: row for row in changes if not row.get("gone")}.values())
for row in rows:
    if not row.pop("gone", False):
        say({"type": "RECORD", "stream": "public-note", "record": row})
say({"type": "STATE", "value": {"line": len(changes)}})
"""


def change(site, **row):
    with open(site.path("changes"), "a") as f:
        f.write(json.dumps(row) + "\n")


def rewrite(site, rows):
    """What nobody says: rows that are not there any more."""
    with open(site.path("made"), "w") as f:
        f.writelines(json.dumps(row) + "\n" for row in rows)
    os.rename(site.path("made"), site.path("changes"))


def changes(site):
    site.wait(lambda: site.found("heron") == {"note/1"}, "what was there is found")
    change(site, id=2, body="The egret wades.")
    site.wait(lambda: site.found("egret") == {"note/2"}, "a new row is found")
    change(site, id=1, body="The stork stands.")
    site.wait(lambda: site.found("stork") and not site.found("heron"), "a changed row replaces the old one")
    change(site, id=2, _sdc_deleted_at="2026-01-31T09:30:00Z")
    site.wait(lambda: not site.found("egret"), "a deleted row is gone")


def survives(site):
    open(site.path("fails"), "w").close()
    change(site, id=3, body="The ibis walks.")
    site.wait(lambda: "status 1" in site.log(), "a tap that fails is told of")
    assert site.found("stork") == {"note/1"} and not site.found("ibis")
    os.remove(site.path("fails"))
    site.wait(lambda: site.found("ibis") == {"note/3"}, "the tap is begun anew")
    site.kill()
    change(site, id=4, body="The crane dances.")
    site.start()
    site.wait(lambda: site.found("crane") == {"note/4"}, "what changed meanwhile is found")
    assert site.found("stork") == {"note/1"}


def listing(site):
    """A row that vanished without a word is found by a listing that is asked for."""
    rewrite(site, [{"id": 1, "body": "The stork stands."}, {"id": 4, "body": "The crane dances."}] +
            [{"id": 9, "gone": True}] * 20)
    subprocess.run([site.binary, "connector", "snapshot", "--config", site.path("freshet.yaml"), "--source", "clinic"],
                   check=True, stdout=subprocess.DEVNULL)
    site.wait(lambda: not site.found("ibis"), "what a listing does not mention is gone")
    assert site.found("crane") == {"note/4"}


def reconcile(site):
    """A second run of the tap, without a state, tells what the index lacks; nothing of the first one's is taken."""
    def compared(*more):
        done = subprocess.run([site.binary, "source", "reconcile", "clinic", "--json", "--url", f"http://127.0.0.1:{site.port}",
                               "--token", "test-token", *more], capture_output=True, text=True, timeout=120)
        return done.returncode, json.loads(done.stdout)
    status, found = compared()
    assert (status, found["in_source"], found["in_index"]) == (0, 2, 2), found
    rewrite(site, [{"id": 4, "body": "The crane dances."}, {"id": 5, "body": "The rail runs."}] + [{"id": 9, "gone": True}] * 40)
    status, found = compared()
    assert (status, found["missing"], found["surplus"]) == (1, ["note/5"], ["note/1"]), found
    compared("--mend")
    site.wait(lambda: compared()[0] == 0, "and mended")
    assert site.found("crane") == {"note/4"} and site.found("rail") == {"note/5"} and not site.found("stork")


def main():
    site = ExampleSite(*sys.argv[1:3], "connectors/singer/example.yaml", [])
    os.environ["PATH"] = site.directory + ":" + os.environ["PATH"]
    with open(site.path("freshet.yaml")) as f:
        config = f.read()
    site.save("freshet.yaml", config.replace("every: 30s", "every: 200ms"))
    site.save("tap-postgres", TAP)
    os.chmod(site.path("tap-postgres"), 0o755)
    change(site, id=1, body="The heron fishes.")
    site.start()
    changes(site)
    survives(site)
    listing(site)
    reconcile(site)
    for secret in ("heron", "stork", "banner"):
        assert secret not in site.log(), f"a log line holds {secret}"
    assert site.stop() == 0
    print("ok")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""A FHIR server and the real binary, on the site of connectors/fhir/example.yaml: notes, attachments, access, deletes, a
server that goes away, kill -9, and the public bundles of invented patients, de-identified.

  tests/e2e/fhir_test.py BINARY WORK_FOLDER
"""
import base64, glob, http.client, json, os, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from example_site import ExampleSite  # noqa: E402
from fhir_server import FhirServer  # noqa: E402

PUBLIC = "../shared/data/src_synthea_fhir_r4"
CCDA = "../shared/data/src_ccda_examples"
R = [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]


def make_site(folder, policy="none"):
    site = ExampleSite(sys.argv[1], folder, "connectors/fhir/example.yaml", ["8095", "8096"], policy)
    site.save("fhir-token.txt", "fhir-token")
    site.save("hook-token.txt", "hook-token")
    with open(site.path("freshet.yaml")) as f:
        config = f.read()
    site.save("freshet.yaml", config.replace("restricted: {", 'restricted: {PROBE: ["user:tester"], '))
    site.server = FhirServer(int(site.ports["8095"]), "fhir-token")
    return site


def knock(site, token="hook-token"):
    """As a subscription does: the connector asks for changes now."""
    connection = http.client.HTTPConnection("127.0.0.1", site.ports["8096"], timeout=30)
    connection.request("POST", "/", b"", {"Authorization": "Bearer " + token})
    return connection.getresponse().status


def composition(site, name, text, **more):
    site.server.put({"resourceType": "Composition", "id": name, "status": "final", "title": "Progress note",
                     "subject": {"reference": "Patient/p1"}, **more,
                     "section": [{"title": "Course", "text": {"div": f"<div>{text}</div>"}}]})


def note(site, name, text, **more):
    composition(site, name, text, **more)
    knock(site)


def notes(site):
    note(site, "a", "The heron has a fever.")
    site.wait(lambda: site.found("heron") == {"Composition/a"}, "a note is found")
    note(site, "a", "The egret has no fever.")
    site.wait(lambda: site.found("egret") and not site.found("heron"), "its new version replaces it")
    note(site, "a", "The egret was another one.", status="entered-in-error")
    site.wait(lambda: not site.found("egret"), "what was entered in error is gone")
    note(site, "b", "The stork is depressed.", meta={"security": R})
    note(site, "c", "The stork is well.")
    site.wait(lambda: site.found("stork") == {"Composition/c"}, "a restricted note is not everybody's")
    note(site, "b", "The stork is depressed.")
    site.wait(lambda: site.found("stork") == {"Composition/b", "Composition/c"}, "without its label it is")
    site.server.remove("Composition/c")
    site.wait(lambda: site.found("stork") == {"Composition/b"}, "a deleted note is gone")
    assert knock(site, "other") == 401


def attachments(site):
    html = b"<html><body><h1>Plan</h1><p>The bittern rests at home.</p></body></html>"
    site.server.files["Binary/1"] = ("text/html", html)
    reference = {"resourceType": "DocumentReference", "id": "r1", "status": "current", "description": "Plan"}
    site.server.put({**reference, "content": [{"attachment": {"contentType": "text/html", "url": "Binary/1"}}]})
    inline = {"contentType": "text/plain", "data": base64.b64encode(b"The bittern sleeps.").decode()}
    site.server.put({**reference, "id": "r2", "content": [{"attachment": inline}]})
    site.wait(lambda: site.found("bittern") == {"DocumentReference/r1", "DocumentReference/r2"}, "attachments are read")
    ccda = sorted(glob.glob(os.path.join(CCDA, "Documents", "**", "*.xml"), recursive=True))
    if not ccda:
        return print("SKIPPED: the public C-CDA documents are not here")
    with open(ccda[0], "rb") as f:
        site.server.files["Binary/2"] = ("application/cda+xml", f.read())
    cda = {"contentType": "application/cda+xml", "url": site.server.base + "/Binary/2"}
    site.server.put({**reference, "id": "r3", "content": [{"attachment": cda}]})
    site.wait(lambda: any(hit["document_id"] == "DocumentReference/r3" for hit in
                          site.search("allergies medications problems", mode="lexical")["hits"]), "a C-CDA is read")


def prober(site):
    """Its document lives its life by the server's own interface, under its own label, whoever gives it its name."""
    site.save("prober.token", site.server.writer)
    site.save("places.yaml", 'fhir:\n  ehr: {token: "${FILE:prober.token}", label: PROBE}\n')
    command = [site.binary, "probe", "--config", site.path("freshet.yaml"), "--reader", "user:tester", "--once", "--json",
               "--url", f"http://127.0.0.1:{site.port}", "--token", "test-token", "--target", "1h"]
    for site.server.names_itself in (False, True):
        done = subprocess.run([*command, "--places", site.path("places.yaml")], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, (done.stdout, done.stderr)
        rounds = [(row["operation"], row["outcome"]) for row in json.loads(done.stdout)["probes"]]
        assert rounds == [(step, "in_time") for step in ("insert", "update", "access", "delete")], rounds
        assert not site.found("Freshet"), "it leaves nothing"
        assert len([row for row in site.server.current.values() if row[3] is not None]) == len(site.before), "there neither"
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode != 0 and "ehr: a fhir source is probed where --places says" in done.stderr, done.stderr
    site.save("prober.token", "fhir-token")
    done = subprocess.run([*command, "--places", site.path("places.yaml")], capture_output=True, text=True, timeout=300)
    assert done.returncode != 0 and "unauthenticated" in done.stdout, (done.stdout, done.stderr)


def reconciled(site):
    """Source and index are compared by searches of the server, beside the running connector; the difference is named."""
    def told():
        done = subprocess.run([site.binary, "source", "reconcile", "ehr", "--json", "--url", f"http://127.0.0.1:{site.port}",
                               "--token", "test-token"], capture_output=True, text=True, timeout=60)
        assert done.returncode in (0, 1), (done.stdout, done.stderr)
        row = json.loads(done.stdout)
        return row["in_source"], row["missing_count"], row["surplus_count"]
    documents = sum(row.get("status") != "entered-in-error" for row in site.before)
    site.wait(lambda: told() == (documents, 0, 0), "source and index agree", limit=60)
    subprocess.run([site.binary, "source", "pause", "ehr", "--url", f"http://127.0.0.1:{site.port}", "--token", "test-token"],
                   check=True, stdout=subprocess.DEVNULL)
    composition(site, "late", "The ruff is late.")
    assert told() == (documents + 1, 1, 0), told()
    subprocess.run([site.binary, "source", "resume", "ehr", "--url", f"http://127.0.0.1:{site.port}", "--token", "test-token"],
                   check=True, stdout=subprocess.DEVNULL)
    site.wait(lambda: told() == (documents + 1, 0, 0), "and again", limit=60)


def survives(site):
    site.server.down = True
    note(site, "d", "The ibis walks.")
    site.server.down = False
    site.wait(lambda: site.found("ibis") == {"Composition/d"}, "what changed while the server was away is found")
    assert site.found("stork") == {"Composition/b"}, "nothing was deleted"
    for round_ in range(3):
        names = {f"k{round_}x{i}" for i in range(10)}
        for name in names:
            note(site, name, f"The crane{round_} of {name} dances.")
        site.kill()
        site.server.remove(f"Composition/k{round_}x0")
        site.start()
        site.wait(lambda: site.found(f"crane{round_}") == {f"Composition/{n}" for n in names - {f"k{round_}x0"}},
                  "all that the server has is found, and nothing else")


def public(folder):
    """Invented patients, de-identified: their reports are found, their names are not."""
    files = sorted(glob.glob(os.path.join(PUBLIC, "*.json")))[:3]
    if not files:
        return print("SKIPPED: the public bundles are not here")
    site, names, panels = make_site(folder, policy=""), set(), 0
    for name in files:
        with open(name) as f:
            resources = [entry["resource"] for entry in json.load(f)["entry"]]
        patients = [resource for resource in resources if resource["resourceType"] == "Patient"]
        names |= {part for patient in patients for one in patient["name"] for part in [one["family"], *one["given"]]}
        for resource in resources:
            text = json.dumps(resource)
            for patient in patients:
                text = text.replace(f"urn:uuid:{patient['id']}", f"Patient/{patient['id']}")
            site.server.put(json.loads(text))
            panels += resource["resourceType"] == "DiagnosticReport" and "panel" in resource["code"]["text"].lower()
    site.start()

    def done():
        """All inserts are in, but for those that de-identification holds back."""
        rows = site.freshness()["sources"]
        return sum(row["searchable_ms"]["insert"]["count"] for row in rows) > 0 and all(
            lane["backlog"] == 0 for row in rows for lane in row["lanes"].values())
    site.wait(done, "public reports are read", limit=200)
    site.wait(lambda: len(site.search("panel", mode="lexical", top_k=100, one_per_document=True)["hits"]) == panels,
              "each public report of a panel is found by its name, which is nobody's")
    for name in names:
        for hit in site.search(name, mode="lexical")["hits"]:
            assert name not in hit["text"], "a patient's name is in the index"
    assert not any(name in site.log() for name in names), "a log line holds a name"
    print(f"public bundles: {panels} reports of panels; none of {len(names)} names is found")
    assert site.stop() == 0


def main():
    site = make_site(sys.argv[2])
    site.start()
    site.wait_listening()
    notes(site)
    attachments(site)
    site.before = [row[3] for row in site.server.current.values() if row[3] is not None]
    prober(site)
    reconciled(site)
    survives(site)
    for secret in ("heron", "egret", "fhir-token", "hook-token"):
        assert secret not in site.log(), f"a log line holds {secret}"
    assert site.stop() == 0
    public(sys.argv[2] + "-public")
    print("ok")


if __name__ == "__main__":
    main()

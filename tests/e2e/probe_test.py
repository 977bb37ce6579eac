#!/usr/bin/env python3
"""The prober over a running pipeline: one round, rounds for ever with its metrics, and a pipeline that hides its document.

  tests/e2e/probe_test.py BINARY WORK_FOLDER
"""
import json, os, re, shutil, subprocess, sys, time, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_site import TOKEN, Site  # noqa: E402

STEPS = ["insert", "update", "access", "delete"]
with open("services/probe/probe.cc", encoding="utf-8") as source:
    WORDS = re.findall(r'"([a-z]+)"', re.search(r"kWords = \{(.*?)\};", source.read(), re.S).group(1))


def command(site, *more):
    return [site.binary, "probe", "--config", site.path("freshet.yaml"), "--reader", "user:tester",
            "--url", f"http://127.0.0.1:{site.port}", "--token", TOKEN, "--target", "1h", *more]


def once(site, *more, status=0):
    done = subprocess.run(command(site, "--once", "--json", *more), capture_output=True, text=True, timeout=300)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return [(row["operation"], row["outcome"]) for row in json.loads(done.stdout)["probes"]]


def for_ever(site):
    process = subprocess.Popen(command(site, "--every", "1s", "--status", "127.0.0.1:0"), stdout=subprocess.PIPE, text=True)
    try:
        url = re.search(r"http://\S+", process.stdout.readline()).group(0)

        def counted():
            with urllib.request.urlopen(url + "/metrics", timeout=10) as answer:
                text = answer.read().decode()
            rows = dict(re.findall(r'^freshet_probes_total\{.*operation="(\w+)",outcome="in_time"\} (\d+)$', text, re.M))
            last = re.search(r"^freshet_probe_timestamp_seconds\{.*\} (\S+)$", text, re.M)
            return {name: int(count) for name, count in rows.items()}, float(last.group(1)) if last else 0, text
        site.wait(lambda: counted()[0].get("delete", 0) >= 2, "two rounds", limit=120)
        rounds, last, text = counted()
        assert set(rounds) == set(STEPS) and abs(time.time() - last) < 120, (rounds, last)
        assert re.search(r'^freshet_probe_seconds_count\{.*operation="access"\} [1-9]', text, re.M), text
    finally:
        process.terminate()
        assert process.wait(120) == 0, "SIGTERM ends it"


def strictest(binary, work):
    """What the prober writes passes de-identification as it is: whichever of its words' turn it is, and all the way."""
    pairs = [f"{a} {b}" for a in WORDS for b in WORDS if a != b]
    texts = "".join(json.dumps({"id": pair, "text": f"Freshet probe {pair}.\n"}) + "\n" for pair in pairs)
    done = subprocess.run([binary, "deid", "batch", "--policy", "safe_harbor"], input=texts, capture_output=True, text=True,
                          check=True)
    for row in map(json.loads, done.stdout.splitlines()):
        assert row["action"] == "forward" and row["id"] in row["output"], row
    site = Site(binary, os.path.join(work, "strict"), policy="safe_harbor")
    site.start()
    assert once(site) == [(step, "in_time") for step in STEPS]
    assert site.stop() == 0


def main():
    binary, work = sys.argv[1:3]
    shutil.rmtree(work, ignore_errors=True)
    site = Site(binary, os.path.join(work, "site"))
    site.start()
    site.write("other.txt", "otherword stands here.")
    site.wait(lambda: site.found("otherword"), "a document arrives")
    assert once(site) == [(step, "in_time") for step in STEPS]
    assert not os.path.exists(site.path("root", "freshet-probe")), "it leaves nothing"
    print("one round")
    for_ever(site)
    print("rounds for ever")
    subprocess.run([binary, "source", "pause", "files", "--url", f"http://127.0.0.1:{site.port}", "--token", TOKEN], check=True)
    site.wait(lambda: 'freshet_connector_up{tenant="test",source="files"} 0' in site.request("GET", "/metrics", token=None)[1],
              "the connector rests")
    assert once(site, "--limit", "2s", status=1) == [("insert", "failed")]
    assert not os.path.exists(site.path("root", "freshet-probe")), "nor where it failed"
    print("a pipeline that hides its document")
    assert site.stop() == 0
    strictest(binary, work)
    print("the strictest policy")


if __name__ == "__main__":
    main()

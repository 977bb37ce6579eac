#!/usr/bin/env python3
"""A real Prometheus with our very rules scrapes a real pipeline through two outages: the right alerts fire in time, their
runbooks' commands show the fault, what the page says mends it, and the alerts stop.

  tests/e2e/prometheus_test.py BINARY WORK_FOLDER
"""
import atexit, json, os, shutil, subprocess, sys, time, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from runbook import Page  # noqa: E402
from runbook_test import free_port  # noqa: E402
from running_site import Site  # noqa: E402

PROMETHEUS = """global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: freshet
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""
# What may fire beside the alert that is waited for: the same outage, seen from elsewhere.
BESIDE = {"FreshetConnectorDown", "FreshetConnectorRestarts", "FreshetSloBurnFast", "FreshetSloBurnSlow", "FreshetSloViolated"}


class Prometheus:
    def __init__(self, directory, target):
        os.makedirs(directory)
        config = os.path.join(directory, "prometheus.yml")
        with open(config, "w") as file:
            file.write(PROMETHEUS.format(rules=os.path.abspath("alerts/rules.yaml"), port=target))
        self.port = free_port()
        self.log = open(os.path.join(directory, "prometheus.log"), "w")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={directory}/data",
             f"--web.listen-address=127.0.0.1:{self.port}"], stdout=self.log, stderr=self.log)
        atexit.register(self.process.kill)

    def firing(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/alerts", timeout=10) as answer:
                alerts = json.load(answer)["data"]["alerts"]
        except OSError:
            return None  # not up yet
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def wait(self, holds, what, limit):
        begin, firing = time.monotonic(), None
        while time.monotonic() - begin < limit:
            firing = self.firing()
            if firing is not None and holds(firing):
                return time.monotonic() - begin
            time.sleep(1)
        raise AssertionError(f"not within {limit} s: {what}; firing: {firing}")


def source_is_away(site, prometheus):
    lag, access, down = pages = [Page("alerts/" + name, site, SOURCE="files") for name in
                                 ("FreshetIngestionLag", "FreshetAccessStale", "FreshetConnectorDown")]
    os.rename(site.path("root"), site.path("away"))
    took = prometheus.wait(lambda firing: {"FreshetIngestionLag", "FreshetAccessStale"} <= firing, "the source is away", 420)
    firing = prometheus.firing()
    assert firing <= {"FreshetIngestionLag", "FreshetAccessStale"} | BESIDE, firing
    print(f"a source that is away: alerts after {took:.0f} s: {sorted(firing)}", flush=True)
    for page in pages:
        page.confirm()
        assert not page.is_over(), page.name
    os.rename(site.path("away"), site.path("root"))  # "bring the source back"
    site.wait(lambda: all(page.is_over() for page in pages), "the pages say that it is over", limit=120)
    took = prometheus.wait(lambda firing: not firing & {"FreshetIngestionLag", "FreshetAccessStale", "FreshetConnectorDown"},
                           "the alerts end", 180)
    print(f"the alerts ended {took:.0f} s after the pages", flush=True)
    assert site.found("lastingword"), "and nothing is lost"


def process_is_gone(site, prometheus):
    page = Page("alerts/FreshetDown", site)
    site.kill()
    took = prometheus.wait(lambda firing: "FreshetDown" in firing, "the process is gone", 180)
    print(f"a process that is gone: FreshetDown after {took:.0f} s", flush=True)
    assert not page.is_over()
    assert page.run("freshet config check --config freshet.yaml").returncode == 0
    site.start()  # "It is not running: start it."
    site.wait(page.is_over, "the page says that it is over")
    prometheus.wait(lambda firing: "FreshetDown" not in firing, "it is over", 60)
    assert site.found("lastingword")


def main():
    binary, work = sys.argv[1:3]
    if shutil.which("prometheus") is None:
        print("SKIPPED: this machine has no prometheus")
        return 77
    shutil.rmtree(work, ignore_errors=True)
    site = Site(binary, os.path.join(work, "site"))
    port = free_port()
    with open(site.path("freshet.yaml")) as file:
        config = file.read()
    with open(site.path("freshet.yaml"), "w") as file:
        file.write(config.replace("127.0.0.1:0", f"127.0.0.1:{port}"))
    site.start()
    site.write("lasting.txt", "lastingword stands here.")
    site.wait(lambda: site.found("lastingword"), "a document arrives")
    prometheus = Prometheus(os.path.join(work, "prometheus"), port)
    prometheus.wait(lambda firing: True, "Prometheus is up", 60)
    time.sleep(10)
    assert prometheus.firing() == set(), prometheus.firing()
    source_is_away(site, prometheus)
    process_is_gone(site, prometheus)
    assert site.stop() == 0
    prometheus.process.terminate()
    prometheus.process.wait(30)
    return 0


if __name__ == "__main__":
    sys.exit(main())

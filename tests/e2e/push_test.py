#!/usr/bin/env python3
"""Events that are pushed, by HTTP into the real binary, on the site of connectors/push/example.yaml: what was answered with
202 is found, before and after kill -9; what was not may be sent again.

  tests/e2e/push_test.py BINARY WORK_FOLDER
"""
import http.client, json, os, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from example_site import ExampleSite  # noqa: E402


class Portal:
    """Who pushes."""

    def __init__(self, site):
        self.site, self.events = site, 0

    def post(self, kind, subject, data=None, token="portal-token", **more):
        self.events += 1
        stamp = time.time()
        event = {"specversion": "1.0", "id": str(self.events), "source": "/portal", "subject": subject,
                 "type": f"org.freshet.{kind}.v1",
                 "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(stamp)) + f".{int(stamp % 1 * 1e6):06}Z", **more}
        if data is not None:
            event["data"] = data
        return self.send("POST", json.dumps(event), "application/cloudevents+json", token)

    def send(self, method, body, media_type, token="portal-token"):
        connection = http.client.HTTPConnection("127.0.0.1", self.site.ports["8090"], timeout=30)
        connection.request(method, "/v1/events", body, {"Content-Type": media_type, "Authorization": "Bearer " + token})
        answer = connection.getresponse()
        self.answer, self.headers, self.status = answer.read().decode(), dict(answer.getheaders()), answer.status
        return answer.status

    def put(self, subject, text, scope="all"):
        return self.post("document.upserted", subject, text, datacontenttype="text/plain", scope=scope)


def documents(site, portal):
    assert portal.post("access.changed", "all", {"allow": ["group:clinicians"]}) == 202
    assert portal.put("portal/1", "The heron stands in the first version.") == 202
    site.wait(lambda: site.found("heron") == {"portal/1"}, "a pushed document is found")
    assert portal.put("portal/1", "The egret stands in the second version.") == 202
    site.wait(lambda: site.found("egret") and not site.found("heron"), "its new version replaces it")
    assert portal.post("document.deleted", "portal/1") == 202
    site.wait(lambda: not site.found("egret"), "a delete takes effect")


def access(site, portal):
    assert portal.put("portal/2", "The bittern hides.", scope="narrow") == 202
    assert portal.put("portal/3", "The bittern shows itself.") == 202
    site.wait(lambda: site.found("bittern") == {"portal/3"}, "a scope without a list lets nobody in")
    assert portal.post("group.changed", "group:watchers", {"members": ["user:tester"]}) == 202
    assert portal.post("access.changed", "narrow", {"allow": ["group:watchers"]}) == 202
    site.wait(lambda: site.found("bittern") == {"portal/2", "portal/3"}, "a list lets a group in")
    assert portal.post("group.changed", "group:watchers", {"members": []}) == 202
    site.wait(lambda: site.found("bittern") == {"portal/3"}, "who left the group is out")


def refusals(site, portal):
    assert portal.post("document.upserted", "") == 400
    assert portal.post("document.upserted", "a", "x", token="other") == 401
    assert portal.send("PATCH", "[]", "application/json-patch+json") == 405 and "sent whole" in portal.answer
    assert portal.send("POST", "{}", "application/merge-patch+json") == 415
    assert portal.send("POST", "x" * (17 << 20), "application/cloudevents+json") == 413


def prober(site, portal):
    """Its document lives its life through the same door as everybody's."""
    site.save("push.token", "portal-token\n")
    site.save("places.yaml", 'pushes:\n  portal: {url: "http://127.0.0.1:%d/v1/events", token: "${FILE:push.token}"}\n'
              % site.ports["8090"])
    command = [site.binary, "probe", "--config", site.path("freshet.yaml"), "--reader", "user:tester", "--once", "--json",
               "--url", f"http://127.0.0.1:{site.port}", "--token", "test-token", "--target", "1h"]
    done = subprocess.run([*command, "--places", site.path("places.yaml")], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, (done.stdout, done.stderr)
    rounds = [(row["operation"], row["outcome"]) for row in json.loads(done.stdout)["probes"]]
    assert rounds == [(step, "in_time") for step in ("insert", "update", "access", "delete")], rounds
    assert not site.found("Freshet"), "it leaves nothing"
    site.save("push.token", "another-token\n")
    done = subprocess.run([*command, "--places", site.path("places.yaml")], capture_output=True, text=True, timeout=300)
    assert done.returncode != 0 and "unauthenticated" in done.stdout, (done.stdout, done.stderr)


def cannot_be_listed(site):
    done = subprocess.run([site.binary, "source", "reconcile", "portal", "--json", "--url", f"http://127.0.0.1:{site.port}",
                           "--token", "test-token"], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "unsupported_change" in done.stdout and "senders" in done.stdout, (done.stdout, done.stderr)


def survives_kills(site, portal):
    """Whatever was answered with 202 before kill -9 is found after it; what was not is sent again."""
    for round_ in range(3):
        accepted = [f"k{round_}x{i}" for i in range(20)]
        for name in accepted:
            assert portal.put(name, f"The ibis{round_} of {name} walks.") == 202
        site.kill()
        site.start()
        site.wait_listening()
        site.wait(lambda: site.found(f"ibis{round_}") == set(accepted), "all that was accepted is found")


def main():
    site = ExampleSite(*sys.argv[1:3], "connectors/push/example.yaml", ["8090"])
    site.save("push-tokens.txt", "# the portal\nportal-token\n")
    portal = Portal(site)
    site.start()
    site.wait_listening()
    documents(site, portal)
    access(site, portal)
    prober(site, portal)
    cannot_be_listed(site)
    refusals(site, portal)
    survives_kills(site, portal)
    for secret in ("ibis", "heron", "portal-token"):
        assert secret not in site.log(), f"a log line holds {secret}"
    assert site.stop() == 0
    print("ok")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""A disk that is full, under a site whose documents go on changing (DESIGN §4.4): nothing acknowledged is lost, nothing more
is acknowledged, searches go on, operators see it; with room it goes on, and its page in runbooks/ says how that shows.

  tests/e2e/disk_test.py BINARY WORK_FOLDER
"""
import base64, json, os, random, shutil, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import alert_rules  # noqa: E402
from example_site import free_port, listens  # noqa: E402
from push_test import Portal  # noqa: E402
from runbook import Page  # noqa: E402
from running_site import QueryProcess, Site  # noqa: E402
from small_disk import SmallDisk, enter_own_mounts  # noqa: E402

MORE = """sources:
  - name: portal
    connector: push
    collection: portal
    options: {{listen: "127.0.0.1:{port}", tokens: "${{FILE:push-tokens.txt}}", retry_after: 1s, ack_timeout: 3s}}
"""
PROMISES = """    slo: {searchable: {target: 1s, objective: 0.9, window: 1h}, revoked: {target: 1s, objective: 0.9, window: 1h}}
collections:
  - {name: portal, deidentify: none}
"""


class Clinic(Site):
    """A folder and a portal that pushes; `truth` is what they have said: the newest text of each document."""

    def __init__(self, binary, directory, **options):
        super().__init__(binary, directory, **options)
        self.ports = {"8090": free_port()}
        with open(self.path("freshet.yaml")) as file:
            text = file.read()
        text = text.replace("sources:\n", MORE.format(port=self.ports["8090"]), 1).replace("collections:\n", PROMISES, 1)
        with open(self.path("freshet.yaml"), "w") as file:
            file.write(text)
        with open(self.path("push-tokens.txt"), "w") as file:
            file.write("portal-token\n")
        self.portal, self.pushed, self.files, self.refused = Portal(self), {}, {}, 0

    def put(self, name, text):
        self.write(name, text)
        self.files[name] = text

    def delete(self, name):
        os.unlink(self.path("root", name))
        del self.files[name]

    def push(self, name, text):
        """Whether it was taken; what was not is no part of the truth."""
        status = self.portal.put(name, text)
        if status == 202:
            self.pushed[name] = text
            return True
        assert status == 503 and self.portal.headers["Retry-After"] == "1", (status, self.portal.answer)
        self.refused += 1
        return False

    def listen(self):
        self.start()
        self.wait(lambda: listens(self.ports["8090"]), "somebody takes what is pushed")

    def digest(self):
        done = subprocess.run([self.binary, "index", "digest", "--config", self.path("freshet.yaml"), "--without-versions",
                               "--lines"], capture_output=True, text=True, check=True)
        return done.stdout


def word(name, number):
    return "".join(c for c in name if c.isalnum()) + f"v{number}"


def text_of(name, number):
    return f"{word(name, number)} is what this version says. " + f"More words of {name} follow here. " * 40


def before(site):
    """While there is room: what is kept, changed, deleted and hidden later."""
    assert site.portal.post("access.changed", "all", {"allow": ["group:freshet-operators"]}) == 202
    site.put("private/_access.yaml", 'allow: ["user:tester"]\n')
    for i in range(8):
        for kind in ("keep", "turn", "gone", "private/hide"):
            site.put(f"{kind}{i}.txt", text_of(f"{kind}{i}", 1))
        site.wait(lambda: site.push(f"portal{i}", text_of(f"portal{i}", 1)), "it takes what is pushed")
    for kind in ("keep", "turn", "gone", "private/hide", "portal"):
        for i in range(8):
            site.wait(lambda: site.found(word(f"{kind}{i}", 1)), f"{kind}{i} is found", limit=120)
    site.caught_up()


def change(site, number):
    """Of every kind, while the disk is full; of what is pushed nothing is taken."""
    for i in range(8):
        site.put(f"turn{i}.txt", text_of(f"turn{i}", number))
        site.put(f"new{number}x{i}.txt", text_of(f"new{number}x{i}", number))
    for i in range(4):
        site.delete(f"gone{4 * (number - 2) + i}.txt")
    site.put("private/_access.yaml", 'allow: ["user:nobody"]\n')
    for i in range(3):
        assert not site.push(f"portal{i}", text_of(f"portal{i}", number)), "taken, and there was no room for it"


def holds(site, number):
    """All of it took effect, and who was refused and sends again is taken."""
    for i in range(3):
        site.wait(lambda: site.push(f"portal{i}", text_of(f"portal{i}", number)), "what is pushed is taken again")
    for kind, count in (("turn", 8), (f"new{number}x", 8), ("portal", 3)):
        for i in range(count):
            site.wait(lambda: site.found(word(f"{kind}{i}", number)), f"{kind}{i} as it is now", limit=120)
    for i in range(4):
        site.wait(lambda: not site.found(word(f"gone{4 * (number - 2) + i}", 1)), "a deleted document is gone")
    site.wait(lambda: not any(site.found(word(f"private/hide{i}", 1)) for i in range(8)), "what was revoked is gone")
    assert all(site.found(word(f"keep{i}", 1)) for i in range(8))
    site.caught_up()


def shows(site, pages):
    """What operators and callers see of a full disk: the pages, the alert's expression, the log, freshness, answers."""
    for page in pages:
        site.wait(lambda: "code=disk_full" in page.confirm(), f"the commands of {page.name} show it")
        site.wait(lambda: not page.is_over(), f"{page.name} says that it is not over")
    assert alert_rules.is_true("FreshetDiskFilling", site.request("GET", "/metrics", token=None)[1])
    rows = lambda: {row["source"]: row for row in site.freshness()["sources"]}
    site.wait(lambda: all(row["state"] == "stale" for row in rows().values()), "both sources are seen to be stale")
    site.wait(lambda: all(slo["state"] == "at_risk" for slo in rows()["files"]["slo"]), "its promises are at risk")
    for _ in range(50):
        assert site.found(word("keep1", 1)) and site.found(word("turn1", 1)), "what is in stays searchable"
    query = {"query": word("keep1", 1), "max_staleness_ms": 1000, "on_stale": "refuse"}
    status, text = site.request("POST", "/v1/search", query)
    assert (status, json.loads(text)["code"]) == (503, "stale"), text


def filled_by_others(site, disk):
    """Without a restart: everything goes on when there is room."""
    pages = [Page("alerts/FreshetDiskFilling", site), Page("codes/disk_full", site)]
    site.wait(lambda: all(page.is_over() for page in pages), "there is room at first")
    disk.fill()
    change(site, 2)
    shows(site, pages)
    disk.make_room()
    site.wait(lambda: all(page.is_over() for page in pages), "the pages say that it is over")
    holds(site, 2)


def ended_while_full(site, disk):
    """It ends as it should, says what it could not store, and the next one makes that good. Meanwhile `freshet query` starts."""
    disk.fill()
    site.put("turn0.txt", text_of("turn0", 5))

    def stands():
        disk.fill()
        return all(row["state"] == "stale" for row in site.freshness()["sources"])
    site.wait(stands, "nothing is taken in any more")
    assert site.stop() == 0, site.log()[-2000:]
    assert "Progress made last is not stored" in site.log(), site.log()[-2000:]
    disk.fill()
    query = QueryProcess(site)
    query.start()
    ask = lambda: query.request("POST", "/v1/search", {"query": word("keep1", 1), "mode": "lexical"})
    ready = lambda: query.request("GET", "/readyz", token=None)
    status, text = ready()
    assert status == 503 and "disk_full" in text, (status, text)
    status, text = ask()
    assert (status, json.loads(text)["code"]) == (503, "disk_full"), text
    disk.make_room()
    query.wait(lambda: ready()[0] == 200 and query.found(word("keep1", 1)), "it answers without a restart")
    audit = site.path("data", "audit-query.jsonl")
    query.wait(lambda: ready() and os.stat(audit).st_blocks * 512 > (8 << 20), "it sets room aside for lines")
    assert query.stop() == 0
    disk.fill()
    query.start()  # with what is set aside for its lines
    query.wait(lambda: ready()[0] == 200, "it is ready on a full disk")
    for _ in range(50):
        assert query.found(word("keep1", 1))
    assert query.stop() == 0
    disk.make_room()
    site.listen()
    site.wait(lambda: site.found(word("turn0", 5)), "what changed meanwhile arrives", limit=120)


def killed_while_full(site, disk):
    """It ends by itself where it cannot open its stores, says why, and whoever starts it again heals it."""
    disk.fill()
    change(site, 3)
    site.kill()
    disk.fill()
    for _ in range(2):
        done = subprocess.run([site.binary, "run", "--config", site.path("freshet.yaml")], capture_output=True, text=True,
                              timeout=120)
        assert done.returncode == 1 and not done.stdout, done
        assert "disk_full" in done.stderr and "runbooks/codes/disk_full.md" in done.stderr, done.stderr
    assert os.path.exists("runbooks/codes/disk_full.md")
    disk.make_room()
    site.listen()
    holds(site, 3)


def filled_by_its_own_log(site, disk):
    """Retention makes room, as the page says."""
    noise = random.Random(1)
    text = lambda: "\0" + base64.b85encode(noise.randbytes(600_000)).decode()  # skipped behind the log: it is binary
    taken, refused = 0, 0
    while refused < 3:
        status = site.portal.put(f"noise{taken % 4}", text())
        taken, refused = (taken + 1, 0) if status == 202 else (taken, refused + 1)
        assert status in (202, 503), (status, site.portal.answer)
    assert taken > 50, taken
    with open(site.path("freshet.yaml")) as file:
        config = file.read()
    with open(site.path("freshet.yaml"), "w") as file:
        file.write(config.replace("log: {kind: embedded,", "log: {kind: embedded, retention_bytes: 64MiB,"))
    page = Page("alerts/FreshetDiskFilling", site)
    page.do()
    assert site.stop() == 0, site.log()[-2000:]  # what cannot be written at the end is in the log
    free = disk.free()
    site.listen()
    site.wait(page.is_over, "retention has made room", limit=120)
    assert disk.free() > free + (16 << 20), (free, disk.free())
    site.wait(lambda: site.portal.put("noise0", text()) == 202, "as much is taken again")
    for i in range(4):
        site.wait(lambda: site.portal.post("document.deleted", f"noise{i}") == 202, "a delete is taken")
    holds(site, 3)


def as_rebuilt(site, binary, work):
    assert site.stop() == 0
    fresh = Clinic(binary, os.path.join(work, "rebuilt"))
    for name, text in site.files.items():
        fresh.put(name, text)
    fresh.listen()
    assert fresh.portal.post("access.changed", "all", {"allow": ["group:freshet-operators"]}) == 202
    for name, text in site.pushed.items():
        fresh.wait(lambda: fresh.push(name, text), "it takes what is pushed")
    fresh.caught_up()
    assert fresh.stop() == 0
    assert site.digest() == fresh.digest(), "the index is not what its sources are"


def main():
    enter_own_mounts()
    binary, work = sys.argv[1:3]
    shutil.rmtree(work, ignore_errors=True)
    site = Clinic(binary, os.path.join(work, "full"))
    disk = SmallDisk(site.path("data"), "192m")
    site.listen()
    before(site)
    for step in (filled_by_others, ended_while_full, killed_while_full, filled_by_its_own_log):
        step(site, disk)
        print(step.__name__, "holds", flush=True)
    as_rebuilt(site, binary, work)
    print("as rebuilt:", len(site.files), "files,", len(site.pushed), "pushed, refused meanwhile:", site.refused)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What demo/README.md tells a newcomer to do, done: the demo is started, each thing that it lists is broken by its own command,
shows as it says, is mended by its own command, and is well again, with no promise broken for good.

  tests/e2e/newcomer_test.py BINARY WORK_FOLDER
"""
import atexit, json, os, re, signal, subprocess, sys, threading, time

README = "demo/README.md"


def breaks():
    """{title: (break it, mend it)} of the README."""
    with open(README, encoding="utf-8") as file:
        parts = re.split(r"^### (.+)$", file.read().split("## Break something", 1)[1], flags=re.M)
    return {title: re.findall(r"```sh\n(.*?)```", body, re.S) for title, body in zip(parts[1::2], parts[2::2])}


class Demo:
    def __init__(self, binary, work):
        self.work = os.path.abspath(work)
        self.process = subprocess.Popen([sys.executable, "tools/demo.py", binary, work], stdout=subprocess.PIPE, text=True,
                                        env=dict(os.environ, PORT="0"))
        atexit.register(self.process.kill)
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "operator.env" in line:
                break
        else:
            raise AssertionError("the demo ended: " + "".join(said)[-2000:])
        self.said = "".join(said)
        threading.Thread(target=self.process.stdout.read, daemon=True).start()  # nobody waits for a full pipe

    def run(self, command):
        """In the newcomer's shell."""
        done = subprocess.run(["bash", "-c", ". ./operator.env && " + command], cwd=self.work, capture_output=True, text=True,
                              timeout=120)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    def sources(self):
        report = json.loads(self.run('freshet freshness --url "$URL" --token "$TOKEN" --json'))
        return {row["source"]: row for row in report["sources"]}

    def wait(self, holds, what, limit=180):
        begin = time.monotonic()
        while not holds(self.sources()):
            assert self.process.poll() is None, "the demo ended"
            assert time.monotonic() - begin < limit, f"not within {limit} s: {what}: {self.sources()}"
            time.sleep(0.2)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(120) == 0


def well(sources):
    return all(row["state"] == "fresh" and not row["dead_letters"] and not row["held_deletes"] and
               all(slo["state"] in ("met", "unknown") for slo in row["slo"]) for row in sources.values())


# How each shows.
SHOWS = {"A file that is no text": lambda now: now["policies"]["dead_letters"] == {"binary_content": 1},
         "A connector that rests": lambda now: now["notes"]["staleness_ms"] > 60_000 and now["notes"]["state"] == "stale",
         "A folder that is gone": lambda now: now["notes"]["state"] == "stale"}


def main():
    listed = breaks()
    assert set(listed) == set(SHOWS), (set(listed), "this test knows how each shows")
    demo = Demo(*sys.argv[1:3])
    assert "/freshness, with Olga's token" in demo.said, demo.said
    demo.wait(well, "a demo that is well")
    for title, (break_it, mend_it) in listed.items():
        demo.run(break_it)
        demo.wait(SHOWS[title], f"it shows: {title}")
        demo.run(mend_it)
        demo.wait(well, f"it is well again: {title}")
        print(title, "shows and is mended", flush=True)
    demo.end()


if __name__ == "__main__":
    main()

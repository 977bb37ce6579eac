"""change -> found: how long after a change in the folder a search says the same. One change at a time, a closed loop.

    with Probe(pipeline, folder) as probe:
        times = probe.run(count=40, gap=0.15, access=True)     # {"insert": [ms, ...], "update": ..., "delete": ..., "access": ...}

A file is written beside the folder and renamed into it; the clock starts just before the rename (or the unlink) and stops
when the answer of a search that says the same has been read, so the search itself is in the figure. Words that are looked
for are made of letters alone and end as a disease does: what looks like a number or a name is replaced by de-identification. An access change is
a folder's list that closes or opens; only a pipeline with access control has that. What is not seen within LIMIT counts
as LIMIT and as missed.
"""
import http.client
import json
import os
import random
import time
import urllib.parse

import pipelines

LIMIT = 20.0
LETTERS = "bcdfghjklmnpqrstvwz"


class Probe:
    def __init__(self, pipeline, folder, seed=1):
        self.pipeline, self.folder, self.random = pipeline, folder, random.Random(f"{seed} {time.time_ns()}")
        self.staging = folder.rstrip("/") + ".staging"
        self.times = {"insert": [], "update": [], "delete": [], "access": []}
        self.queries, self.missed = [], 0

    def __enter__(self):
        os.makedirs(self.staging, exist_ok=True)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.pipeline.port, timeout=60)
        return self

    def __exit__(self, *_):
        self.connection.close()

    def word(self):
        return "zq" + "".join(self.random.choices(LETTERS, k=12)) + "osis"

    def ask(self, text):
        """The whole reply as text."""
        begin = time.monotonic()
        if "--post" in self.pipeline.search:
            self.connection.request("POST", "/v1/search", json.dumps({"query": text, "top_k": 10}), pipelines.headers())
        else:
            address = urllib.parse.urlsplit(self.pipeline.search[1].replace("{q}", urllib.parse.quote("query: " + text)))
            self.connection.request("GET", f"{address.path}?{address.query}")
        reply = self.connection.getresponse().read().decode("utf-8", "replace")
        self.queries.append((time.monotonic() - begin) * 1000)
        return reply

    def until(self, operation, begin, text, holds):
        """Asks until holds(reply); notes how long that took."""
        while not holds(self.ask(text)):
            if time.monotonic() - begin > LIMIT:
                self.missed += 1
                break
            time.sleep(0.001)
        self.times[operation].append((time.monotonic() - begin) * 1000)

    def put(self, path, text):
        """Returns when the file took its name."""
        staged = os.path.join(self.staging, "staged")
        with open(staged, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        begin = time.monotonic()
        os.replace(staged, path)
        return begin

    def pause(self, gap):
        time.sleep(self.random.uniform(0, gap))

    def content(self, gap):
        """A file comes, changes and goes."""
        first, second = self.word(), self.word()
        path = os.path.join(self.folder, f"probe-{first}.txt")
        text = "How long a change takes until it is found, by the word {0} here.\n"
        longer = "It was changed. " + text  # of another size: some watchers see no other change within a second
        self.pause(gap)
        self.until("insert", self.put(path, text.format(first)), text.format(first), lambda reply: first in reply)
        self.pause(gap)
        self.until("update", self.put(path, longer.format(second)), longer.format(second), lambda reply: second in reply)
        self.pause(gap)
        begin = time.monotonic()
        os.unlink(path)
        self.until("delete", begin, longer.format(second), lambda reply: second not in reply)

    def access(self, word, gap):
        """A folder's list closes, then opens again."""
        rule = os.path.join(self.folder, "restricted", "_access.yaml")
        for allow, seen in (("user:nobody", False), ("group:bench", True)):
            self.pause(gap)
            begin = self.put(rule, f'inherit: false\nallow: ["{allow}"]\n')
            self.until("access", begin, word, lambda reply: (word in reply) == seen)

    def run(self, count, gap, access=False, goes_on=lambda: True):
        word = self.word()
        if access:
            os.makedirs(os.path.join(self.folder, "restricted"), exist_ok=True)
            begin = self.put(os.path.join(self.folder, "restricted", "kept.txt"), f"Only some may read this line, by the word {word} here.\n")
            self.until("insert", begin, word, lambda reply: word in reply)
        for _ in range(count):
            if not goes_on():
                break
            self.content(gap)
            if access:
                self.access(word, gap)
        return {**{name: times for name, times in self.times.items() if times}, "query": self.queries,
                "missed": self.missed}

"""change -> found: how long after a change in a source a search says the same. One change at a time, a closed loop.

    with Probe(pipeline, Folder(path)) as probe:
        times = probe.run(count=40, gap=0.15, access=True)     # {"insert": [ms, ...], "update": ..., "delete": ..., "access": ...}

A file is written beside the folder and renamed into it; the clock starts just before the rename or the unlink (in a database,
database.py, before the statement that commits) and stops when the answer of a search that says the same has been read, so
the search itself is in the figure. Words that are looked for are made of letters alone and end as a disease does: what looks
like a number or a name is replaced by de-identification. An access change is a folder's list that closes or opens; only a
pipeline with access control has that. What is not seen within LIMIT counts as LIMIT and as missed.
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


class Folder:
    """Where the changes are made; each returns when the change was begun to be there."""

    def __init__(self, folder):
        self.folder, self.staging = folder, folder.rstrip("/") + ".staging"
        os.makedirs(self.staging, exist_ok=True)

    def put(self, path, text):
        staged = os.path.join(self.staging, "staged")
        with open(staged, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        begin = time.monotonic()
        os.replace(staged, path)
        return begin

    def write(self, name, text):
        return self.put(os.path.join(self.folder, f"probe-{name}.txt"), text)

    def remove(self, name):
        begin = time.monotonic()
        os.unlink(os.path.join(self.folder, f"probe-{name}.txt"))
        return begin

    def keep(self, text):
        """A document that hangs on a list of its own."""
        os.makedirs(os.path.join(self.folder, "restricted"), exist_ok=True)
        return self.put(os.path.join(self.folder, "restricted", "kept.txt"), text)

    def allow(self, principal):
        """That list has nobody else on it from now on."""
        return self.put(os.path.join(self.folder, "restricted", "_access.yaml"), f'inherit: false\nallow: ["{principal}"]\n')


class Probe:
    def __init__(self, pipeline, place, seed=1):
        self.pipeline, self.place, self.random = pipeline, place, random.Random(f"{seed} {time.time_ns()}")
        self.times = {"insert": [], "update": [], "delete": [], "access": []}
        self.queries, self.missed = [], 0

    def __enter__(self):
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

    def pause(self, gap):
        time.sleep(self.random.uniform(0, gap))

    def content(self, gap):
        """A document comes, changes and goes."""
        first, second = self.word(), self.word()
        text = "How long a change takes until it is found, by the word {0} here.\n"
        longer = "It was changed. " + text  # of another size: some watchers see no other change within a second
        self.pause(gap)
        self.until("insert", self.place.write(first, text.format(first)), text.format(first), lambda reply: first in reply)
        self.pause(gap)
        self.until("update", self.place.write(first, longer.format(second)), longer.format(second), lambda reply: second in reply)
        self.pause(gap)
        self.until("delete", self.place.remove(first), longer.format(second), lambda reply: second not in reply)

    def access(self, word, gap):
        """A list closes, then opens again."""
        for allow, seen in (("user:nobody", False), ("group:bench", True)):
            self.pause(gap)
            self.until("access", self.place.allow(allow), word, lambda reply: (word in reply) == seen)

    def run(self, count, gap, access=False, goes_on=lambda: True):
        word = self.word()
        if access:
            begin = self.place.keep(f"Only some may read this line, by the word {word} here.\n")
            self.until("insert", begin, word, lambda reply: word in reply)
        for _ in range(count):
            if not goes_on():
                break
            self.content(gap)
            if access:
                self.access(word, gap)
        return {**{name: times for name, times in self.times.items() if times}, "query": self.queries,
                "missed": self.missed}

"""A site on a real Kafka, a process for each stage, beside an embedded one that sees the same changes.

  pair = Pair(binary, directory);  pair.start()
  pair.change(20);  pair.kafka.kill_service("embed");  pair.kafka.start_service("embed")
  pair.settle()                                          # both have the same documents, chunks, vectors and access

The embedded site is the reference: what `freshet index digest --without-versions` prints of both must be equal.
"""
import json, os, random, shutil, signal, subprocess, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from kafka_node import KafkaNode  # noqa: E402
from running_site import Serving, Site  # noqa: E402

SERVICES = ("index", "embed", "chunk", "deid", "connector")


class Service(Serving):
    """`freshet <service>` of a site; `name` tells a second one from the first."""

    def __init__(self, site, service, name=None, config="freshet.yaml"):
        super().__init__(site.binary, site.directory, service, (name or service) + ".log", config)


class KafkaSite(Site):
    """Requests go to the index's process."""

    def __init__(self, binary, directory, node, fuse=False, policy="none"):
        log = f'{{kind: kafka, bootstrap_servers: "{node.bootstrap}", partitions: 4, delivery_timeout: 5s}}'
        super().__init__(binary, directory, policy=policy, fuse=fuse, log=log)
        self.services = {}

    def start(self, services=SERVICES):
        """All at once: what waits for the others waits for all of them together."""
        self.services.update({name: Service(self, name) for name in services})
        failed = []

        def start(name):
            try:
                self.services[name].start()
            except AssertionError as error:
                failed.append(error)
        threads = [threading.Thread(target=start, args=(name,)) for name in services]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed, failed
        self.port, self.process = self.services["index"].port, self.services["index"].process

    def start_service(self, name):
        self.start((name,))

    def kill_service(self, name):
        self.services[name].kill()

    def second(self, service):
        """Another member of the service's groups, as on another machine: with a data_dir of its own."""
        with open(self.path("freshet.yaml")) as f:
            text = f.read()
        with open(self.path("second.yaml"), "w") as f:
            f.write(text.replace("data_dir: ./data", "data_dir: ./data-" + service))
        member = Service(self, service, "second-" + service, "second.yaml")
        member.start()
        return member

    def alive(self):
        return all(service.alive() for service in self.services.values())

    def log(self):
        return "\n".join(f"--- {name}\n{service.log()[-1500:]}" for name, service in self.services.items())

    def stop(self):
        for name in reversed(SERVICES):
            status = self.services[name].stop()
            assert status == 0, f"freshet {name} ended with {status}: {self.services[name].log()[-1500:]}"


class Pair:
    def __init__(self, binary, directory, seed=None, node=None):
        shutil.rmtree(directory, ignore_errors=True)
        self.seed = seed if seed is not None else int(os.environ.get("FRESHET_SEED", time.time_ns() % 10**6))
        print("seed", self.seed, flush=True)
        self.random, self.number, self.truth = random.Random(self.seed), 0, {}
        self.node = node or KafkaNode(os.path.join(directory, "broker"))
        self.kafka = KafkaSite(binary, os.path.join(directory, "kafka"), self.node)
        self.embedded = Site(binary, os.path.join(directory, "embedded"))
        shutil.copy(self.embedded.path("tenant.key"), self.kafka.path("tenant.key"))

    def start(self):
        self.node.start()
        self.embedded.start()
        self.kafka.start()

    def write(self, name, text):
        for site in (self.kafka, self.embedded):
            site.write(name, text)
        self.truth[name] = text

    def remove(self, name):
        for site in (self.kafka, self.embedded):
            os.unlink(site.path("root", name))
        del self.truth[name]

    def change(self, count, pause=0.01):
        """Documents come, change and go, and lists of folders open and close."""
        for _ in range(count):
            self.number += 1
            what, name = self.random.random(), f"ward{self.random.randrange(3)}/note{self.random.randrange(20)}.txt"
            if what < 0.25 and name in self.truth:
                self.remove(name)
            elif what < 0.32:
                allow = self.random.choice(["group:everyone", "user:tester", "user:nobody"])
                folder = name.split("/")[0]
                self.write(folder + "/_access.yaml", f'inherit: false\nallow: ["{allow}"]\n')
            else:
                words = " ".join(self.random.choices(["fever", "cough", "ward", "rest", "dose", "plan"], k=self.random.randrange(60)))
                self.write(name, f"version number{self.number} of {name} says {words}.")
            time.sleep(self.random.uniform(0, 2 * pause))

    def arrives(self, word, limit=120):
        """A document with this word, written now, is found through Kafka. Returns the seconds that took."""
        begin = time.monotonic()
        self.write(f"marks/{word}.txt", f"{word} is a mark.")
        self.kafka.wait(lambda: self.kafka.found(word), f"{word} arrives", limit)
        return time.monotonic() - begin

    def digest(self, site):
        done = subprocess.run([site.binary, "index", "digest", "--config", site.path("freshet.yaml"), "--without-versions",
                               "--lines", "--json"], capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else {"digest": done.stderr, "lines": []}

    def settle(self, limit=200):
        """Both catch up and hold the same. Returns how many documents."""
        files = sum(not name.endswith("_access.yaml") for name in self.truth)
        for site in (self.embedded, self.kafka):
            site.wait(lambda: site.freshness()["documents"] == files, f"{files} documents in {site.directory}", limit)
        end = time.monotonic() + limit
        while True:
            ours, reference = self.digest(self.kafka), self.digest(self.embedded)
            if ours["digest"] == reference["digest"]:
                assert reference["documents"] == files and reference["vectors"] > 0, reference
                return files
            assert self.kafka.alive() and time.monotonic() < end, "not the same end state:\n" + "\n".join(
                sorted(set(ours["lines"]) ^ set(reference["lines"]))[:20]) + self.kafka.log()
            time.sleep(0.5)

    def skipped(self):
        """What the Kafka site lost or skipped, by code; what retention took names no source."""
        return self.kafka.freshness()["dead_letters"]

    def staleness(self):
        return self.kafka.freshness()["sources"][0]["staleness_ms"] / 1000

    def stop(self):
        self.kafka.stop()
        assert self.embedded.stop() == 0
        self.node.stop()

"""A site of Freshet in each way it can run: one process or five, the log embedded or on a Kafka broker of this machine.

    with Way("kafka-hops", context, sources=("files",), embedder="{kind: encoder}") as way:
        way.start();  way.wait_for(400);  way.pipeline        # what changes.Probe asks
        way.memory()                                           # {"embed": 210.5, ...} MB at most
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pipelines
import procs
import running

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import kafka_node  # noqa: E402

LABELS = {"embedded": "embedded, one process", "kafka-fused": "Kafka, one process", "kafka-hops": "Kafka, five processes"}
SERVICES = ("index", "embed", "chunk", "deid", "connector")
CONFIG = """tenant: bench
data_dir: {data}
keys: {{tenant: "${{FILE:tenant.key}}"}}
log: {log}
pipeline: {{fuse: {fuse}}}
sources:
{sources}
collections:
  - {{name: answers, deidentify: {policy}}}
embedder: {embedder}
query: {{listen: "127.0.0.1:{port}", tokens: "${{FILE:tokens.yaml}}"}}
"""
LIMIT = 540


class Way:
    """`text`: the sources as they are written in the file, where they are no folders."""

    def __init__(self, name, context, sources=("files",), embedder="{kind: encoder}", policy="safe_harbor", text=""):
        self.text, self.name, self.context, self.sources, self.embedder, self.policy = text, name, context, sources, embedder, policy
        self.directory = os.path.join(context.work, "way")
        self.processes, self.node = {}, None
        self.port = kafka_node.free_ports(1)[0]
        self.pipeline = pipelines.Pipeline(
            name="freshet", label=LABELS[name], directory=self.directory, command=[], port=self.port, durable=True,
            search=["--url", f"http://127.0.0.1:{self.port}/v1/search", "--post", '{"query": {q_json}, "top_k": 10}'],
            count_path="/v1/freshness", count_key="documents")

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def __enter__(self):
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.directory)
        for source in self.sources:
            os.makedirs(self.path(source))
        subprocess.run([self.context.freshet, "keys", "new", "--out", self.path("tenant.key")], check=True, capture_output=True)
        with open(self.path("tokens.yaml"), "w") as file:
            file.write(f'- {{token: "{pipelines.TOKEN}", user: bench, groups: [bench, freshet-operators], tenant: bench}}\n')
        log = "{kind: embedded}"
        if self.name != "embedded":
            if kafka_node.missing():
                raise RuntimeError(kafka_node.missing())
            self.node = kafka_node.KafkaNode(self.path("broker"), heap="1g")
            self.node.start()
            log = f'{{kind: kafka, bootstrap_servers: "{self.node.bootstrap}"}}'
        for config, data in (("freshet.yaml", "./data"), ("second.yaml", "./data-second")):
            with open(self.path(config), "w") as file:
                file.write(CONFIG.format(log=log, data=data, fuse=str(self.name != "kafka-hops").lower(), policy=self.policy,
                                         embedder=self.embedder, port=self.port,
                                         sources=self.text or "".join(pipelines.SOURCE.format(each) for each in self.sources)))
        return self

    def __exit__(self, *_):
        for process in self.processes.values():
            process.send_signal(signal.SIGKILL)
            process.wait()
        if self.node:
            self.node.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self, services=None):
        for name in services or (SERVICES if self.name == "kafka-hops" else ("run",)):
            self.launch(name, name, "freshet.yaml")

    def launch(self, name, command, config):
        log = open(self.path(name + ".log"), "ab")
        process = subprocess.Popen([self.context.freshet, command, "--config", self.path(config)], stdout=subprocess.PIPE,
                                   stderr=log, text=True, start_new_session=True)
        self.processes[name] = process
        if "http://" not in process.stdout.readline():
            raise RuntimeError(f"freshet {command} did not start: " + open(self.path(name + ".log")).read()[-500:])

    def counts(self):
        """(documents, chunks) that are searchable."""
        report = json.loads(running.get(self.pipeline, "/v1/freshness"))
        return report["documents"], report["chunks"]

    def wait_for(self, documents, limit=LIMIT):
        """Seconds until so many are searchable."""
        begin = time.monotonic()
        while self.counts()[0] < documents:
            if any(process.poll() is not None for process in self.processes.values()):
                raise RuntimeError(f"{self.pipeline.label}: a process ended")
            if time.monotonic() - begin > limit:
                raise RuntimeError(f"{self.pipeline.label}: fewer than {documents} documents after {limit} s")
            time.sleep(0.1)
        return time.monotonic() - begin

    def memory(self):
        """The most that each process had resident, MB."""
        return {name: procs.peak_mb(process.pid) for name, process in self.processes.items()}

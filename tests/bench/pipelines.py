"""The pipelines that are measured: how each is started on a folder, and where it says what it has.

    pipeline = freshet(context, "answers")       # or cocoindex(...), pathway(...)
    pipeline.prepare(files)                      # an empty state, the folder it watches a copy of `files`
    pipeline.command                             # starts it: what the peers' harness is given
    pipeline.search, pipeline.count              # Endpoints, as that harness wants them

All watch one flat folder and answer over HTTP on loopback. The peers are run by the scripts of ../shared/peers, with one
embedder for all of them; Freshet has its own hashing embedder, which does the same work.
"""
import dataclasses
import os
import shutil
import subprocess

TOKEN = "bench-token"
SITE = """tenant: bench
data_dir: ./data
keys: {{tenant: "${{FILE:tenant.key}}"}}
log: {{kind: embedded}}
pipeline: {{fuse: true}}
sources:
{sources}
collections:
  - {{name: answers, deidentify: safe_harbor}}
embedder: {{kind: hashing}}
query: {{listen: "127.0.0.1:{port}", tokens: "${{FILE:tokens.yaml}}"}}
"""
SOURCE = "  - {{name: {0}, connector: folder, collection: answers, options: {{root: ./{0}, default_access: everyone}}}}\n"


@dataclasses.dataclass
class Context:
    """What a run is given."""
    freshet: str        # the binary
    work: str           # where everything is put
    peers: str          # the peers' scripts
    python: str         # an interpreter that has the peers


@dataclasses.dataclass
class Pipeline:
    name: str
    label: str
    directory: str      # its state and its folder
    command: list
    port: int
    search: list        # options of the peers' harness that say how to search
    count_path: str
    count_key: str
    durable: bool
    setup: object = None

    @property
    def files(self):
        return os.path.join(self.directory, "files")

    @property
    def state(self):
        return os.path.join(self.directory, "data")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def prepare(self, files):
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.directory)
        shutil.copytree(files, self.files)
        if self.setup:
            self.setup(self)


def headers():
    return {"Authorization": "Bearer " + TOKEN, "Content-Type": "application/json"}


def _options():
    return [word for name, value in headers().items() for word in ("--header", f"{name}: {value}")]


def freshet(context, name="freshet", sources=("files",), port=9310):
    directory = os.path.join(context.work, name)

    def setup(pipeline):
        subprocess.run([context.freshet, "keys", "new", "--out", os.path.join(directory, "tenant.key")], check=True,
                       stdout=subprocess.DEVNULL)
        with open(os.path.join(directory, "tokens.yaml"), "w") as file:
            file.write(f'- {{token: "{TOKEN}", user: bench, groups: [bench, freshet-operators], tenant: bench}}\n')
        with open(os.path.join(directory, "freshet.yaml"), "w") as file:
            file.write(SITE.format(port=port, sources="".join(SOURCE.format(source) for source in sources)))

    return Pipeline(name=name, label="Freshet", directory=directory, port=port, durable=True, setup=setup,
                    command=[context.freshet, "run", "--config", os.path.join(directory, "freshet.yaml")],
                    search=["--url", f"http://127.0.0.1:{port}/v1/search", "--post", '{"query": {q_json}, "top_k": 10}',
                            *_options()],
                    count_path="/v1/freshness", count_key="documents")


def cocoindex(context, target, port):
    name = "cocoindex-" + target
    directory = os.path.join(context.work, name)
    command = [context.python, os.path.join(context.peers, "peer_cocoindex.py"), "--dir",
               os.path.join(directory, "files"), "--state", os.path.join(directory, "data"), "--port", str(port),
               "--target", target]
    return Pipeline(name=name, label="CocoIndex, " + {"sqlite": "sqlite-vec", "lancedb": "LanceDB"}[target],
                    directory=directory, port=port, durable=True, command=command,
                    search=["--url", f"http://127.0.0.1:{port}/search?q={{q}}&k=10"], count_path="/count",
                    count_key="file_count")


def pathway(context, source, index, port):
    name = "pathway-" + source
    directory = os.path.join(context.work, name)
    command = [context.python, os.path.join(context.peers, "peer_pathway.py"), "--dir", os.path.join(directory, "files"),
               "--port", str(port), "--source", source, "--index", index]
    if source == "push":
        command += ["--autocommit-ms", "10", "--rest-autocommit-ms", "5"]
    return Pipeline(name=name, label={"fs": "Pathway, watched folder", "push": "Pathway, pushed, usearch"}[source],
                    directory=directory, port=port, durable=False, command=command,
                    search=["--url", f"http://127.0.0.1:{port}/v1/retrieve?query={{q}}&k=10"],
                    count_path="/v1/statistics", count_key="file_count")


def peers(context):
    return [cocoindex(context, "sqlite", 9321), cocoindex(context, "lancedb", 9322),
            pathway(context, "fs", "brute", 9331), pathway(context, "push", "usearch", 9332)]

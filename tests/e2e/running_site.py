"""A real `freshet run` over a folder, for end-to-end tests: starts it, asks it, kills it.

  site = Site(binary, directory, policy="none");  site.start();  site.write("a.txt", "words");  site.wait_found("words")
  query = QueryProcess(site);  query.start();  query.found("words")      # `freshet query` over the same directory
"""
import atexit, http.client, json, os, shutil, signal, subprocess, time

TOKEN = "test-token"
CONFIG = """tenant: test
data_dir: {data}
keys: {{tenant: "${{FILE:tenant.key}}"}}
log: {log}
pipeline: {{fuse: {fuse}}}
sources:
  - name: files
    connector: folder
    collection: files
    options: {{root: ./root, default_access: everyone{options}}}
collections:
  - {{name: files, deidentify: {policy}}}
embedder: {{kind: hashing}}
query: {{listen: "127.0.0.1:0", tokens: "${{FILE:tokens.yaml}}"}}
"""


class Serving:
    """A process of a site that answers queries."""

    def __init__(self, binary, directory, command, log_name, config="freshet.yaml"):
        self.binary, self.directory, self.config = os.path.abspath(binary), os.path.abspath(directory), config
        self.command, self.log_name, self.process = command, log_name, None

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def start(self):
        log = open(self.path(self.log_name), "a")
        self.process = subprocess.Popen([self.binary, self.command, "--config", self.path(self.config)],
                                        stdout=subprocess.PIPE, stderr=log, text=True)
        atexit.register(self.process.kill)  # a test that fails leaves nobody behind
        line = self.process.stdout.readline()
        assert "http://" in line, f"freshet did not start: {self.log()[-2000:]}"
        self.port = int(line.strip().rsplit(":", 1)[1])

    def log(self):
        with open(self.path(self.log_name), errors="replace") as f:
            return f.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def alive(self):
        return self.process.poll() is None

    def request(self, method, path, body=None, token=TOKEN):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = "Bearer " + token
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def search(self, query, **more):
        status, text = self.request("POST", "/v1/search", {"query": query, "top_k": 100, **more})
        assert status == 200, text
        return json.loads(text)

    def freshness(self):
        status, text = self.request("GET", "/v1/freshness")
        assert status == 200, text
        return json.loads(text)

    def wait(self, holds, what, limit=60):
        begin = time.monotonic()
        while not holds():
            assert self.alive(), f"freshet died: {self.log()[-2000:]}"
            assert time.monotonic() - begin < limit, f"not within {limit} s: {what}\n{self.log()[-2000:]}"
            time.sleep(0.02)

    def found(self, word):
        """Ids of the documents that hold the word."""
        return {h["document_id"] for h in self.search(word, mode="lexical")["hits"] if word in h["text"]}


class Site(Serving):
    def __init__(self, binary, directory, policy="none", fuse=True, data="./data", options="",
                 log="{kind: embedded, partitions: 4}"):
        super().__init__(binary, directory, "run", "freshet.log")
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.path("root"))
        subprocess.run([self.binary, "keys", "new", "--out", self.path("tenant.key")], check=True, stdout=subprocess.DEVNULL)
        with open(self.path("tokens.yaml"), "w") as f:
            f.write(f'- {{token: "{TOKEN}", user: tester, groups: [freshet-operators], tenant: test}}\n')
        with open(self.path("freshet.yaml"), "w") as f:
            f.write(CONFIG.format(data=data, fuse=str(fuse).lower(), policy=policy, options=options, log=log))

    def write(self, name, text):
        """As a careful writer does: a new file under another name, then a rename."""
        os.makedirs(os.path.dirname(self.path("root", name)), exist_ok=True)
        data = text if isinstance(text, bytes) else text.encode()
        with open(self.path("staged"), "wb") as f:
            f.write(data)
        os.replace(self.path("staged"), self.path("root", name))

    def caught_up(self):
        """Nothing waits, and the source has vouched for a moment after now."""
        now = time.time()

        def holds():
            report = self.freshness()
            row = report["sources"][0]
            waits = sum(lane["backlog"] or 0 for lane in row["lanes"].values())
            if row["watermark"] is None or any(lane["backlog"] is None for lane in row["lanes"].values()):
                return False
            stamp = time.strptime(row["watermark"][:19], "%Y-%m-%dT%H:%M:%S")
            import calendar
            return waits == 0 and calendar.timegm(stamp) >= now
        self.wait(holds, "the pipeline catches up")


class QueryProcess(Serving):
    def __init__(self, site):
        super().__init__(site.binary, site.directory, "query", "query.log")

#!/usr/bin/env python3
"""The demo: a small hospital, asked by two people, then changed under their eyes.

  tools/demo.py build/release/bin/freshet build/demo      one process with everything in it
  LOG=kafka tools/demo.py ...                             a Kafka broker and a process for each stage
  ONCE=1 in the environment: ends instead of staying up; PORT=8081: answers there
"""
import http.client, json, os, secrets, shutil, signal, subprocess, sys, time

import kafka_node

DEMO = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "demo")
ON_KAFKA = os.environ.get("LOG") == "kafka"
SERVICES = ("index", "embed", "chunk", "deid", "connector")  # index answers queries; sources are read last


class Site:
    """What runs of the demo's site, its folder and its two callers."""

    def __init__(self, binary, directory):
        self.binary, self.directory, self.node, self.processes = binary, directory, None, []
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(DEMO, directory)
        self.tokens = {"ada": secrets.token_hex(16), "bob": secrets.token_hex(16)}
        groups = {"ada": "[staff, clinicians, infection-control]", "bob": "[staff]"}
        with open(self.path("tokens.yaml"), "w") as f:
            for user, token in self.tokens.items():
                f.write(f'- {{token: "{token}", user: {user}, groups: {groups[user]}, tenant: demo-hospital}}\n')
        os.mkdir(self.path("keys"))
        self.freshet("keys", "new", "--out", self.path("keys/tenant.key"))
        if os.environ.get("PORT"):
            self.change_config("127.0.0.1:8080", "127.0.0.1:" + os.environ["PORT"])
        if ON_KAFKA:
            self.node = kafka_node.KafkaNode(self.path("kafka"))
            self.change_config("log: {kind: embedded}", f"log: {{kind: kafka, bootstrap_servers: \"{self.node.bootstrap}\"}}")
            self.change_config("fuse: true", "fuse: false")

    def path(self, name):
        return os.path.join(self.directory, name)

    def change_config(self, old, new):
        with open(self.path("freshet.yaml")) as f:
            text = f.read()
        with open(self.path("freshet.yaml"), "w") as f:
            f.write(text.replace(old, new))

    def freshet(self, *arguments):
        return subprocess.run([self.binary, *arguments], check=True, capture_output=True, text=True).stdout

    def start(self):
        if self.node:
            self.node.start()
        urls = [self.start_process(name) for name in (SERVICES if self.node else ("run",))]
        self.url = urls[0]
        self.connection = http.client.HTTPConnection(self.url[len("http://"):], timeout=30)
        return dict(zip(SERVICES, urls))

    def start_process(self, command):
        """Returns its URL: of the query service, or of /metrics and health."""
        with open(self.path(command + ".log"), "w") as log:
            # A session of its own: Ctrl-C is for this script, which ends all in order.
            process = subprocess.Popen([self.binary, command, "--config", self.path("freshet.yaml")],
                                       stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
        self.processes.append((command, process))
        line = process.stdout.readline()
        if "http://" not in line:
            raise DemoError(f"freshet {command} did not start: see {self.path(command + '.log')}")
        return line[line.index("http://"):].strip()

    def ask(self, user, question, top_k=3):
        self.connection.request("POST", "/v1/search", json.dumps({"query": question, "top_k": top_k}),
                                {"Authorization": "Bearer " + self.tokens[user], "Content-Type": "application/json"})
        return json.loads(self.connection.getresponse().read())

    def wait_for_documents(self):
        """Until all files that are there are in the index."""
        files = sum(not name.startswith("_") for folder in ("policies", "notes") for _, _, names in os.walk(self.path(folder))
                    for name in names)
        begin = time.monotonic()
        while json.loads(self.freshet("freshness", "--url", self.url, "--token", self.tokens["ada"], "--json"))["documents"] < files:
            if time.monotonic() - begin > 120:
                raise DemoError(f"{files} documents were not searchable within two minutes")
            time.sleep(0.05)

    def until(self, user, question, holds):
        """Milliseconds until `holds(hits)`; asks again and again."""
        begin = time.monotonic()
        while not holds(self.ask(user, question, 10)["hits"]):
            if time.monotonic() - begin > 30:
                raise DemoError("the change did not take effect within 30 s")
        return (time.monotonic() - begin) * 1000

    def wait(self):
        """Until one of the processes ends by itself."""
        while all(process.poll() is None for _, process in self.processes):
            time.sleep(0.2)

    def stop(self):
        """Sources first, the broker last; the first exit status that is not 0, else 0."""
        statuses = []
        for command, process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                statuses.append(process.wait(40))
            except subprocess.TimeoutExpired:
                process.kill()
                statuses.append(1)
            if statuses[-1] != 0:
                print(f"freshet {command} ended with {statuses[-1]}: see {self.path(command + '.log')}", file=sys.stderr)
        if self.node and self.node.process:
            self.node.stop()
        return next((status for status in statuses if status != 0), 0)


class DemoError(Exception):
    pass


def show(site, user, question):
    print(f"\n{user} asks: {question}")
    answer = site.ask(user, question)
    for hit in answer["hits"][:2]:
        where = " > ".join([hit["title"]] + [s for s in hit["section"] if s != hit["title"]])
        text = " ".join(hit["text"].split())
        print(f"  {hit['collection']}/{where}\n    {text[:150]}{'...' if len(text) > 150 else ''}")
    if not answer["hits"]:
        print("  nothing that", user, "may see")


def changes(site):
    found = lambda word: lambda hits: any(word in h["text"] for h in hits)
    path = site.path("policies/nursing/falls-prevention.md")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("a yellow wristband", "an orange wristband"))
    edit = site.until("bob", "falls high risk wristband", found("orange wristband"))
    print(f"\n  a policy is edited     {edit:7.1f} ms until Bob finds the new wording")
    os.unlink(site.path("notes/clinic/visit.txt"))
    delete = site.until("ada", "metformin HbA1c nausea", lambda hits: not found("metformin")(hits))
    print(f"  a note is deleted      {delete:7.1f} ms until Ada no longer finds it")
    with open(site.path("policies/executive/_access.yaml"), "w") as f:
        f.write('inherit: false\nallow: ["group:executives"]\n')
    revoke = site.until("ada", "who declares an outbreak", lambda hits: not found("chief medical officer")(hits))
    print(f"  a grant is revoked     {revoke:7.1f} ms until Ada no longer sees it")


def tell(site, services):
    site.wait_for_documents()
    print("Two folders are watched: policies, and notes of patients, which are de-identified before anything else.")
    if services and site.node:
        print(f"Apache Kafka at {site.node.bootstrap}, a process for each stage:")
        for name in reversed(SERVICES):
            print(f"  freshet {name:10} {services[name]}{'/v1/search' if name == 'index' else '/metrics'}")
    for user in ("ada", "bob"):
        show(site, user, "When do contact precautions for C. difficile end?")
        show(site, user, "Who decides to close a ward in an outbreak?")
        show(site, user, "Which patients have loose stools after antibiotics?")
    print("\nNow the sources change:")
    changes(site)
    print()
    print(site.freshet("freshness", "--url", site.url, "--token", site.tokens["ada"]))


def stay(site, binary, directory):
    print(f"It stays up: {site.url}/v1/search, {site.url}/v1/freshness, {site.url}/metrics. Ctrl-C ends it.")
    print(f"  {os.path.relpath(binary)} search --url {site.url} --token {site.tokens['ada']} \"falls\"")
    print(f"  Edit the files below {os.path.relpath(directory)} and ask again.", flush=True)
    site.wait()


def main():
    binary, directory = sys.argv[1:3]
    if os.environ.get("LOG", "embedded") not in ("embedded", "kafka"):
        sys.exit("LOG is embedded (the default) or kafka")
    if ON_KAFKA and kafka_node.missing():
        sys.exit(kafka_node.missing())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    site, status = Site(os.path.abspath(binary), os.path.abspath(directory)), 1
    try:
        tell(site, site.start())
        if not os.environ.get("ONCE"):
            stay(site, binary, directory)
        status = 0
    except KeyboardInterrupt:
        status = 0
    except DemoError as error:
        print(error, file=sys.stderr)
    finally:
        status = site.stop() or status
    sys.exit(status)


if __name__ == "__main__":
    main()

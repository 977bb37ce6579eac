#!/usr/bin/env python3
"""The demo: a small hospital, asked by two people, then changed under their eyes.

  tools/demo.py build/release/bin/freshet build/demo      one process with everything in it
  LOG=kafka tools/demo.py ...                             a Kafka broker and a process for each stage
  ONCE=1 in the environment: ends instead of staying up; PORT=8081: answers there
"""
import http.client, json, os, secrets, shutil, signal, subprocess, sys, time

import kafka_node

DEMO = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "demo")
EDITS = 30
ON_KAFKA = os.environ.get("LOG") == "kafka"
SERVICES = ("index", "embed", "chunk", "deid", "connector")  # index answers queries; sources are read last


class Site:
    """What runs of the demo's site, its folder and its two callers."""

    def __init__(self, binary, directory):
        self.binary, self.directory, self.node, self.processes = binary, directory, None, []
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(DEMO, directory)
        self.tokens = {user: secrets.token_hex(16) for user in ("ada", "bob", "olga")}
        groups = {"ada": "[staff, clinicians, infection-control]", "bob": "[staff]", "olga": "[freshet-operators]"}
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

    def write_operator_env(self):
        """What the commands of runbooks/ expect, for a shell; its owner's alone, as it holds a token."""
        with open(os.open(self.path("operator.env"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(f'export URL={self.url} TOKEN={self.tokens["olga"]}\nexport PATH="{os.path.dirname(self.binary)}:$PATH"\n')

    def freshet(self, *arguments):
        return subprocess.run([self.binary, *arguments], check=True, capture_output=True, text=True).stdout

    def start(self):
        if self.node:
            self.node.start()
        urls = [self.start_process(name) for name in (SERVICES if self.node else ("run",))]
        self.url = urls[0]
        self.connection = http.client.HTTPConnection(self.url[len("http://"):], timeout=30)
        return dict(zip(SERVICES, urls))

    def log_of(self, command):
        return self.path(("freshet" if command == "run" else command) + ".log")

    def start_process(self, command):
        """Returns its URL: of the query service, or of /metrics and health."""
        with open(self.log_of(command), "w") as log:
            # A session of its own: Ctrl-C is for this script, which ends all in order.
            process = subprocess.Popen([self.binary, command, "--config", self.path("freshet.yaml")],
                                       stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True)
        self.processes.append((command, process))
        line = process.stdout.readline()
        if "http://" not in line:
            raise DemoError(f"freshet {command} did not start: see {self.log_of(command)}")
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
                print(f"freshet {command} ended with {statuses[-1]}: see {self.log_of(command)}", file=sys.stderr)
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


def edited_again(site, path, number):
    """Milliseconds. Enough changes that a promise has something to be judged by."""
    with open(path, "a") as f:
        f.write(f"\nReviewed by the falls group, round{number}.\n")
    return site.until("bob", f"falls group round{number}", lambda hits: any(f"round{number}." in h["text"] for h in hits))


def changes(site):
    found = lambda word: lambda hits: any(word in h["text"] for h in hits)
    path = site.path("policies/nursing/falls-prevention.md")
    with open(path) as f:
        text = f.read()
    with open(path, "w") as f:
        f.write(text.replace("a yellow wristband", "an orange wristband"))
    edit = site.until("bob", "falls high risk wristband", found("orange wristband"))
    print(f"\n  a policy is edited     {edit:7.1f} ms until Bob finds the new wording")
    times = sorted(edited_again(site, path, number) for number in range(EDITS))
    print(f"  and {EDITS} times more      {times[EDITS // 2]:7.1f} ms until he finds it, half of the times; 95 of 100: "
          f"{times[EDITS * 95 // 100]:.1f} ms")
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
    site.write_operator_env()
    print(f"It stays up: {site.url}/v1/search, {site.url}/v1/freshness, {site.url}/metrics. Ctrl-C ends it.")
    print(f"  {os.path.relpath(binary)} search --url {site.url} --token {site.tokens['ada']} \"falls\"")
    print(f"  Edit the files below {os.path.relpath(directory)} and ask again.")
    print(f"The page: {site.url}/freshness, with Olga's token, who is an operator: {site.tokens['olga']}")
    print("  Break something, see it there, mend it by its runbook: demo/README.md says how. In another terminal:")
    print(f"  cd {os.path.relpath(directory)} && . ./operator.env", flush=True)
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

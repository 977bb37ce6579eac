#!/usr/bin/env python3
"""The demo: a small hospital in one process, asked by two people, then changed under their eyes.

  tools/demo.py build/release/bin/freshet build/demo      ONCE=1 in the environment: ends instead of staying up
"""
import http.client, json, os, secrets, shutil, signal, subprocess, sys, time

DEMO = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "demo")


class Site:
    """A running `freshet run`, its folder and its two callers."""

    def __init__(self, binary, directory):
        self.binary, self.directory = binary, directory
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
            with open(self.path("freshet.yaml")) as f:
                text = f.read()
            with open(self.path("freshet.yaml"), "w") as f:
                f.write(text.replace("127.0.0.1:8080", "127.0.0.1:" + os.environ["PORT"]))

    def path(self, name):
        return os.path.join(self.directory, name)

    def freshet(self, *arguments):
        return subprocess.run([self.binary, *arguments], check=True, capture_output=True, text=True).stdout

    def start(self):
        log = open(self.path("freshet.log"), "w")
        self.process = subprocess.Popen([self.binary, "run", "--config", self.path("freshet.yaml")],
                                        stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        if "http://" not in line:
            sys.exit(f"freshet did not start: see {self.path('freshet.log')}")
        self.url = line[line.index("http://"):].strip()
        self.connection = http.client.HTTPConnection(self.url[len("http://"):], timeout=30)

    def ask(self, user, question, top_k=3):
        self.connection.request("POST", "/v1/search", json.dumps({"query": question, "top_k": top_k}),
                                {"Authorization": "Bearer " + self.tokens[user], "Content-Type": "application/json"})
        return json.loads(self.connection.getresponse().read())

    def until(self, user, question, holds):
        """Milliseconds until `holds(hits)`; asks again and again."""
        begin = time.monotonic()
        while not holds(self.ask(user, question, 10)["hits"]):
            if time.monotonic() - begin > 30:
                sys.exit("the change did not take effect within 30 s")
        return (time.monotonic() - begin) * 1000

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


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


def main():
    binary, directory = sys.argv[1:3]
    site = Site(os.path.abspath(binary), os.path.abspath(directory))
    site.start()
    site.until("ada", "contact precautions gown gloves", lambda hits: len({h["document_id"] for h in hits}) >= 4)
    print("Two folders are watched: policies, and notes of patients, which are de-identified before anything else.")
    for user in ("ada", "bob"):
        show(site, user, "When do contact precautions for C. difficile end?")
        show(site, user, "Who decides to close a ward in an outbreak?")
        show(site, user, "Which patients have loose stools after antibiotics?")
    print("\nNow the sources change:")
    changes(site)
    print()
    print(site.freshet("freshness", "--url", site.url, "--token", site.tokens["ada"]))
    if os.environ.get("ONCE"):
        sys.exit(site.stop())
    print(f"It stays up: {site.url}/v1/search, {site.url}/v1/freshness, {site.url}/metrics. Ctrl-C ends it.")
    print(f"  {os.path.relpath(binary)} search --url {site.url} --token {site.tokens['ada']} \"falls\"")
    print(f"  Edit the files below {os.path.relpath(directory)} and ask again.")
    try:
        site.process.wait()
    except KeyboardInterrupt:
        site.stop()


if __name__ == "__main__":
    main()

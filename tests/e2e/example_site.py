"""A site made of a connector's example.yaml, as its reader would run it, on free ports: each listed address is replaced.

  site = ExampleSite(binary, directory, "connectors/push/example.yaml", ["8090"]);  site.start();  site.ports["8090"]
"""
import os, shutil, socket, subprocess

from running_site import Serving

TOKENS = """- {token: "test-token", user: tester, groups: [clinicians, freshet-operators], tenant: general-hospital}
- {token: "other-token", user: other, groups: [], tenant: general-hospital}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class ExampleSite(Serving):
    def __init__(self, binary, directory, example, ports, policy="none"):
        super().__init__(binary, directory, "run", "freshet.log")
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.directory)
        subprocess.run([self.binary, "keys", "new", "--out", self.path("tenant.key")], check=True, stdout=subprocess.DEVNULL)
        with open(example) as f:
            config = f.read()
        self.ports = {port: free_port() for port in ports}
        changes = {f"127.0.0.1:{port}": f"127.0.0.1:{free}" for port, free in self.ports.items()}
        changes |= {"127.0.0.1:8080": "127.0.0.1:0", "embedder: {kind: encoder}": "embedder: {kind: hashing}"}
        if policy:
            changes["deidentify: safe_harbor"] = f"deidentify: {policy}"
        for old, new in changes.items():
            assert old in config, f"{example} lacks {old}"
            config = config.replace(old, new)
        self.save("freshet.yaml", config)
        self.save("tokens.yaml", TOKENS)

    def save(self, name, text):
        with open(self.path(name), "w") as f:
            f.write(text)

    def wait_listening(self):
        for port in self.ports.values():
            self.wait(lambda: listens(port), f"somebody listens on {port}")

#!/usr/bin/env python3
"""The image and the compose file against the tree: what they name is there, and enough.

  tests/contracts/image_test.py BINARY        from the project's root
"""
import json
import os
import re
import subprocess
import tempfile
import unittest

from chart_support import BINARY, BROUGHT, ROOT, check_site, flags_of, needs_helm, read, run
try:
    from chart_support import jsonschema, yaml
except ImportError:
    pass


class Image(unittest.TestCase):
    """Where no engine builds images: the packages and files that its last half names are all that the program loads."""

    def setUp(self):
        text = read("helm", "Dockerfile").split("FROM debian:12-slim\n", 1)[1]
        self.packages = set(re.findall(r"^    ([a-z0-9.+-]+) \\$", text, re.M))
        self.libraries = re.findall(r"/src/build/deps/openvino/libs/(\S+)", text)

    def owners(self, paths):
        """path: package; a file may be known by its place before /lib became /usr/lib."""
        names = {name: path for path in paths for real in (path, os.path.realpath(path))
                 for name in (real, real.replace("/usr/lib/", "/lib/", 1), real.replace("/lib/", "/usr/lib/", 1))}
        done = subprocess.run(["dpkg-query", "-S", *names], capture_output=True, text=True)
        return {names[name]: package for package, name in re.findall(r"^([^:,\s]+)[^ ]*: (.+)$", done.stdout, re.M) if name in names}

    def closure(self, packages):
        done = run("dpkg-query", "-W", "-f", "${Package}\t${Pre-Depends}, ${Depends}\t${Provides}\n")
        name_of, depends = re.compile(r"(?:^|[,|]) *([a-z0-9.+-]+)"), {}
        for package, needs, provides in (line.split("\t") for line in done.stdout.splitlines()):
            depends.setdefault(package, []).extend(name_of.findall(needs))
            for virtual in name_of.findall(provides):
                depends.setdefault(virtual, []).append(package)
        known, waiting = set(), list(packages)
        while waiting:
            package = waiting.pop()
            if package not in known:
                known.add(package)
                waiting += depends.get(package, [])
        return known

    def test_its_packages_hold_every_library(self):
        needed = set(re.findall(r"NEEDED.*\[(.+)\]", run("readelf", "-d", BINARY).stdout))
        loaded = dict(re.findall(r"(\S+) => (/\S+)", run("ldd", BINARY).stdout))
        owners, closure = self.owners(loaded.values()), self.closure(self.packages | {"libc6"})
        for library, path in loaded.items():
            if "openvino" in path:
                self.assertIn(library, self.libraries)
                continue
            self.assertIn(path, owners, "no package has it")
            self.assertIn(owners[path], closure, library)
            if library in needed and owners[path] not in ("libc6", "libgcc-s1"):
                self.assertIn(owners[path], self.packages, f"{library} is loaded by name and comes by way of another only")

    def test_the_encoder_runs_with_its_libraries_alone(self):
        brought = os.path.join(ROOT, "build", "deps")
        with tempfile.TemporaryDirectory() as folder:
            for name in self.libraries:
                self.assertTrue(os.path.exists(os.path.join(brought, "openvino", "libs", name)), name)
                os.symlink(os.path.join(brought, "openvino", "libs", name), os.path.join(folder, name))
            environment = dict(os.environ, LD_LIBRARY_PATH=folder, FRESHET_MODEL_DIR=os.path.join(brought, "all-MiniLM-L6-v2"))
            done = run(BINARY, "embed", "batch", input='{"id": "a", "text": "wash hands"}\n', env=environment)
        self.assertEqual(len(json.loads(done.stdout)["embedding"]), 384)

    def test_what_it_copies_and_calls_is_there(self):
        text = read("helm", "Dockerfile")
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.M):
            for name in line.split():
                self.assertTrue(os.path.exists(os.path.join(ROOT, name)), name)
        self.assertIn('"name": "release"', read("CMakePresets.json"))
        self.assertIn("run", re.search(r"^CMD (.+)$", text, re.M).group(1))


@needs_helm
class Compose(unittest.TestCase):
    def setUp(self):
        self.compose = yaml.safe_load(read("helm", "compose.yaml"))

    def test_is_a_compose_file(self):
        with open(os.path.join(BROUGHT, "compose-spec.json"), encoding="utf-8") as file:
            jsonschema.Draft7Validator(json.load(file)).validate(self.compose)

    def test_its_files_are_there(self):
        for service in self.compose["services"].values():
            for volume in service["volumes"]:
                source = volume.split(":")[0]
                if source.startswith((".", "/")) and os.path.basename(source) not in ("secrets", "sources"):
                    self.assertTrue(os.path.isfile(os.path.join(ROOT, "helm", source)), source)
                elif not source.startswith("."):
                    self.assertIn(source, self.compose["volumes"])

    def test_the_program_understands_its_site_and_commands(self):
        site = yaml.safe_load(read("helm", "compose", "freshet.yaml"))
        check_site(site)
        tokens = yaml.safe_load(read("helm", "compose", "tokens.example.yaml"))
        self.assertEqual({row["tenant"] for row in tokens}, {site["tenant"]})
        command = self.compose["services"]["prober"]["command"]
        self.assertLessEqual({part for part in command if part.startswith("--")}, flags_of(command[0]))


if __name__ == "__main__":
    unittest.main(verbosity=2)

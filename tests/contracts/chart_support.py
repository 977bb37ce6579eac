"""What the tests of the chart, the image and the compose file share."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BROUGHT = os.path.join(ROOT, "build", "helm")
HELM = os.path.join(BROUGHT, "bin", "helm")
CHART = os.path.join(ROOT, "helm", "freshet")
BINARY = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else None
sys.path.insert(0, os.path.join(BROUGHT, "python"))
try:
    import jsonschema
    import kubernetes_validate
    import referencing.jsonschema
    import yaml
except ImportError:
    yaml = None
needs_helm = unittest.skipUnless(yaml and os.path.exists(HELM), "SKIPPED: no Helm here: tools/setup_helm.sh brings it")


def read(*names):
    with open(os.path.join(ROOT, *names), encoding="utf-8") as file:
        return file.read()


def run(*command, status=0, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    assert done.returncode == status, (command, done.returncode, done.stdout[-3000:], done.stderr[-3000:])
    return done


def flags_of(command):
    return set(re.findall(r"--[a-z-]+", run(BINARY, command, "--help").stdout))


def check_site(site):
    """What `freshet config check` says of a site as it stands in a container."""
    with tempfile.TemporaryDirectory() as folder:
        run(BINARY, "keys", "new", "--out", os.path.join(folder, "tenant.key"))
        with open(os.path.join(folder, "tokens.yaml"), "w", encoding="utf-8") as file:
            file.write(f'- {{token: "0123456789abcdef0123456789abcdef", user: ada, groups: [], tenant: {site["tenant"]}}}\n')
        with open(os.path.join(folder, "kafka"), "w", encoding="utf-8") as file:
            file.write("password")
        with open(os.path.join(folder, "freshet.yaml"), "w", encoding="utf-8") as file:
            file.write(yaml.safe_dump(site).replace("/etc/freshet/secrets", folder))
        run(BINARY, "config", "check", "--config", os.path.join(folder, "freshet.yaml"))
        return run(BINARY, "pipeline", "describe", "--config", os.path.join(folder, "freshet.yaml")).stdout


def strict(schema):
    """A resource definition's schema that takes no field it does not name."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: strict(value) for key, value in schema.items()}
    if isinstance(result.get("pattern"), str):
        result["pattern"] = re.sub(r"^\^\(\?i\)", "(?i)^", result["pattern"])  # Go takes flags anywhere
    if "properties" in schema and "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        result["additionalProperties"] = False
    return result


class Kubernetes:
    """The schemas of one version, each read once; fields that they do not name are refused."""

    def __init__(self, version):
        folder = os.path.join(os.path.dirname(kubernetes_validate.__file__), "kubernetes-json-schema")
        self.folder, self.validators = os.path.join(folder, f"v{version}.0-local-strict"), {}
        self.registry = referencing.Registry(retrieve=lambda uri: self.definitions)
        self.definitions = referencing.jsonschema.DRAFT7.create_resource(self.read("_definitions.json"))

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return json.load(file)

    def validate(self, each):
        *group, version = each["apiVersion"].split("/")
        name = "-".join([each["kind"].lower(), *(part.split(".")[0] for part in group), version]) + ".json"
        if name not in self.validators:
            self.validators[name] = jsonschema.Draft7Validator(self.read(name), registry=self.registry)
        self.validators[name].validate(each)


def definitions():
    schemas = {}
    for name in os.listdir(os.path.join(BROUGHT, "crds")):
        with open(os.path.join(BROUGHT, "crds", name), encoding="utf-8") as file:
            spec = yaml.safe_load(file)["spec"]
        for version in spec["versions"]:
            schema = strict(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            schemas[f'{spec["group"]}/{version["name"]}', spec["names"]["kind"]] = schema
    return schemas

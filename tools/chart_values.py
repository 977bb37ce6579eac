#!/usr/bin/env python3
"""Writes what of the Helm chart follows from elsewhere: the site's part of values.yaml and values.schema.json from the table
of options, alert rules and dashboard from alerts/.

  tools/chart_values.py build/dev/bin/freshet            writes them
  tools/chart_values.py build/dev/bin/freshet --check    says which are not as they would be written; exit status 1
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CHART = os.path.join(ROOT, "helm", "freshet")
MARK = "# freshet.yaml. What follows is generated from the table of its options by tools/chart_values.py.\n"
# What a pod needs, where a machine would have something else.
OWN = {"tenant": "default", "data_dir": "/var/lib/freshet", "keys": {"tenant": "${FILE:/etc/freshet/secrets/tenant.key}"},
       "embedder": {"kind": "encoder"},
       "query": {"listen": "0.0.0.0:8080", "tokens": "${FILE:/etc/freshet/secrets/tokens.yaml}"}}
# Options that templates read: no references there.
WRITTEN_OUT = [("tenant",), ("log", "kind"), ("log", "partitions"), ("pipeline", "fuse"), ("pipeline", "durable_after", "[]"),
               ("sources", "[]", "name"), ("embedder", "kind")]
WIDTH = 118


def read(*names):
    with open(os.path.join(ROOT, *names), encoding="utf-8") as file:
        return file.read()


def freshet(binary, *arguments, cwd=None):
    return subprocess.run([binary, *arguments], cwd=cwd, check=True, capture_output=True, text=True).stdout


def effective(binary):
    """All defaults of a site, as the program has them."""
    with tempfile.TemporaryDirectory() as folder:
        freshet(binary, "keys", "new", "--out", os.path.join(folder, "tenant.key"))
        site = dict(OWN, keys={"tenant": "${FILE:tenant.key}"}, query={"listen": OWN["query"]["listen"]})
        with open(os.path.join(folder, "freshet.yaml"), "w", encoding="utf-8") as file:
            json.dump(site, file)  # JSON is YAML
        answer = freshet(binary, "config", "check", "--config", "freshet.yaml", "--effective", "--json", cwd=folder)
    return merged(json.loads(answer)["configuration"], OWN)


def merged(base, over):
    result = dict(base)
    for key, value in over.items():
        result[key] = merged(result.get(key) or {}, value) if isinstance(value, dict) else value
    return result


# values.yaml --------------------------------------------------------------------------------------------------------


def scalar(value):
    text = value if isinstance(value, str) else json.dumps(value)
    plain = isinstance(value, str) and re.fullmatch(r"[A-Za-z/][A-Za-z0-9_./-]*|[0-9]+[A-Za-z]+", text)
    word = text.lower() in ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
    return text if not isinstance(value, str) or (plain and not word) else json.dumps(value)


def rows_of(schema, values, depth):
    """(depth, kind, text) of a mapping's lines, kind being "field", "doc" or "off": a field without a value is off, with all
    that is in it."""
    rows = []
    for name, field in schema["properties"].items():
        rows += [(depth, "doc", line) for line in textwrap.wrap(field.get("description", ""), WIDTH - 2 * depth - 4)]
        value = values.get(name)
        if value is None or (value == "" and "pattern" in field):
            rows += off(optional_rows(name, field), depth)
        elif "properties" in field:
            rows += [(depth, "field", name + ":")] + rows_of(field, value, depth + 1)
        elif isinstance(value, list):
            rows += [(depth, "field", f"{name}: {json.dumps(value)}")]
            if "properties" in field["items"]:
                rows += off([(0, "field", "-")] + rows_of(field["items"], {}, 1), depth)
        else:
            rows += [(depth, "field", f"{name}: {scalar(value)}")]
    return rows


def optional_rows(name, field):
    if "properties" in field:
        return [(0, "field", name + ":")] + rows_of(field, {}, 1)
    default = f" {scalar(field['default'])}" if field.get("default", "") != "" else ""
    return [(0, "field", name + ":" + default)]


def off(rows, depth):
    return [(depth, "off", "  " * inner + ("# " if kind == "doc" else "") + text) for inner, kind, text in rows]


def emit(schema, values):
    return ["  " * depth + ("" if kind == "field" else "# ") + text for depth, kind, text in rows_of(schema, values, 1)]


def values_yaml(schema, defaults):
    head = read("helm", "freshet", "values.yaml").split(MARK)[0]
    return head + MARK + "\n".join(["site:"] + emit(schema, defaults)) + "\n"


# values.schema.json -------------------------------------------------------------------------------------------------


def without_reference(field):
    return dict(field["anyOf"][0], **{k: v for k, v in field.items() if k != "anyOf"}) if "anyOf" in field else field


def write_out(schema, path):
    name, rest = path[0], path[1:]
    parent, key = (schema, "items") if name == "[]" else (schema["properties"], name)
    if rest:
        write_out(parent[key], rest)
    else:
        parent[key] = without_reference(parent[key])


def values_schema(schema):
    chart = json.loads(read("helm", "chart.schema.json"))
    site = {key: value for key, value in schema.items() if key not in ("$schema", "title", "$defs")}
    for path in WRITTEN_OUT:
        write_out(site, path)
    chart["properties"]["site"] = site
    chart["$defs"].update(schema["$defs"])
    return json.dumps(chart, indent=1) + "\n"


def main():
    binary, check = os.path.abspath(sys.argv[1]), "--check" in sys.argv[2:]
    schema = json.loads(freshet(binary, "config", "schema"))
    made = {"values.yaml": values_yaml(schema, effective(binary)), "values.schema.json": values_schema(schema),
            "files/rules.yaml": read("alerts", "rules.yaml"), "files/dashboard.json": read("alerts", "dashboard.json")}
    status = 0
    for name, text in made.items():
        path = os.path.join(CHART, name)
        if os.path.exists(path) and read("helm", "freshet", name) == text:
            continue
        if check:
            print(f"helm/freshet/{name} is not what tools/chart_values.py writes", file=sys.stderr)
            status = 1
            continue
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        print(f"written: helm/freshet/{name}")
    return status


if __name__ == "__main__":
    sys.exit(main())

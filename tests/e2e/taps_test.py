#!/usr/bin/env python3
"""Real Singer taps over a real PostgreSQL, and a real Airbyte source, as children of the real binary: rows come, change and go,
kill -9 in between (tools/setup_taps.sh brings them from PyPI).

  tests/e2e/taps_test.py BINARY WORK_FOLDER
"""
import json, os, shutil, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from postgres_node import PostgresNode, missing  # noqa: E402
from running_site import Site  # noqa: E402

TAPS = os.path.abspath("build/deps/taps")
TABLES = """CREATE TABLE note (id bigint PRIMARY KEY, patient_id text, body text, updated_at timestamptz NOT NULL DEFAULT now());
            INSERT INTO note SELECT i, 'p' || i, 'heron number ' || i FROM generate_series(1, 20) i"""
SOURCE = """    connector: singer
    collection: files
    mass_delete: {{documents: 1000}}
    options:
      {options}
      every: 500ms
      missing: "null"
      mapping:
        documents: [{{table: {table}, id: "{table}/{{id}}", content: "{content}"}}]
        default_access: ["user:tester"]
"""
DATABASE = {"pipelinewise": {"dbname": "postgres", "filter_schemas": "public", "tap_id": "t1"},
            "meltano": {"database": "postgres", "filter_schemas": ["public"]}}


def have(name, program):
    path = os.path.join(TAPS, name, "bin", program)
    if os.path.exists(path):
        return path
    print(f"SKIPPED: {name} is not here: tools/setup_taps.sh brings it from PyPI", flush=True)
    return None


def site_of(binary, work, name, source):
    site = Site(binary, os.path.join(work, name))
    with open(site.path("freshet.yaml")) as file:
        text = file.read()
    begin, end = text.index("    connector: folder"), text.index("collections:")
    with open(site.path("freshet.yaml"), "w") as file:
        file.write(text[:begin] + source + text[end:])
    return site


def save(site, name, value):
    with open(site.path(name), "w") as file:
        json.dump(value, file)


def catalog(tap, site, method):
    """What the tap discovers, with every stream selected."""
    said = subprocess.run([tap, "--config", site.path("tap.json"), "--discover"], capture_output=True, text=True, check=True)
    found = json.loads(said.stdout)
    for stream in found["streams"]:
        whole = next(one for one in stream["metadata"] if one["breadcrumb"] == [])["metadata"]
        whole.update({"selected": True, "replication-method": method})
        stream["replication_method"] = method
        if method == "INCREMENTAL":
            whole["replication-key"] = stream["replication_key"] = "updated_at"
    save(site, "catalog.json", found)


def tap_site(binary, work, node, name, method):
    tap = have(name, "tap-postgres")
    if tap is None:
        return None
    words = {"options": "command: [" + ", ".join([tap, "--config", "tap.json", "--catalog", "catalog.json"]) + "]",
             "table": "public-note", "content": "{body}"}
    site = site_of(binary, work, f"{name}-{method}", SOURCE.format(**words))
    with open(site.path("freshet.yaml")) as file:
        text = file.read()
    for file_name in ("tap.json", "catalog.json"):
        text = text.replace(file_name, site.path(file_name))
    with open(site.path("freshet.yaml"), "w") as file:
        file.write(text)
    save(site, "tap.json", {"host": "127.0.0.1", "port": node.port, "user": "postgres", "password": "x", **DATABASE[name]})
    catalog(tap, site, method)
    return site


def ids(site, word):
    return {int(document.rsplit("/", 1)[1]) for document in site.found(word)}


def changes(site, node, mark):
    """Rows come and change, also while nobody reads."""
    site.wait(lambda: len(ids(site, "heron")) >= 19, "what was there is found", 180)
    node.sql(f"INSERT INTO note VALUES ({mark}, 'p', 'egret{mark}')")
    site.wait(lambda: ids(site, f"egret{mark}") == {mark}, "a new row is found", 120)
    site.kill()
    node.sql(f"UPDATE note SET body = 'stork{mark}', updated_at = now() WHERE id = {mark}")
    site.start()
    site.wait(lambda: ids(site, f"stork{mark}") == {mark} and not site.found(f"egret{mark}"), "a change replaces it", 120)
    node.sql(f"DELETE FROM note WHERE id = {mark}")


def full_table(binary, work, node, name):
    """Every run tells all of it: with ACTIVATE_VERSION, or because it is configured so, what is gone is found."""
    site = tap_site(binary, work, node, name, "FULL_TABLE")
    if site is None:
        return
    if name == "meltano":  # it has no versions
        with open(site.path("freshet.yaml")) as file:
            text = file.read()
        with open(site.path("freshet.yaml"), "w") as file:
            file.write(text.replace("      every: 500ms", "      every: 500ms\n      runs: all"))
    site.start()
    changes(site, node, 1001)
    site.wait(lambda: not site.found("stork1001"), "a row that is gone is gone", 180)
    assert site.stop() == 0
    print(name, "FULL_TABLE holds", flush=True)


def incremental(binary, work, node, name):
    """A delete that the tap does not tell is found by the listing that is asked for."""
    site = tap_site(binary, work, node, name, "INCREMENTAL")
    if site is None:
        return
    site.start()
    changes(site, node, 1002)
    site.caught_up()
    assert ids(site, "stork1002") == {1002}, "nobody has told that it is gone"
    subprocess.run([site.binary, "connector", "snapshot", "--config", site.path("freshet.yaml"), "--source", "files"],
                   check=True, stdout=subprocess.DEVNULL)
    site.wait(lambda: not site.found("stork1002"), "what a listing does not mention is gone", 180)
    assert site.stop() == 0
    print(name, "INCREMENTAL holds", flush=True)


def airbyte(binary, work):
    program = have("faker", "source-faker")
    if program is None:
        return
    folder = os.path.join(os.path.abspath(work), "faker-config")
    os.makedirs(folder)
    files = {name: os.path.join(folder, name) for name in ("config.json", "catalog.json")}
    with open(files["config.json"], "w") as file:
        json.dump({"count": 30, "seed": 1, "records_per_slice": 10, "always_updated": False, "parallelism": 1}, file)
    said = subprocess.run([program, "discover", "--config", files["config.json"]], capture_output=True, text=True, check=True)
    streams = next(json.loads(line) for line in said.stdout.splitlines() if '"CATALOG"' in line)["catalog"]["streams"]
    users = next(stream for stream in streams if stream["name"] == "users")
    with open(files["catalog.json"], "w") as file:
        json.dump({"streams": [{"stream": users, "sync_mode": "incremental", "destination_sync_mode": "append_dedup",
                                "cursor_field": ["updated_at"], "primary_key": [["id"]]}]}, file)
    options = (f"command: [{program}, read, --config, {files['config.json']}, --catalog, {files['catalog.json']}]\n"
               f"      check: [{program}, check, --config, {files['config.json']}]\n"
               "      protocol: airbyte\n      keys: {users: [id]}")
    site = site_of(binary, work, "faker", SOURCE.format(options=options, table="users", content="person {name}"))
    checked = subprocess.run([site.binary, "connector", "check", "--config", site.path("freshet.yaml")], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    site.start()
    site.wait(lambda: len(ids(site, "person")) == 30, "the source's users are found", 180)
    site.kill()
    site.start()
    site.caught_up()
    assert len(ids(site, "person")) == 30
    assert site.stop() == 0
    print("airbyte-source-faker holds", flush=True)


def main():
    binary, work = sys.argv[1:3]
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    if not os.path.isdir(TAPS):
        print("No taps here: tools/setup_taps.sh brings them from PyPI. Nothing is tested.")
        return 77
    if missing():
        print("SKIPPED:", missing())
    else:
        node = PostgresNode()
        node.start()
        for statement in TABLES.split(";"):
            node.sql(statement)
        for name in DATABASE:
            full_table(binary, work, node, name)
            incremental(binary, work, node, name)
        node.stop()
    airbyte(binary, work)
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""A source that is a real PostgreSQL: the prober lives a document's whole life in it, and an operator compares it with the
index and mends the difference; what the database keeps for a source that rests is told.

  tests/e2e/database_test.py BINARY WORK_FOLDER
"""
import json, os, shutil, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from postgres_node import PostgresNode, missing  # noqa: E402
from repair_test import freshet, metric  # noqa: E402
from running_site import TOKEN, Site  # noqa: E402

TABLES = """CREATE TABLE memo (id int PRIMARY KEY, body text, ward text);
            CREATE TABLE ward_reader (ward text, login text, PRIMARY KEY (ward, login));
            INSERT INTO ward_reader VALUES ('icu', 'tester');
            INSERT INTO memo SELECT i, 'memoword number ' || i, 'icu' FROM generate_series(1, 20) i"""
SOURCE = """    connector: postgres
    collection: files
    options:
      connection: "${FILE:pg.url}"
      slot: probe
      publication: probe
      mapping:
        documents: [{table: public.memo, id: "memo/{id}", content: "{body}", scope: "ward/{ward}"}]
        access: [{table: public.ward_reader, scope: "ward/{ward}", allow: ["user:{login}"]}]
"""
PLACES = """places:
  files:
    connection: "${FILE:pg.url}"
    write: "INSERT INTO memo VALUES (-1, $1, 'probe') ON CONFLICT (id) DO UPDATE SET body = $1"
    permit: "INSERT INTO ward_reader VALUES ('probe', substr($1, 6)) ON CONFLICT DO NOTHING"
    revoke: "DELETE FROM ward_reader WHERE ward = 'probe' AND login = substr($1, 6)"
    remove: "DELETE FROM memo WHERE id = -1; DELETE FROM ward_reader WHERE ward = 'probe'"
"""


def over(node, binary, work):
    site = Site(binary, os.path.join(work, "site"))
    with open(site.path("freshet.yaml")) as file:
        text = file.read()
    begin, end = text.index("    connector: folder"), text.index("collections:")
    with open(site.path("freshet.yaml"), "w") as file:
        file.write(text[:begin] + SOURCE + text[end:])
    for name, content in (("pg.url", node.url), ("places.yaml", PLACES)):
        with open(site.path(name), "w") as file:
            file.write(content)
    return site


def probe(site, *more, status=0):
    done = subprocess.run([site.binary, "probe", "--config", site.path("freshet.yaml"), "--reader", "user:tester", "--once",
                           "--json", "--url", f"http://127.0.0.1:{site.port}", "--token", TOKEN, "--target", "1h", *more],
                          capture_output=True, text=True, timeout=400)
    assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
    return done


def prober(site, node):
    rounds = json.loads(probe(site, "--places", site.path("places.yaml")).stdout)["probes"]
    assert [(row["operation"], row["outcome"]) for row in rounds] == \
        [(step, "in_time") for step in ("insert", "update", "access", "delete")], rounds
    assert node.sql("SELECT count(*) FROM memo WHERE id < 0") == "0", "it leaves nothing"
    assert "--places" in probe(site, status=2).stderr, "nobody says how to write there"


def reconcile(site, node):
    found = freshet(site, "source", "reconcile", "files", "--json")
    assert found["in_source"] == found["in_index"] == 20 and not found["missing_count"] + found["surplus_count"], found
    freshet(site, "source", "pause", "files")
    site.wait(lambda: metric(site, 'freshet_connector_up{tenant="test",source="files"}') == 0, "the connector rests")
    node.sql("DELETE FROM memo WHERE id = 1; INSERT INTO memo VALUES (21, 'latecomer', 'icu')")
    found = freshet(site, "source", "reconcile", "files", "--json", status=1)
    assert found["missing"] == ["memo/21"] and found["surplus"] == ["memo/1"], found
    assert freshet(site, "source", "reconcile", "files", "--mend", "--json")["mending"]
    freshet(site, "source", "resume", "files")
    site.wait(lambda: site.found("latecomer"), "the difference is mended")
    site.caught_up()
    freshet(site, "source", "reconcile", "files")


def held_back(site, node):
    """What the database keeps for a source that nobody reads is told while it grows, and is gone soon after it is read."""
    told = lambda what: metric(site, f'freshet_source_{what}_bytes{{tenant="test",source="files"}}')
    freshet(site, "source", "pause", "files")
    site.wait(lambda: metric(site, 'freshet_connector_up{tenant="test",source="files"}') == 0, "the connector rests")
    node.sql("CREATE TABLE unmapped (t text)")
    node.sql("INSERT INTO unmapped SELECT repeat('x', 1000) FROM generate_series(1, 20000)")
    site.wait(lambda: min(told("retained") or 0, told("lag") or 0) > 20e6, "what is held back is told")
    assert told("retained_limit") == 0, "nobody has set one"
    freshet(site, "source", "resume", "files")
    site.wait(lambda: told("lag") < 1e6, "what is confirmed is no lag")


def main():
    binary, work = sys.argv[1:3]
    if missing():
        print(missing(), "Databases are not tested.")
        return 77
    shutil.rmtree(work, ignore_errors=True)
    node = PostgresNode()
    node.start()
    node.sql(TABLES)
    site = over(node, binary, work)
    site.start()
    site.wait(lambda: len(site.found("memoword")) == 20, "the rows arrive", limit=120)
    site.caught_up()
    for step in (prober, reconcile, held_back):
        step(site, node)
        print(step.__name__, "holds", flush=True)
    assert site.stop() == 0
    node.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

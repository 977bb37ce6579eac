#!/usr/bin/env python3
"""A commit in PostgreSQL until a search says the same: in one process, and over Kafka, in one process and in five; idle, and
while a first snapshot is embedded. Every hop is durable: PostgreSQL waits for its disk, the broker acknowledges.

  tests/bench/database.py --freshet build/release/bin/freshet --work build/bench --nice -15 --readme tests/bench/README.md
  ... --backfill 150 --count 3 --embedder hashing          within three minutes: that all works

The clock starts before the statement that changes a row is sent, so the commit itself is in the figure, and stops as in
changes.py. Steps are kept and resumed as in spine.py. Results: build/bench/database.json, database.md, and the README's part
between its marks.
"""
import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
import time

import changes
import pipelines
import spine
import steps
import table
import ways
from figures import held, quantile, quantiles

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import postgres_node  # noqa: E402

BEGIN, END = "<!-- database: begin -->", "<!-- database: end -->"
GAP = 0.2    # seconds, at most, between two changes
FIRST = 50   # documents that are there before the changes begin
MOST = {"insert": 150, "update": 150, "delete": 50, "access": 50}  # ms, p95
TABLES = """CREATE TABLE note (id bigint PRIMARY KEY, body text, ward text);
CREATE TABLE reader (ward text PRIMARY KEY, who text);
INSERT INTO reader VALUES ('open', 'group:bench'), ('restricted', 'group:bench');
CREATE SEQUENCE ids START 1000000;
"""
SOURCE = """  - name: database
    connector: postgres
    collection: answers
    options:
      connection: "${FILE:pg.url}"
      slot: bench
      publication: bench
      mapping:
        documents: [{table: public.note, id: "note/{id}", content: "{body}", scope: "ward/{ward}"}]
        access: [{table: public.reader, scope: "ward/{ward}", allow: ["{who}"]}]
"""


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


class Session:
    """One connection that stays open, so that a statement costs what it costs the application."""

    def __init__(self, url):
        self.psql = subprocess.Popen(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", url], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, text=True)

    def run(self, statement):
        """When it was begun; it is committed on return."""
        begin = time.monotonic()
        self.psql.stdin.write(statement + ";\n\\echo committed\n")
        self.psql.stdin.flush()
        line = self.psql.stdout.readline()
        if line.strip() != "committed":
            raise RuntimeError("PostgreSQL refused a statement of the bench")
        return begin

    def close(self):
        self.psql.stdin.close()
        self.psql.wait(30)


class Rows:
    """Where the changes are made (changes.Folder): rows, and the list that a ward's rows hang on."""

    def __init__(self, session):
        self.session, self.ids, self.next = session, {}, 10_000_000

    def write(self, name, text):
        if name in self.ids:
            return self.session.run(f"UPDATE note SET body = {quoted(text)} WHERE id = {self.ids[name]}")
        self.next += 1
        self.ids[name] = self.next
        return self.session.run(f"INSERT INTO note VALUES ({self.next}, {quoted(text)}, 'open')")

    def remove(self, name):
        return self.session.run(f"DELETE FROM note WHERE id = {self.ids.pop(name)}")

    def keep(self, text):
        self.next += 1
        return self.session.run(f"INSERT INTO note VALUES ({self.next}, {quoted(text)}, 'restricted')")

    def allow(self, principal):
        return self.session.run(f"UPDATE reader SET who = {quoted(principal)} WHERE ward = 'restricted'")


def load(session, folder, limit=None):
    """Rows out of the corpus; how many."""
    names = sorted(os.listdir(folder))[:limit]
    for begin in range(0, len(names), 200):
        rows = []
        for name in names[begin:begin + 200]:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                rows.append(f"(nextval('ids'), {quoted(file.read())}, 'open')")
        session.run("INSERT INTO note VALUES " + ", ".join(rows))
    return len(names)


def changed(name, context, folder, args, backfill):
    """Changes in a database; with a backfill, while the first snapshot of all its rows is under way."""
    node = postgres_node.PostgresNode(durable=True)
    node.start()
    try:
        node.sql(TABLES)
        session = Session(node.url)
        everything = load(session, folder, None if backfill else FIRST)
        with ways.Way(name, context, embedder="{kind: %s}" % args.embedder, sources=(), text=SOURCE) as way:
            with open(way.path("pg.url"), "w") as file:
                file.write(node.url)
            way.start()
            way.wait_for(FIRST if backfill else everything)
            with changes.Probe(way.pipeline, Rows(session)) as probe:
                found = probe.run(args.count, GAP, access=True,
                                  goes_on=lambda: not backfill or way.counts()[0] < 0.95 * everything)
            found = {**found, "memory": way.memory(), "loaded": way.counts()[0] / everything}
        session.close()
        return found
    finally:
        node.stop()


def render(found):
    """The table, as Markdown, of what a run wrote down. Pure."""
    rows = []
    for name, label in ways.LABELS.items():
        for load_, words in (("idle", "idle"), ("busy", "backfill")):
            row = found.get(f"{load_}-{name}")
            if not row or "skipped" in row:
                continue
            ok = [held(quantile(row.get(each), 0.95), most=MOST[each]) for each in table.OPERATIONS]
            rows.append([f"PostgreSQL, {label}, {words}", *(quantiles(row.get(each)) for each in table.OPERATIONS), " ".join(ok),
                         str(row["missed"])])
    head, machine = found["head"], found["head"]["machine"]
    parts = [f"`{found['command']}`, {found['date']}, {machine['cores']} cores ({machine['cpu']}); {found['embedder']} embedder, "
             f"a backfill of {head['corpus']['files']:,} rows; Freshet {head['version']}. Load of the machine when it began and "
             f"ended: {machine['load_begin']}, {machine['load_end']}.",
             table.rows_of(["ms, p50 / p95 / p99", *table.OPERATIONS, "held", "missed"], rows),
             "Goals, p95: 150 ms; delete and access (the urgent lane) 50 ms, also during a backfill. The commit, with its wait "
             "for the disk, and the question's embedding are in the figures."]
    parts += [f"Skipped: {name}, {row['skipped']}." for name, row in found.items() if isinstance(row, dict) and "skipped" in row]
    return "\n\n".join(parts) + "\n"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--freshet", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--shared", default="../shared")
    parser.add_argument("--backfill", type=int, default=4000, help="rows behind which changes must not wait")
    parser.add_argument("--count", type=int, default=40, help="changes of each kind")
    parser.add_argument("--embedder", default="encoder", choices=("encoder", "hashing"))
    parser.add_argument("--nice", type=int, default=0)
    parser.add_argument("--readme")
    return parser.parse_args()


def measure(args, context):
    run = spine.Run(os.path.join(args.work, "database"))
    archive = os.path.join(args.shared, "data", "ir_medquad", "medquad_xml_sets1-9.tar.gz")
    args.files = args.backfill
    head = run.step("head", lambda: steps.head(args, context, archive))
    folder = head["corpus"]["folder"]
    for name in ways.LABELS:
        run.step("idle-" + name, lambda: changed(name, context, folder, args, backfill=False))
        run.step("busy-" + name, lambda: changed(name, context, folder, args, backfill=True))
    run.found["head"]["machine"]["load_end"] = f"{os.getloadavg()[0]:.1f}"
    return {**run.found, "embedder": args.embedder, "date": datetime.date.today().isoformat(),
            "command": f"tests/bench/database.py --backfill {args.backfill} --count {args.count} --embedder {args.embedder}"}


def main():
    args = arguments()
    lacking = postgres_node.missing() or (None if os.path.isdir(os.path.join(args.shared, "data")) else "No corpus here.")
    if lacking:
        print("bench: SKIPPED:", lacking, file=sys.stderr)
        return 0
    os.nice(args.nice)
    os.makedirs(args.work, exist_ok=True)
    context = pipelines.Context(freshet=os.path.abspath(args.freshet), work=os.path.abspath(args.work), peers="", python=None)
    found = measure(args, context)
    text = render(found)
    for name, content in (("database.json", json.dumps(found, indent=1)), ("database.md", text)):
        with open(os.path.join(args.work, name), "w") as file:
            file.write(content)
    if args.readme:
        with open(args.readme) as file:
            readme = file.read()
        with open(args.readme, "w") as file:
            file.write(table.between_marks(readme, text, BEGIN, END))
    shutil.rmtree(os.path.join(args.work, "database"))
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

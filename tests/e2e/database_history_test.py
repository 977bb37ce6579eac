#!/usr/bin/env python3
"""Random histories of a real PostgreSQL on a real Kafka: rows come, change and go while the database, the broker and Freshet are
killed with -9, one or several at once, and started again. After each history the index is what a second Freshet has that
reads the tables for the first time (DESIGN §4.2, §4.4). With a real Debezium between them, which is killed as well, the first
Freshet reads its topics; no table is truncated then, as Debezium does not tell it.

  tests/e2e/database_history_test.py BINARY WORK_FOLDER [HISTORIES [debezium]]        50, or FRESHET_HISTORIES

FRESHET_SEED plays a run again. Each seed is a run of its own, so many may be played bit by bit: five of ten for one of fifty.
Where an index differs, what explains it stays in WORK_FOLDER/evidence-SEED-HISTORY, which later runs leave alone.
"""
import json, os, random, shutil, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import connect_node  # noqa: E402
import history_evidence  # noqa: E402
import kafka_node  # noqa: E402
import postgres_node  # noqa: E402
from running_site import Site  # noqa: E402

TABLES = """CREATE TABLE memo (id int PRIMARY KEY, body text, ward text, extra text);
            CREATE TABLE note (id int PRIMARY KEY, body text, ward text);
            CREATE TABLE addendum (note_id int, seq int, body text, PRIMARY KEY (note_id, seq));
            CREATE TABLE ward_reader (ward text, login text, PRIMARY KEY (ward, login));
            ALTER TABLE memo ALTER body SET STORAGE EXTERNAL;
            CREATE TABLE debezium_heartbeat (id int PRIMARY KEY, at timestamptz)"""
SOURCE = """    connector: {connector}
    collection: files
    mass_delete: {{documents: 1000000}}
    options:
      connection: "${{FILE:pg.url}}"
{options}
      mapping:
        documents:
          - {{table: public.memo, id: "memo/{{id}}", content: "{{body}}", scope: "ward/{{ward}}"}}
          - {{table: public.note, id: "note/{{id}}", content: "{{body}}", scope: "ward/{{ward}}",
             children: [{{table: public.addendum, parent: [note_id], order: [seq], content: " {{body}}"}}]}}
        access: [{{table: public.ward_reader, scope: "ward/{{ward}}", allow: ["user:{{login}}"]}}]
"""
POSTGRES = """      slot: {slot}
      publication: history
      snapshot_blocks: 2"""
DEBEZIUM = """      kafka: {{bootstrap_servers: "{bootstrap}"}}
      prefix: h
      witnesses: [h.public.debezium_heartbeat]"""
MAPPED = ["public.memo", "public.note", "public.addendum", "public.ward_reader"]
LIMIT = 300  # seconds, for two indexes to be the same on a busy machine


class Sql:
    """Random statements."""

    def __init__(self, source, truncates):
        self.random, self.columns, self.truncates = source, 0, truncates

    def id(self):
        return self.random.randrange(12)

    def ward(self):
        return f"'w{self.random.randrange(4)}'"

    def body(self):
        words = self.random.choice([3, 8, 8, 1500])  # the last one does not fit into its row
        return f"'word{self.random.randrange(100000)} " + " ".join(self.random.choices(["fever", "dose", "rest"], k=words)) + "'"

    def statement(self):
        row = f"({self.id()}, {self.body()}, {self.ward()})"
        upsert = "ON CONFLICT (id) DO UPDATE SET body = excluded.body"
        usual = [f"INSERT INTO memo VALUES {row} {upsert}", f"INSERT INTO note VALUES {row} {upsert}"] * 3
        return self.random.choice(usual + [
            f"DELETE FROM memo WHERE id = {self.id()}", f"DELETE FROM note WHERE id = {self.id()}",
            f"UPDATE memo SET ward = {self.ward()} WHERE id = {self.id()}",
            f"UPDATE memo SET id = {20 + self.id()} WHERE id = {self.id()} AND NOT EXISTS (SELECT FROM memo WHERE id > 19)",
            f"INSERT INTO addendum VALUES ({self.id()}, {self.id()}, {self.body()}) ON CONFLICT DO NOTHING",
            f"DELETE FROM addendum WHERE note_id = {self.id()}",
            f"INSERT INTO ward_reader VALUES ({self.ward()}, 'u{self.id()}') ON CONFLICT DO NOTHING",
            f"DELETE FROM ward_reader WHERE ward = {self.ward()} AND login < 'u5'", self.rare()])

    def rare(self):
        self.columns += 1
        return self.random.choice([
            "TRUNCATE memo" if self.truncates else "DELETE FROM memo WHERE id < 3",
            "ALTER TABLE memo REPLICA IDENTITY FULL", "ALTER TABLE memo REPLICA IDENTITY DEFAULT",
            f"ALTER TABLE memo ADD COLUMN c{self.columns} text DEFAULT 'x'", "DELETE FROM memo WHERE id >= 100",
            "INSERT INTO memo SELECT 100 + i, 'many of them', 'w1' FROM generate_series(1, 300) i ON CONFLICT DO NOTHING"])

    def transaction(self):
        body = "; ".join(self.statement() for _ in range(self.random.randrange(1, 5)))
        return f"BEGIN; {body}; {self.random.choice(['COMMIT'] * 4 + ['ROLLBACK'])}"


class World:
    def __init__(self, binary, work, seed, debezium):
        self.parts = ["database", "broker", "freshet"] + (["worker"] if debezium else [])  # in the order of their start
        for part in ("broker", "connect", "site", "fresh"):
            shutil.rmtree(os.path.join(work, part), ignore_errors=True)
        self.random, self.seed, self.work, self.binary = random.Random(seed), seed, work, binary
        self.sql, self.kills = Sql(self.random, not debezium), {part: 0 for part in self.parts}
        self.database = postgres_node.PostgresNode()
        self.database.start()
        for statement in TABLES.split(";"):
            self.database.sql(statement)
        self.broker = kafka_node.KafkaNode(os.path.join(work, "broker"))
        self.broker.start()
        self.worker = connect_node.ConnectNode(os.path.join(work, "connect"), self.broker.bootstrap) if debezium else None
        if debezium:
            self.worker.start()
            self.worker.follow("h", self.database.port, MAPPED)
            self.wait_for_worker()
        options = "partitions: 4, delivery_timeout: 5s, compression: none"
        log = f'{{kind: kafka, bootstrap_servers: "{self.broker.bootstrap}", {options}}}'
        options = DEBEZIUM.format(bootstrap=self.broker.bootstrap) if debezium else POSTGRES.format(slot="site")
        self.site = self.make("site", "debezium" if debezium else "postgres", options, log)
        self.site.start()

    def wait_for_worker(self):
        """Its first look at the tables is over, and will not be begun again: rows that go meanwhile are told by nobody."""
        end = time.monotonic() + LIMIT
        while self.database.sql("SELECT count(*) FROM debezium_heartbeat") == "0" or not self.worker.streams():
            assert time.monotonic() < end, "Debezium does not begin"
            self.worker.mend()
            time.sleep(0.3)

    def make(self, name, connector, options, log="{kind: embedded, partitions: 4}"):
        site = Site(self.binary, os.path.join(self.work, name), log=log)
        with open(site.path("freshet.yaml")) as file:
            text = file.read()
        begin, end = text.index("    connector: folder"), text.index("collections:")
        with open(site.path("freshet.yaml"), "w") as file:
            file.write(text[:begin] + SOURCE.format(connector=connector, options=options) + text[end:])
        with open(site.path("pg.url"), "w") as file:
            file.write(self.database.url)
        return site

    def change(self, count):
        for _ in range(count):
            self.database.sql(self.sql.transaction())

    def kill(self, part):
        self.kills[part] += 1
        {"database": self.database, "broker": self.broker, "freshet": self.site, "worker": self.worker}[part].kill()

    def start(self, part):
        if part == "freshet":
            self.site.start()
        else:
            {"database": self.database, "broker": self.broker, "worker": self.worker}[part].launch()
        if part == "database" and self.worker and self.worker.pid:
            self.worker.mend()  # what could not begin without it

    def history(self):
        down = set()
        for _ in range(self.random.randrange(3, 7)):
            part = self.random.choice(self.parts)
            if part not in down:
                self.kill(part)
                down.add(part)
            elif part in ("database", "broker") or "broker" not in down:  # the others do not begin without it
                self.start(part)
                down.remove(part)
            if "database" not in down:
                self.change(self.random.randrange(8))
            time.sleep(self.random.choice([0, 0, 0.1, 0.5]))
        for part in self.parts:
            if part in down:
                self.start(part)
        self.change(self.random.randrange(1, 5))

    def digest(self, site, *more):
        done = subprocess.run([site.binary, "index", "digest", "--config", site.path("freshet.yaml"), "--lines", "--json", *more],
                              capture_output=True, text=True)
        return json.loads(done.stdout) if done.returncode == 0 else {"digest": done.stderr, "lines": [done.stderr]}

    def keep_evidence(self, number, reference):
        lines = {"ours": self.digest(self.site)["lines"], "reference": reference["lines"]}
        return history_evidence.keep(os.path.join(self.work, f"evidence-{self.seed}-{number}"), self, lines)

    def settle(self, number):
        """The index is as one that is made of the tables as they are."""
        fresh = self.make("fresh", "postgres", POSTGRES.format(slot="fresh"))
        fresh.start()
        fresh.caught_up()
        rows = int(self.database.sql("SELECT (SELECT count(*) FROM memo) + (SELECT count(*) FROM note)"))
        fresh.wait(lambda: fresh.freshness()["documents"] == rows, f"{rows} documents read for the first time", LIMIT)
        reference, end = self.digest(fresh, "--without-versions"), time.monotonic() + LIMIT
        assert fresh.stop() == 0
        self.database.sql("SELECT pg_drop_replication_slot('fresh')")
        while True:
            ours = self.digest(self.site, "--without-versions")
            if ours["digest"] == reference["digest"]:
                return rows
            if not self.site.alive() or time.monotonic() > end:
                differs = "\n".join(sorted(set(ours["lines"]) ^ set(reference["lines"]))[:20])
                raise AssertionError(f"not as the tables:\n{differs}\nsee {self.keep_evidence(number, reference)}\n" +
                                     self.site.log()[-2000:])
            time.sleep(0.3)
            if self.worker:
                self.worker.mend()

    def stop(self):
        assert self.site.stop() == 0
        if self.worker:
            self.worker.kill()
        self.broker.stop()
        self.database.stop()


def main():
    binary, work = sys.argv[1:3]
    debezium = len(sys.argv) > 4 and sys.argv[4] == "debezium"
    lacking = kafka_node.missing() or postgres_node.missing() or (debezium and connect_node.missing())
    if lacking:
        print(lacking, "Histories are not played.")
        return 77
    seed = int(os.environ.get("FRESHET_SEED", time.time_ns() % 10**6))
    world = World(binary, work, seed, debezium)
    print("seed", seed, flush=True)
    count = int(os.environ.get("FRESHET_HISTORIES") or (sys.argv[3] if len(sys.argv) > 3 else 50))
    assert count > 0, "no history is not a test"
    for number in range(1, count + 1):
        world.history()
        print(f"history {number}: {world.settle(number)} documents, as the tables; killed so far {world.kills}", flush=True)
    world.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

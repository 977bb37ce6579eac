#!/usr/bin/env python3
"""The PostgreSQL connector beside PostgreSQL's own clients, in turns on the same server: a snapshot beside psql's \\copy, a stream
of changes beside pg_recvlogical, and the memory of snapshots repeated until ten gigabytes have gone by.

  tests/bench/postgres.py --bench build/release/bin/postgres_bench --work build/bench/postgres
      [--rows 500000] [--changes 200000] [--rounds 3] [--gigabytes 10] [--only snapshot,stream,memory]

What was measured stays in WORK/run.json: a run that was ended goes on with the rounds that are missing (`--fresh`: all anew).
"""
import argparse, json, os, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "e2e")]
from figures import median, ratio, short  # noqa: E402
from postgres_node import PROGRAMS, PostgresNode, missing  # noqa: E402
from table import rows_of  # noqa: E402

GOAL = 0.5  # of what PostgreSQL's own client takes in
TABLE = """CREATE TABLE note (id bigint PRIMARY KEY, patient text, ward text, title text, body text, written timestamptz);
    INSERT INTO note SELECT i, 'p' || i % 9973, 'w' || i % 40, 'Note ' || i, repeat(md5(i::text) || ' ', 27), now()
      FROM generate_series(1, {rows}) i;
    CREATE TABLE reader (ward text, login text, PRIMARY KEY (ward, login));
    INSERT INTO reader SELECT 'w' || i, 'ada' FROM generate_series(0, 39) i;
    CREATE PUBLICATION bench FOR TABLE note, reader; VACUUM ANALYZE note"""
CONFIG = """connection: "${{ENV:BENCH_DATABASE}}"
slot: {slot}
publication: bench
create_publication: false
snapshot_readers: {readers}
mapping:
  documents: [{{table: public.note, id: "note/{{id}}", content: "{{body}}", title: "{{title}}", scope: "ward/{{ward}}",
                patients: ["{{patient}}"], effective: "{{written}}"}}]
  access: [{{table: public.reader, scope: "ward/{{ward}}", allow: ["user:{{login}}"]}}]
"""
# One row a transaction, each row once, so that nothing is overtaken: four updates of six, an insert, a delete.
DOOMED = """INSERT INTO note SELECT {seed} * -1000000 - i, 'p', 'w1', 'Doomed', repeat(md5(i::text) || ' ', 27), now()
    FROM generate_series(1, {sixth}) i"""
CHANGES = """DO $$ BEGIN FOR i IN 1..{sixth} LOOP
    UPDATE note SET body = repeat(md5((i + {seed})::text) || ' ', 27) WHERE id = i * 3; COMMIT;
    UPDATE note SET body = repeat(md5((i + {seed})::text) || '.', 27) WHERE id = i * 3 + 1; COMMIT;
    UPDATE note SET body = repeat(md5((i + {seed})::text) || '-', 27) WHERE id = i * 3 + 2; COMMIT;
    UPDATE note SET title = 'Note again ' || {seed} + i WHERE id = {rows} - i; COMMIT;
    INSERT INTO note VALUES ({seed} * 1000000 + {rows} + i, 'p', 'w1', 'New', repeat(md5(i::text) || ' ', 27), now()); COMMIT;
    DELETE FROM note WHERE id = {seed} * -1000000 - i; COMMIT;
  END LOOP; END $$"""


class Bench:
    """postgres_bench over a server, in one of its two ways: into nothing, or into a durable log."""

    def __init__(self, program, node, slot, readers=1, log=None):
        self.folder = tempfile.mkdtemp(prefix="freshet-bench-")
        config = os.path.join(self.folder, "source.yaml")
        with open(config, "w") as file:
            file.write(CONFIG.format(slot=slot, readers=readers))
        self.process = subprocess.Popen([program, config, *([log] if log else [])], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env={**os.environ, "BENCH_DATABASE": node.url})

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"postgres_bench ended at {command}: {self.process.wait()}"
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)


class Server:
    def __init__(self, rows):
        self.node, self.rows, self.slots = PostgresNode(), rows, 0
        self.node.start()
        for statement in TABLE.format(rows=rows).split(";"):
            self.node.sql(statement)

    def copy(self):
        """Seconds that psql takes for the table."""
        begin = time.monotonic()
        subprocess.run(["psql", "-qX", "-c", "\\copy note to '/dev/null'", self.node.url], check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - begin

    def copy_bytes(self):
        line = ["psql", "-qX", "-c", "\\copy note to stdout", self.node.url]
        copied = subprocess.Popen(line, stdout=subprocess.PIPE)
        size = sum(len(block) for block in iter(lambda: copied.stdout.read(1 << 20), b""))
        assert copied.wait() == 0
        return size

    def receive(self, slot, until):
        """Seconds that pg_recvlogical takes for what the slot has up to there."""
        begin = time.monotonic()
        subprocess.run([os.path.join(PROGRAMS, "pg_recvlogical"), "-d", self.node.url, "--slot", slot, "--start", "--no-loop",
                        "-f", "/dev/null", "-o", "proto_version=2", "-o", "publication_names=bench", "-o", "messages=true",
                        "-o", "streaming=on", "--endpos", until], check=True, stderr=subprocess.DEVNULL)
        return time.monotonic() - begin

    def slot(self):
        self.slots += 1
        return f"bench_{self.slots}"

    def drop_slots(self):
        self.node.sql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active")

    def stop(self):
        self.node.stop()


def ours(program, server, into_log, readers=1):
    log = tempfile.mkdtemp(prefix="freshet-bench-log-") if into_log else None
    return Bench(program, server.node, server.slot(), readers, log), log


def snapshot_round(args, server):
    found = {"copy": server.copy()}
    for name, into_log, readers in (("alone", False, 1), ("alone, two readers", False, 2), ("durable", True, 1)):
        bench, log = ours(args.bench, server, into_log, readers)
        found[name] = bench.ask("snapshot 1")
        bench.end()
        if log:
            shutil.rmtree(log)
        server.drop_slots()
        assert found[name]["documents"] == server.rows, (name, found[name])
    found["copy after"] = server.copy()
    return found


def stream_round(args, server, number):
    found, benches, sixth = {}, {}, args.changes // 6
    assert server.rows > 4 * sixth, "more changes than rows"
    server.node.sql(DOOMED.format(seed=number + 1, sixth=sixth))
    for name, into_log in (("alone", False), ("durable", True)):
        benches[name] = ours(args.bench, server, into_log)
        benches[name][0].ask("snapshot 1")
    server.node.sql("SELECT pg_create_logical_replication_slot('peer', 'pgoutput')")
    server.node.sql(CHANGES.format(sixth=sixth, rows=server.rows, seed=number + 1))
    until = server.node.sql("SELECT pg_current_wal_lsn()")
    found["recvlogical"] = server.receive("peer", until)
    for name, (bench, log) in benches.items():
        found[name] = bench.ask(f"stream {sixth * 6}")
        bench.end()
        if log:
            shutil.rmtree(log)
    server.drop_slots()
    return {**found, "changes": sixth * 6}


def memory(args, server):
    bench, _ = ours(args.bench, server, False)
    times = max(3, round(args.gigabytes * 1e9 / server.copy_bytes()))
    found = bench.ask(f"snapshot {times}")
    bench.end()
    server.drop_slots()
    return {**found, "copy_bytes": server.copy_bytes() * times}


def rates(rounds, peer, size):
    """Rows of the table: theirs, then ours; a rate each, and its share of theirs."""
    theirs = median([size / seconds for r in rounds for seconds in r["peer_seconds"]])
    yield peer, theirs, None
    for name in rounds[0]["ours"]:
        yield name, median([size / r["ours"][name]["seconds"][0] for r in rounds]), rounds[0]["ours"][name]


def render(run):
    """The tables of a run. Pure."""
    parts = []
    for what, peer, title in (("snapshot", "psql \\copy", "rows"), ("stream", "pg_recvlogical", "changes")):
        rounds = run.get(what, [])
        if not rounds:
            continue
        size, table = rounds[0]["size"], []
        for name, rate, one in rates(rounds, peer, size):
            theirs = table[0][1] if table else rate
            megabytes = rate * rounds[0]["bytes"] / size / 1e6
            table.append((name, rate, megabytes, rate / theirs, one))
        parts.append(rows_of([what, title + "/s", "MB/s", "of " + peer, "CPU s", "held"], [
            [name if one is None else "Freshet, " + name, short(rate), short(mb), "" if one is None else f"{share:.2f}",
             "" if one is None else short(one["cpu"]), "" if one is None else ("yes" if share >= GOAL else "no")]
            for name, rate, mb, share, one in table]))
    if run.get("memory"):
        peaks, size = run["memory"]["peak_mb"], run["memory"]["copy_bytes"]
        parts.append(f"Memory over {len(peaks)} snapshots, {size / 1e9:.1f} GB: the peak of the second "
                     f"{peaks[1]:.1f} MB, of the last {peaks[-1]:.1f} MB, of all {max(peaks):.1f} MB.")
    return "\n\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--work", required=True)
    for name, default in (("rows", 500_000), ("changes", 200_000), ("rounds", 3)):
        parser.add_argument("--" + name, type=int, default=default)
    parser.add_argument("--gigabytes", type=float, default=10)
    parser.add_argument("--only", default="snapshot,stream,memory")
    parser.add_argument("--fresh", action="store_true")
    args = parser.parse_args()
    if missing():
        print(missing(), "Nothing is measured.")
        return
    os.makedirs(args.work, exist_ok=True)
    place = os.path.join(args.work, "run.json")
    run = {} if args.fresh or not os.path.exists(place) else json.load(open(place))

    def keep():
        with open(place + ".new", "w") as file:
            json.dump(run, file, indent=1)
        os.rename(place + ".new", place)
    server = Server(args.rows)
    try:
        measure(args, server, run, keep)
    finally:
        server.stop()
    print(render(run))


def measure(args, server, run, keep):
    wanted = args.only.split(",")
    while "snapshot" in wanted and len(run.setdefault("snapshot", [])) < args.rounds:
        found, size = snapshot_round(args, server), server.copy_bytes()
        peers = [found.pop("copy"), found.pop("copy after")]
        run["snapshot"].append({"peer_seconds": peers, "ours": found, "size": server.rows, "bytes": size})
        keep()
    while "stream" in wanted and len(run.setdefault("stream", [])) < args.rounds:
        found = stream_round(args, server, len(run["stream"]))
        count, peer = found.pop("changes"), found.pop("recvlogical")
        run["stream"].append({"peer_seconds": [peer], "ours": found, "size": count, "bytes": found["alone"]["bytes"]})
        keep()
    if "memory" in wanted and "memory" not in run:
        run["memory"] = memory(args, server)
        keep()


if __name__ == "__main__":
    main()

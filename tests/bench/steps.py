"""The steps of a run, each at most ten minutes, and how their findings become one table's figures.

    found = one(pipeline, context, files, changes=60)     # bulk load; with changes > 0 also all that needs a loaded index
    run = gather({"bulk-0-freshet": found, ...}, [pipeline], has_peers=True)
"""
import os
import shutil
import signal
import subprocess
import time

import changes as changes_
import corpus
import edits
import pipelines
import procs
import running

GAP = 0.15          # seconds, at most, between two changes
IDLE = 20           # seconds
RESTARTS = 3
COPIES = 6          # of the corpus, for a backfill that outlasts the changes beside it


def head(args, context, archive):
    folder = os.path.join(context.work, f"files-{args.files or 'all'}")
    if not os.path.isdir(folder):
        corpus.extract(archive, folder + ".new", args.files)
        os.rename(folder + ".new", folder)
    files, size = corpus.size(folder)
    with open("/proc/cpuinfo") as file:
        cpu = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown")
    version = subprocess.run([context.freshet, "version"], capture_output=True, text=True).stdout.split()
    return {"corpus": {"folder": folder, "files": files, "bytes": size}, "version": version[-1] if version else "?",
            "machine": {"cores": os.cpu_count(), "cpu": cpu, "load_begin": f"{os.getloadavg()[0]:.1f}"}}


def lexical(program, files):
    lines = subprocess.run([program, files], capture_output=True, text=True, check=True).stdout.split()
    return dict(zip(lines[::2], map(float, lines[1::2])))


def edited(context, files):
    return edits.new_chunks(context.freshet, files, count=min(500, corpus.size(files)[0]))


def one(pipeline, context, files, changes):
    pipeline.prepare(files)
    bulk = running.load(pipeline, context)
    found, pid = {"bulk": bulk}, bulk["pid"]
    try:
        if changes:
            found.update(loaded(pipeline, pid, bulk["files"], changes))
            pid = found.pop("pid")
    finally:
        running.end(pid, signal.SIGKILL)
        if not changes:
            shutil.rmtree(pipeline.directory)
    return found


def loaded(pipeline, pid, files, changes):
    """What needs an index that has all files: single changes, an idle stretch, the disk, restarts."""
    found = {}
    with changes_.Probe(pipeline, changes_.Folder(pipeline.files)) as probe:
        found["changes"] = probe.run(changes, GAP, access=pipeline.name == "freshet")
    time.sleep(3)
    before = procs.cpu_seconds(pid)
    time.sleep(IDLE)
    found["idle"] = (procs.cpu_seconds(pid) - before) / IDLE
    if os.path.isdir(pipeline.state):
        found["disk"] = procs.disk_by_part(pipeline.state, depth=2 if pipeline.name == "freshet" else 1)
    found["restart"], times = [], RESTARTS if pipeline.durable else 1
    for _ in range(times):
        running.end(pid, signal.SIGKILL)
        process = running.start(pipeline)
        pid = process.pid
        found["restart"].append(running.wait_for(pipeline, files, process)[1])
    return {**found, "pid": pid}


def backfill(context, files, changes):
    """Changes in one folder while another one, much larger, is read for the first time."""
    pipeline = pipelines.freshet(context, "freshet-backfill", sources=("files", "archive"), port=9311)
    pipeline.prepare(files)
    archive = os.path.join(pipeline.directory, "archive")
    shutil.rmtree(pipeline.files)
    os.makedirs(pipeline.files)
    corpus.grow(files, archive, COPIES)
    everything = corpus.size(archive)[0]
    process = running.start(pipeline)
    try:
        running.wait_for(pipeline, everything // 20, process)
        with changes_.Probe(pipeline, changes_.Folder(pipeline.files)) as probe:
            found = probe.run(changes, GAP / 3, access=True, goes_on=lambda: running.count(pipeline) < 0.9 * everything)
        found["share"] = running.count(pipeline) / everything
    finally:
        running.end(process.pid, signal.SIGKILL)
        shutil.rmtree(pipeline.directory)
    return found


def gather(found, everyone, has_peers):
    """What each step found, by what the table shows."""
    run = {"labels": {pipeline.name: pipeline.label for pipeline in everyone}, **found["head"], "skipped": {}}
    run["machine"]["load_end"] = f"{os.getloadavg()[0]:.1f}"
    run.update({key: {} for key in ("bulk", "changes", "restart", "disk", "idle")})
    for pipeline in everyone:
        rounds = [row for name, row in found.items() if name.startswith("bulk-") and name.split("-", 2)[2] == pipeline.name]
        good = [row for row in rounds if "bulk" in row]
        for row in rounds:
            if "skipped" in row:
                run["skipped"][pipeline.label] = row["skipped"]
        if good:
            run["bulk"][pipeline.name] = [row["bulk"] for row in good]
        for key in ("changes", "restart", "disk", "idle"):
            run[key].update({pipeline.name: row[key] for row in good if key in row})
    if "freshet" in run["bulk"]:
        run["chunks"] = run["bulk"]["freshet"][-1]["embedded"]
    for name in ("edits", "lexical", "backfill"):
        if "skipped" in found.get(name, {}):
            run["skipped"][name] = found[name]["skipped"]
        elif name in found and name != "backfill":
            run[name] = found[name]
    if "skipped" not in found["backfill"]:
        run["labels"]["freshet-backfill"] = "Freshet, during a backfill"
        run["changes"]["freshet-backfill"] = found["backfill"]
    if not has_peers:
        run["skipped"]["the peers"] = "they could not be installed"
    return run

"""A pipeline's process: started under the peers' bulk harness or plainly, asked what it has, ended by its own id.

    bulk = load(pipeline, context)               # start to all files searchable; the process goes on: bulk["pid"]
    process = start(pipeline); seconds = wait_for(pipeline, files, process); end(process.pid)
"""
import http.client
import json
import os
import signal
import subprocess
import sys
import time

import pipelines
import procs

LIMIT = 540  # seconds; a step that takes longer is given up


def get(pipeline, path, timeout=30):
    connection = http.client.HTTPConnection("127.0.0.1", pipeline.port, timeout=timeout)
    try:
        connection.request("GET", path, headers=pipelines.headers())
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def count(pipeline):
    """Searchable files; -1 while it does not answer."""
    try:
        return json.loads(get(pipeline, pipeline.count_path)).get(pipeline.count_key) or 0
    except (OSError, ValueError, AttributeError, http.client.HTTPException):
        return -1


def load(pipeline, context):
    """The peers' harness, from the start of the command to all files searchable, and what that took of the machine."""
    out = os.path.join(pipeline.directory, "bulk.json")
    search = [word + "#{q}" if "--post" in pipeline.search and word.startswith("http") else word for word in pipeline.search]
    command = [sys.executable, os.path.join(context.peers, "bench_bulk.py"), "--files", pipeline.files, *search,
               "--count-url", pipeline.url + pipeline.count_path, "--count-key", pipeline.count_key, "--label", pipeline.label,
               "--sample", "50", "--limit", str(LIMIT), "--json", out, "--log", os.path.join(pipeline.directory, "log"),
               "--count-file", os.path.join(pipeline.directory, "embed.count"), "--keep", "--", *pipeline.command]
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError(f"{pipeline.label} did not load: see {pipeline.directory}/log")
    with open(out) as file:
        bulk = json.load(file)
    bulk["cpu_s"] = procs.cpu_seconds(bulk["pid"])
    if pipeline.name.startswith("freshet"):
        bulk["embedded"] = json.loads(get(pipeline, "/v1/freshness"))["chunks"]
        bulk["threads"] = procs.cpu_by_thread(bulk["pid"])
        bulk["busy"] = stage_seconds(get(pipeline, "/metrics"))
    if not bulk["seconds"]:
        end(bulk["pid"])
        raise RuntimeError(f"{pipeline.label} did not load within {LIMIT} s")
    return bulk


def stage_seconds(metrics):
    """Seconds in each stage's own code, from the text of /metrics."""
    seconds = {}
    for line in metrics.splitlines():
        if line.startswith("freshet_stage_busy_seconds_total{"):
            seconds[line.split('stage="')[1].split('"')[0]] = float(line.rsplit(" ", 1)[1])
    return seconds


def start(pipeline):
    log = open(os.path.join(pipeline.directory, "log"), "ab")
    return subprocess.Popen(pipeline.command, stdout=log, stderr=log, start_new_session=True)


def wait_for(pipeline, files, process, limit=LIMIT):
    """(seconds to the first answer, seconds until it has so many files) from now on."""
    begin, answered = time.monotonic(), None
    while time.monotonic() - begin < limit:
        if process.poll() is not None:
            raise RuntimeError(f"{pipeline.label} ended by itself: see {pipeline.directory}/log")
        has = count(pipeline)
        if answered is None and has >= 0:
            answered = time.monotonic() - begin
        if has >= files:
            return answered, time.monotonic() - begin
        time.sleep(0.005)
    raise RuntimeError(f"{pipeline.label} did not have {files} files within {limit} s")


def end(pid, how=signal.SIGTERM):
    """Ends the process and what it started. It leads a session of its own, so nobody else is in its group."""
    for signal_ in (how, signal.SIGKILL):
        try:
            os.killpg(pid, signal_)
        except ProcessLookupError:
            return
        for _ in range(150):
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass
            if not os.path.exists(f"/proc/{pid}") or procs.is_zombie(pid):
                return
            time.sleep(0.1)

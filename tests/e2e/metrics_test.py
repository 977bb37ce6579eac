#!/usr/bin/env python3
"""Every metric that is declared is counted by a running pipeline, and counts what it says (common/telemetry).

  tests/e2e/metrics_test.py BINARY WORK_FOLDER
"""
import os, re, shutil, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_site import Site  # noqa: E402

TABLE = "common/telemetry/metric_table.h"
# What needs a world that fails, a source with a clock of its own, or another embedder: the tests that have them.
ELSEWHERE = {"freshet_stage_retries_total": "common/stage/runner_test.cc",
             "freshet_clock_ahead_seconds": "services/index/sink_test.cc",
             "freshet_clock_skewed_total": "services/index/sink_test.cc",
             "freshet_source_lag_bytes": "tests/e2e/database_test.py",
             "freshet_source_retained_bytes": "tests/e2e/database_test.py",
             "freshet_source_retained_limit_bytes": "tests/e2e/database_test.py",
             "freshet_spans_total": "tests/e2e/traces_test.py",
             "freshet_probes_total": "tests/e2e/probe_test.py",
             "freshet_probe_seconds": "tests/e2e/probe_test.py",
             "freshet_probe_timestamp_seconds": "tests/e2e/probe_test.py",
             "freshet_embedder_calls_total": "tests/e2e/embedding_server_test.py",
             "freshet_embedder_seconds": "tests/e2e/embedding_server_test.py",
             "freshet_embedder_tokens_total": "tests/e2e/embedding_server_test.py"}
MORE_OF_THE_SITE = """    slo: {searchable: {target: 5s}, revoked: {target: 5s}}
  - name: broken
    connector: folder
    collection: files
    options: {root: ./broken, max_files: 1}
collections:
"""


def declared():
    with open(TABLE, encoding="utf-8") as file:
        table = file.read()
    return dict(re.findall(r'X\(k\w+,\s*"(freshet_[a-z_]+)",\s*k(\w+)', table[table.index("FRESHET_METRICS(X)"):]))


def samples(site):
    """[(name, labels, value)] of /metrics."""
    status, text = site.request("GET", "/metrics", token=None)
    assert status == 200, text
    return [(name, dict(re.findall(r'(\w+)="([^"]*)"', labels or "")), float(value))
            for name, labels, value in re.findall(r"^(freshet_\w+?)(?:\{(.*)\})? (\S+)$", text, re.MULTILINE)]


def value(site, wanted, **labels):
    """The sum over the series of this name that have these labels; None where there is none."""
    found = [value for name, has, value in samples(site) if name == wanted and labels.items() <= has.items()]
    return sum(found) if found else None


def live_through(site):
    """What reaches each of them: inserts, an update, a delete, access lists, a skip, questions."""
    site.write("kept.txt", "keptword stands here.")
    site.write("gone.txt", "goneword stands here.")
    site.wait(lambda: site.found("keptword") and site.found("goneword"), "two arrive")
    site.caught_up()
    site.write("kept.txt", "otherword stands here now.")
    site.write("broken.txt", b"broken \xff\xfe utf")
    site.wait(lambda: site.found("otherword"), "an update arrives")
    os.unlink(site.path("root", "gone.txt"))
    site.wait(lambda: not site.found("goneword"), "a delete arrives")
    for allow in ("group:everyone", "user:tester"):
        site.write("_access.yaml", f'allow: ["{allow}"]\n')
        time.sleep(0.5)
    site.search("nothing says this", mode="lexical")
    site.caught_up()


def every_declared_metric_is_there(site):
    for source in ELSEWHERE.values():
        assert os.path.exists(source), source
    names = {re.sub(r"_(bucket|sum|count)$", "", name) if name not in declared() else name for name, _, _ in samples(site)}
    missing = sorted(set(declared()) - names - set(ELSEWHERE))
    assert not missing, f"declared and counted by nothing here: {missing}"
    assert not names - set(declared()), f"counted and not declared: {names - set(declared())}"


def they_count_what_they_say(site):
    site.wait(lambda: value(site, "freshet_dead_letters_total", stage="deid", code="invalid_utf8") == 1, "the dead letter")
    assert value(site, "freshet_promised_skips_total", source="files") >= 1
    # kept, gone, kept again, broken
    contents = sum(value(site, "freshet_connector_changes_total", source="files", lane=lane) for lane in ("live", "backfill"))
    assert contents >= 4, contents
    assert value(site, "freshet_connector_changes_total", source="files", lane="urgent") >= 3
    build = [(labels["version"], value) for name, labels, value in samples(site) if name == "freshet_build_info"]
    assert len(build) == 1 and re.fullmatch(r"\d+\.\d+\.\d+", build[0][0]) and build[0][1] == 1, build
    for result in ("hit", "miss"):
        assert value(site, "freshet_embed_cache_lookups_total", result=result) is not None
    for stage in ("chunk", "embed", "index"):
        assert value(site, "freshet_queue_bytes", stage=stage) == 0, "nothing waits"
    for stage in ("deid", "chunk", "embed"):
        assert value(site, "freshet_stage_in_flight", stage=stage) == 0, "nothing is under way"
    site.wait(lambda: (value(site, "freshet_index_commit_seconds_count", store="rocksdb") or 0) >= 1, "RocksDB synced")
    site.wait(lambda: (value(site, "freshet_index_commit_seconds_count", store="lexical") or 0) >= 1, "words committed")
    assert value(site, "freshet_connector_restarts_total", source="broken", code="configuration") == 1
    assert value(site, "freshet_connector_up", source="broken") == 0 and value(site, "freshet_connector_up", source="files") == 1


def first_access_lists_promise_nothing(site):
    """The first list of a folder may be as old as its file: nobody could be revoked by it."""
    seen = value(site, "freshet_searchable_seconds_count", source="files", operation="access")
    promised = value(site, "freshet_promised_seconds_count", source="files", operation="access")
    assert promised is not None and 1 <= promised < seen, (promised, seen)


def main():
    binary, work = sys.argv[1:3]
    shutil.rmtree(work, ignore_errors=True)
    site = Site(binary, os.path.join(work, "site"))
    with open(site.path("freshet.yaml")) as file:
        config = file.read()
    with open(site.path("freshet.yaml"), "w") as file:
        file.write(config.replace("collections:\n", MORE_OF_THE_SITE))
    os.makedirs(site.path("broken"))
    for name in ("a.txt", "b.txt"):
        with open(site.path("broken", name), "w") as file:
            file.write("one too many")
    site.start()
    live_through(site)
    for step in (they_count_what_they_say, every_declared_metric_is_there, first_access_lists_promise_nothing):
        step(site)
        print(step.__name__, "holds")
    assert site.stop() == 0


if __name__ == "__main__":
    main()

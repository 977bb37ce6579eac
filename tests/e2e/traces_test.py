#!/usr/bin/env python3
"""Traces in a real OpenTelemetry collector: a change from its source to the query that finds it, and what a collector that
is gone costs: nothing but spans.

  tests/e2e/traces_test.py BINARY WORK_FOLDER

It needs ../shared/tools/otelcol_up.sh, which builds the collector once; without it, it says so and skips (status 77).
"""
import http.client, json, os, re, signal, socket, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from running_site import TOKEN, Site  # noqa: E402

START = "../shared/tools/otelcol_up.sh"
CANARY = "Quillfeather"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
STEPS = ["captured", "deid", "chunk", "embed", "index"]


def skip(why):
    print("traces_test: SKIPPED, " + why)
    sys.exit(77)


def free_ports(count):
    """So many in a row, free just now."""
    for first in range(41000, 60000, 16):
        sockets = []
        try:
            for port in range(first, first + count):
                sockets.append(socket.create_server(("127.0.0.1", port)))
            return first
        except OSError:
            continue
        finally:
            for one in sockets:
                one.close()
    raise AssertionError("no free ports")


class Collector:
    def __init__(self, folder):
        if not os.path.exists(START):
            skip("no " + START)
        self.folder, self.port = folder, free_ports(3)
        self.start()

    def start(self):
        done = subprocess.run(["bash", START, self.folder, str(self.port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True)
        if done.returncode != 0:
            skip("the collector cannot be had here: " + done.stderr.strip()[-200:])
        self.pid = int(re.search(r"pid=(\d+)", done.stdout)[1])

    def stop(self):
        os.kill(self.pid, signal.SIGTERM)

    def log(self):
        with open(os.path.join(self.folder, "log"), errors="replace") as file:
            return file.read()

    def spans(self):
        """What the debug exporter printed of each span: {"Trace ID": ..., "Name": ..., "attributes": {...}, "links": [...]}."""
        spans = []
        for text in re.split(r"\nSpan #\d+\n", self.log())[1:]:
            body = text.split("\nResourceSpans #")[0]
            span = {key.strip(): value.strip() for key, value in re.findall(r"^    ([A-Z][A-Za-z ]+?) *: (.*)$", body, re.M)}
            span["attributes"] = dict(re.findall(r"^     -> ([a-z_.]+): \w+\((.*)\)$", body, re.M))
            span["links"] = re.findall(r"^     -> Trace ID: (\w+)\n     -> ID: (\w+)", body, re.M)
            spans.append(span)
        return spans


def ask(site, query, traceparent=None):
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + TOKEN}
    if traceparent:
        headers["traceparent"] = traceparent
    connection.request("POST", "/v1/search", json.dumps({"query": query, "mode": "lexical"}), headers)
    response = connection.getresponse()
    return json.loads(response.read()), response.getheader("traceparent")


def trace_of_change(site, document):
    status, text = site.request("GET", f"/v1/documents/{document}/lineage?collection=files")
    assert status == 200, text
    return json.loads(text)["traceparent"].split("-")


def check_change(collector, site, document):
    """One trace: the change from its commit on, each step within it, one after the other."""
    _, trace, root, _ = trace_of_change(site, document)
    of_trace = lambda: {s["Name"]: s for s in collector.spans() if s["Trace ID"] == trace}
    site.wait(lambda: len(of_trace()) == 1 + len(STEPS), "the collector has the change")
    spans = of_trace()
    assert set(spans) == {"change", *STEPS}, spans
    assert (spans["change"]["ID"], spans["change"]["Parent ID"]) == (root, ""), spans["change"]
    assert spans["change"]["attributes"]["freshet.source"] == "files", spans["change"]
    assert spans["change"]["attributes"]["freshet.operation"] == "insert", spans["change"]
    begin = spans["change"]["Start time"]
    for step in STEPS:
        assert spans[step]["Parent ID"] == root and spans[step]["Start time"] == begin, (step, spans[step])
        begin = spans[step]["End time"]
    assert begin == spans["change"]["End time"]
    return trace, root


def check_query(collector, site, change):
    """The caller's trace goes on in ours, with a link to the change that the answer stands on."""
    answer, returned = ask(site, "wheelchair", f"00-{TRACE}-{CALLER}-01")
    assert answer["hits"] and answer["trace_id"] == TRACE and returned.split("-")[1] == TRACE, answer
    found = lambda: [s for s in collector.spans() if s["Trace ID"] == TRACE]
    site.wait(found, "the collector has the query")
    (span,) = found()
    assert (span["Name"], span["Kind"], span["Parent ID"]) == ("POST /v1/search", "Server", CALLER), span
    assert span["ID"] == returned.split("-")[2] and change in span["links"], span
    assert span["attributes"]["http.response.status_code"] == "200", span
    ask(site, "wheelchair", f"00-{TRACE[::-1]}-{CALLER}-00")
    ask(site, "wheelchair", f"00-{TRACE[:-1]}7-{CALLER}-01")
    site.wait(lambda: any(s["Trace ID"] == TRACE[:-1] + "7" for s in collector.spans()), "a later query")
    assert not any(s["Trace ID"] == TRACE[::-1] for s in collector.spans()), "the caller did not sample it"


def counts(site):
    _, text = site.request("GET", "/metrics", token=None)
    return {o: float(v) for o, v in re.findall(r'freshet_spans_total\{[^}]*outcome="(\w+)"[^}]*\} (\S+)', text)}


def check_outage(collector, site):
    """Without a collector the pipeline and the queries go on; spans are dropped and counted; with it they come again."""
    collector.stop()
    site.write("later.txt", "A second wheelchair.")
    site.wait(lambda: len(ask(site, "wheelchair")[0]["hits"]) == 2, "it is found all the same")
    site.wait(lambda: counts(site).get("unreachable", 0) > 0, "spans are counted as dropped", limit=120)
    before = counts(site)["exported"]
    collector.start()

    def exported():
        ask(site, "wheelchair")
        return counts(site)["exported"] > before
    site.wait(exported, "spans are exported again", limit=120)


def main():
    site = Site(*sys.argv[1:3], policy="safe_harbor")
    collector = Collector(site.path("collector"))
    try:
        with open(site.path("freshet.yaml"), "a") as file:
            file.write(f'telemetry: {{otlp: {{endpoint: "http://127.0.0.1:{collector.port + 1}", sample: 1}}}}\n')
        site.start()
        site.write(f"chart of {CANARY}.txt", f"Dr. {CANARY} ordered a wheelchair.")
        site.wait(lambda: site.found("wheelchair"), "the note is found")
        (document,) = site.found("wheelchair")
        change = check_change(collector, site, document)
        check_query(collector, site, change)
        resource = collector.log()
        assert "service.name: Str(freshet)" in resource and "freshet.tenant: Str(test)" in resource
        assert CANARY not in resource and document not in resource and "wheelchair" not in resource, "content in a trace"
        check_outage(collector, site)
        print("a change and a query traced, an outage outlived:", counts(site))
        site.stop()
    finally:
        collector.stop()


if __name__ == "__main__":
    main()

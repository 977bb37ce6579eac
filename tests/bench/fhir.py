#!/usr/bin/env python3
"""What the fhir connector takes in: a listing from a folder of exported lines and from a server, until every document can
be found, beside what a bare client reads of the same server; then one change after the other until it is found.

  tests/bench/fhir.py BINARY WORK_FOLDER [NOTES]
"""
import http.client, json, os, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "e2e")]
from example_site import ExampleSite  # noqa: E402
from fhir_server import FhirServer  # noqa: E402
from figures import quantile  # noqa: E402

TEXT = "Seen today, no complaints. Sleeps well, eats well, walks to the gate and back. " * 10


def note(i, text=TEXT):
    return {"resourceType": "Composition", "id": f"n{i}", "status": "final", "title": f"Note {i}",
            "subject": {"reference": f"Patient/p{i % 100}"}, "meta": {"versionId": "1", "lastUpdated": "2026-01-31T09:30:00Z"},
            "section": [{"title": "Course", "text": {"div": f"<div>{text}</div>"}}]}


def make_site(binary, folder):
    site = ExampleSite(binary, folder, "connectors/fhir/example.yaml", ["8095", "8096"])
    site.save("fhir-token.txt", "fhir-token")
    site.save("hook-token.txt", "hook-token")
    return site


def seconds_until_all(site, count):
    begin = time.monotonic()
    site.start()

    def indexed():
        rows = site.freshness()["sources"]
        return sum(row["searchable_ms"]["insert"]["count"] for row in rows) >= count
    site.wait(indexed, f"{count} notes", limit=1800)
    return time.monotonic() - begin


def bare_client(port, count):
    """The same pages, read and parsed by nobody."""
    connection, begin, offset, size = http.client.HTTPConnection("127.0.0.1", port), time.monotonic(), 0, 0
    while offset < count:
        connection.request("GET", f"/fhir/Composition?_count=100&_offset={offset}", headers={"Authorization": "Bearer fhir-token"})
        size += len(connection.getresponse().read())
        offset += 100
    connection.close()
    return time.monotonic() - begin, size


def knock(site):
    connection = http.client.HTTPConnection("127.0.0.1", site.ports["8096"], timeout=30)
    connection.request("POST", "/", b"", {"Authorization": "Bearer hook-token"})
    connection.getresponse().read()


def latencies(site, server, count=40):
    times = []
    for i in range(count):
        word = f"heron{i}"
        begin = time.monotonic()
        server.put(note(i, f"The {word} rests."))
        knock(site)
        while not site.found(word):
            time.sleep(0.001)
        times.append((time.monotonic() - begin) * 1000)
    return sorted(times)


def main():
    binary, folder = sys.argv[1:3]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    rows = []
    site = make_site(binary, os.path.join(folder, "folder"))
    os.mkdir(site.path("export"))
    with open(site.path("export", "notes.ndjson"), "w") as f:
        f.writelines(json.dumps(note(i)) + "\n" for i in range(count))
    server_only = ("token: ", f"listen: 127.0.0.1:{site.ports['8096']}")
    with open(site.path("freshet.yaml")) as f:
        lines = [line for line in f.read().splitlines() if not any(word in line for word in server_only)]
    config = "\n".join(lines).replace(f"url: http://127.0.0.1:{site.ports['8095']}/fhir", "folder: ./export")
    site.save("freshet.yaml", config)
    rows.append(("a folder, until all are found", count / seconds_until_all(site, count)))
    site.kill()

    site = make_site(binary, os.path.join(folder, "server"))
    server = FhirServer(int(site.ports["8095"]), "fhir-token")
    for i in range(count):
        server.put(note(i))
    bare, size = bare_client(int(site.ports["8095"]), count)
    rows.append(("a server, until all are found", count / seconds_until_all(site, count)))
    rows.append(("the same server, a bare client", count / bare))
    print("| from | notes/s |\n|---|---|")
    for name, rate in rows:
        print(f"| {name} | {rate:.0f} |")
    times = latencies(site, server)
    print(f"\n{count} notes of {size // count} bytes. A change that a subscription tells of is found after p50 "
          f"{quantile(times, .5):.0f} ms, p95 {quantile(times, .95):.0f} ms.")
    site.kill()


if __name__ == "__main__":
    main()

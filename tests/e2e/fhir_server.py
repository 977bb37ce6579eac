"""A FHIR R4 server in memory, as much of it as a client needs that follows changes: history and search by pages, read,
metadata; and writing, with the token `writer`. For end-to-end tests and benches, on its own and not of the connector's making.

  server = FhirServer(port, token="x");  server.put({"resourceType": "Composition", "id": "a", ...});  server.down = True
"""
import datetime, http.server, itertools, json, threading, urllib.parse


def stamp(micros):
    time = datetime.datetime.fromtimestamp(micros / 1e6, datetime.timezone.utc)
    return time.strftime("%Y-%m-%dT%H:%M:%S.") + f"{micros % 1_000_000 // 1000:03}Z"


class FhirServer:
    def __init__(self, port, token):
        self.token, self.lock, self.down, self.requests = token, threading.Lock(), False, 0
        self.writer, self.names_itself, self.made = token + "-writer", False, itertools.count(1)
        self.versions, self.current, self.files, self.last = [], {}, {}, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.requests += 1
                if self.headers.get("Authorization") not in (f"Bearer {outer.token}", f"Bearer {outer.writer}"):
                    return self.answer(401, b"")
                if outer.down:
                    return self.answer(503, b"")
                self.answer(*outer.get(self.path.removeprefix("/fhir/")))

            def do_PUT(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.headers.get("Authorization") != f"Bearer {outer.writer}":
                    return self.answer(401, b"")
                self.write(self.command, self.path.removeprefix("/fhir/"), body)

            do_POST = do_DELETE = do_PUT

            def write(self, method, name, body):
                known = name in outer.current and outer.current[name][3] is not None
                if method == "DELETE":
                    if known:
                        outer.remove(name)
                    return self.answer(204, b"")
                resource, location = json.loads(body), []
                if method == "POST":
                    resource["id"] = f"made{next(outer.made)}"
                    location = [("Location", f"{outer.base}/{name}/{resource['id']}/_history/1")]
                elif f"{resource['resourceType']}/{resource['id']}" != name:
                    return self.answer(400, b"")
                elif outer.names_itself and not known:
                    return self.answer(405, b"")
                outer.put(resource)
                self.answer(200 if known else 201, b"", more=location)

            def answer(self, status, body, kind="application/fhir+json", more=()):
                self.send_response(status)
                for header in more:
                    self.send_header(*header)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_: None  # a client that is killed
        self.base = f"http://127.0.0.1:{port}/fhir"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def tick(self):
        now = int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000) * 1000
        self.last = max(now, self.last + 1000)
        return self.last

    def put(self, resource):
        """A new version; answers when it was committed, in microseconds."""
        with self.lock:
            name, time = f"{resource['resourceType']}/{resource['id']}", self.tick()
            version = self.current[name][0] + 1 if name in self.current else 1
            meta = {**resource.get("meta", {}), "versionId": str(version), "lastUpdated": stamp(time)}
            self.add(name, version, time, {**resource, "meta": meta})
            return time

    def remove(self, name):
        with self.lock:
            time = self.tick()
            self.add(name, self.current[name][0] + 1, time, None)
            return time

    def add(self, name, version, time, resource):
        self.current[name] = (version, time, name, resource)
        self.versions.append(self.current[name])

    @staticmethod
    def entry(row, history):
        version, time, name, resource = row
        entry = {"fullUrl": f"urn:x:{name}"}
        if resource is not None:
            entry["resource"] = resource
        if history:
            entry["request"] = {"method": "DELETE" if resource is None else "PUT", "url": name}
            entry["response"] = {"status": "200", "etag": f'W/"{version}"', "lastModified": stamp(time)}
        return entry

    def get(self, target):
        path, _, query = target.partition("?")
        asked = dict(urllib.parse.parse_qsl(query))
        if path == "metadata":
            writing = {"type": "DocumentReference", "updateCreate": not self.names_itself,
                       "interaction": [{"code": code} for code in ("create", "update", "delete", "search-type")]}
            return 200, json.dumps({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1",
                                    "rest": [{"mode": "server", "resource": [writing]}]}).encode()
        if path in self.files:
            kind, body = self.files[path]
            return 200, body, kind
        with self.lock:
            if path == "_history":
                since = asked.get("_since", "")
                rows = list(itertools.takewhile(lambda row: stamp(row[1]) >= since, reversed(self.versions)))
            elif "/" not in path:
                rows = [row for name, row in sorted(self.current.items()) if name.startswith(path + "/") and row[3] is not None]
            else:
                found = self.current.get(path)
                return (200, json.dumps(found[3]).encode()) if found and found[3] is not None else (404, b"")
        offset, count = int(asked.get("_offset", 0)), int(asked.get("_count", 50))
        bundle = {"resourceType": "Bundle", "type": "history" if path == "_history" else "searchset", "total": len(rows),
                  "link": [], "entry": [self.entry(row, path == "_history") for row in rows[offset:offset + count]]}
        if offset + count < len(rows):
            asked["_offset"] = offset + count
            bundle["link"].append({"relation": "next", "url": f"{self.base}/{path}?{urllib.parse.urlencode(asked)}"})
        return 200, json.dumps(bundle).encode()

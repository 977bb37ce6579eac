"""A Kafka Connect worker with Debezium's PostgreSQL connector that is thrown away after use, on 127.0.0.1: the real one, as
../shared/tools/connect_up.sh starts it (Maven fetches it once).

  if missing(): ...                                          # what this machine lacks
  node = ConnectNode(folder, broker.bootstrap);  node.start();  node.follow("h", database.port, ["public.note"])
  node.kill();  node.launch()                                # as a crash, and with the offsets that it had written down
  node.mend()                                                # what gave up, or never began, begins again
"""
import atexit, http.client, json, os, shutil, signal, socket, subprocess, time

START = "../shared/tools/connect_up.sh"
HEARTBEAT = "public.debezium_heartbeat"
BEAT = f"INSERT INTO {HEARTBEAT} (id, at) VALUES (1, now()) ON CONFLICT (id) DO UPDATE SET at = now()"


def missing():
    for what, there in ((START, os.path.exists(START)), ("java", shutil.which("java")), ("mvn", shutil.which("mvn"))):
        if not there:
            return f"No Debezium here: {what} is missing."
    return None


class ConnectNode:
    def __init__(self, directory, bootstrap):
        self.directory, self.bootstrap, self.pid, self.guard, self.settings = directory, bootstrap, None, None, None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def start(self):
        shutil.rmtree(self.directory, ignore_errors=True)
        os.makedirs(self.directory)
        atexit.register(self.kill)
        self.launch()

    def launch(self):
        """With the offsets that are there; follows again what it followed."""
        done = subprocess.run([START, self.directory, str(self.port), self.bootstrap], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        self.pid = int(done.stdout.split("pid=")[1].split()[0])
        # It is no child of ours: somebody ends it where we are ended without a word.
        watch = f"while kill -0 {os.getpid()} 2>/dev/null; do sleep 1; done; kill -9 {self.pid}"
        self.guard = subprocess.Popen(["sh", "-c", watch], start_new_session=True)
        if self.settings:  # a standalone worker forgets them; refused while the database is down: mend asks again
            self.ask("PUT", "/connectors/history/config", self.settings)

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, json.loads(text) if text else None

    def follow(self, prefix, database_port, tables):
        """These tables, and a row of its own that changes twice a second."""
        self.settings = {
            "connector.class": "io.debezium.connector.postgresql.PostgresConnector", "topic.prefix": prefix,
            "database.hostname": "127.0.0.1", "database.port": str(database_port), "database.user": "postgres",
            "database.password": "any", "database.dbname": "postgres", "plugin.name": "pgoutput", "slot.name": "debezium",
            "publication.name": "debezium", "publication.autocreate.mode": "filtered",
            "table.include.list": ",".join([*tables, HEARTBEAT]), "heartbeat.interval.ms": "500",
            "heartbeat.action.query": BEAT, "topic.creation.default.replication.factor": "1",
            "topic.creation.default.partitions": "2", "retriable.restart.connector.wait.ms": "1000",
            "slot.max.retries": "120", "slot.retry.delay.ms": "500"}
        status, answer = self.ask("PUT", "/connectors/history/config", self.settings)
        assert status in (200, 201), (status, answer)

    def streams(self):
        """A snapshot is behind it, and it has written down where it goes on."""
        try:
            with open(os.path.join(self.directory, "offsets"), "rb") as file:
                return b'"lsn_proc"' in file.read()
        except FileNotFoundError:
            return False

    def state(self):
        """What the worker says of itself; status 404: it was refused what it is to follow."""
        return self.ask("GET", "/connectors/history/status")

    def mend(self):
        """A task that has failed is not begun again by itself, nor what was refused."""
        status, answer = self.state()
        if status == 404:
            self.ask("PUT", "/connectors/history/config", self.settings)
        parts = [answer["connector"], *answer["tasks"]] if status == 200 else []
        if any(part["state"] == "FAILED" for part in parts):
            self.ask("POST", "/connectors/history/restart?includeTasks=true&onlyFailed=true")

    def kill(self):
        if self.pid:
            self.guard.kill()
            self.guard.wait()
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            while os.path.exists(f"/proc/{self.pid}"):  # it is not our child
                time.sleep(0.01)
        self.pid = None

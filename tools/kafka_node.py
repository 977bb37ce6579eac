"""A Kafka broker of one node on this machine, for the demo, the end-to-end tests and the benches.

  node = KafkaNode("build/demo/kafka");  node.start();  node.bootstrap     # "127.0.0.1:43210"; ready in about 4 s
  node.kill();  node.launch()                                              # as a crash, and on the same data again
  node.configure("freshet.x.changes.live", {"retention.ms": "1"})         # a topic's settings, while it runs
  node.stop()

Needs java and the jars that tools/setup_kafka.sh fetches into build/kafka; `missing()` says what is not there. It listens
on 127.0.0.1 only and goes when the process that started it ends. No security, one replica: not how one runs Kafka.
"""
import atexit, ctypes, os, shutil, signal, socket, subprocess, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
JARS = os.path.join(ROOT, "build", "kafka")
CLUSTER = "RnJlc2hldE9uZU5vZGVLYQ"
PATIENCE = 90  # seconds until it serves
PROPERTIES = """process.roles=broker,controller
node.id=1
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=200
num.io.threads=4
num.network.threads=2
background.threads=4
"""


def missing():
    """What this machine lacks for a broker, as a sentence; None: it can run one."""
    if not shutil.which("java"):
        return "No Apache Kafka here: java is missing."
    if not os.path.isdir(JARS):
        return "No Apache Kafka here: tools/setup_kafka.sh fetches it."
    return None


def free_ports(count):
    """Free now; nobody else takes them until the broker does, as a rule."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class KafkaNode:
    def __init__(self, directory, data=None, extra=None, heap="512m"):
        """`data`: where the broker keeps its logs, if not in `directory`; `extra`: further settings."""
        self.directory, self.data = os.path.abspath(directory), os.path.abspath(data or os.path.join(directory, "data"))
        self.extra, self.heap, self.process = extra or {}, heap, None
        self.port, self.controller = free_ports(2)

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    def path(self, name):
        return os.path.join(self.directory, name)

    def log(self):
        with open(self.path("kafka.log"), errors="replace") as file:
            return file.read()

    def java(self, *arguments):
        return ["java", f"-Xmx{self.heap}", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.log.kafka.server=info",
                "-cp", os.path.join(JARS, "*"), *arguments]

    def start(self):
        """On empty data."""
        for folder in (self.directory, self.data):
            shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(self.directory)
        settings = PROPERTIES.format(port=self.port, controller=self.controller, data=self.data)
        with open(self.path("server.properties"), "w") as file:
            file.write(settings + "".join(f"{name}={value}\n" for name, value in self.extra.items()))
        self._tool("kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", self.path("server.properties"))
        self.launch()

    def launch(self):
        """On the data that is there; returns when it serves."""
        output = open(self.path("kafka.log"), "w")
        self.process = subprocess.Popen(self.java("kafka.Kafka", self.path("server.properties")), stdout=output,
                                        stderr=output, start_new_session=True, preexec_fn=_end_with_parent)
        atexit.register(self.process.kill)
        end = time.monotonic() + PATIENCE
        while "Kafka Server started" not in self.log() or not self._listens():
            if self.process.poll() is not None or time.monotonic() > end:
                self.kill()
                raise RuntimeError(f"the broker did not start: see {self.path('kafka.log')}")
            time.sleep(0.05)

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    def stop(self):
        """In good order; by force where that takes long."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def configure(self, topic, settings):
        pairs = ",".join(f"{name}={value}" for name, value in settings.items())
        self._tool("kafka.admin.ConfigCommand", "--bootstrap-server", self.bootstrap, "--alter", "--entity-type", "topics",
                   "--entity-name", topic, "--add-config", pairs)

    def quota(self, settings):
        """Of every client."""
        pairs = ",".join(f"{name}={value}" for name, value in settings.items())
        self._tool("kafka.admin.ConfigCommand", "--bootstrap-server", self.bootstrap, "--alter", "--entity-type", "clients",
                   "--entity-default", "--add-config", pairs)

    def bytes(self, topic):
        """Of the records that the topic holds on disk, compressed as they are."""
        total = 0
        for folder in os.listdir(self.data):
            if folder.rpartition("-")[0] == topic:
                files = [os.path.join(self.data, folder, name) for name in os.listdir(os.path.join(self.data, folder))]
                total += sum(os.path.getsize(file) for file in files if file.endswith(".log"))
        return total

    def _tool(self, *arguments):
        done = subprocess.run(self.java(*arguments), capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{arguments[0]} failed: {done.stdout}{done.stderr}")

    def _listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

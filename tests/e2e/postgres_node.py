"""A PostgreSQL that is thrown away after use, on 127.0.0.1, that replicates logically.

  if missing(): ...                        # what this machine lacks
  node = PostgresNode();  node.start();  node.sql("CREATE TABLE ...");  node.url
  node.kill();  node.launch()              # as a crash, and on the same data again
  PostgresNode(durable=True)               # its commits wait for the disk
"""
import atexit, ctypes, glob, os, pwd, shutil, signal, socket, subprocess, tempfile, time

PROGRAMS = (sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [""])[-1]


def missing():
    return None if PROGRAMS and shutil.which("psql") else "No PostgreSQL here."


def _end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG; SIGQUIT: its children end too


class PostgresNode:
    def __init__(self, durable=False):
        self.fsync = "on" if durable else "off"
        # As root it runs as user `postgres`, as PostgreSQL refuses root.
        self.user = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        self.directory = tempfile.mkdtemp(prefix="freshet-postgres-")
        if self.user:
            os.chown(self.directory, self.user.pw_uid, self.user.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url, self.process = f"postgresql://postgres@127.0.0.1:{self.port}/postgres", None

    def as_user(self, *command, **more):
        who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        return subprocess.Popen([os.path.join(PROGRAMS, command[0]), *command[1:]], cwd=self.directory, **who, **more)

    def start(self):
        data = os.path.join(self.directory, "data")
        made = self.as_user("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
                            stdout=subprocess.DEVNULL)
        assert made.wait(120) == 0, "initdb failed"
        atexit.register(self.stop)
        self.launch()

    def launch(self):
        """On the data that is there; returns when it serves."""
        command = ["postgres", "-D", os.path.join(self.directory, "data"), "-p", str(self.port), "-c", f"fsync={self.fsync}", "-c",
                   "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.directory}", "-c", "wal_level=logical"]
        begin, self.process = time.monotonic(), None
        while not self.process or subprocess.run(["psql", "-qXtc", "SELECT 1", self.url], capture_output=True).returncode != 0:
            assert time.monotonic() - begin < 120, "PostgreSQL did not start"
            if not self.process or self.process.poll() is not None:  # children of a killed one hold its memory for a moment
                with open(os.path.join(self.directory, "log"), "a") as log:
                    self.process = self.as_user(*command, stdout=log, stderr=log, preexec_fn=_end_with_parent)
            time.sleep(0.1)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def sql(self, text):
        done = subprocess.run(["psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-c", text, self.url], capture_output=True, text=True)
        assert done.returncode == 0, (text, done.stderr)
        return done.stdout.strip()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()  # smart shutdown waits for clients
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)  # at once
                self.process.wait(60)
        shutil.rmtree(self.directory, ignore_errors=True)

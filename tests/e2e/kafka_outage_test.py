#!/usr/bin/env python3
"""What can happen to a broker, under five processes at work: a crash, a minute away, a topic that takes nothing, a quota, a
full disk, records that retention took unread. Connectors hold, no process ends, staleness tells the truth, and at the end
the index is what the embedded site has that saw the same changes (DESIGN §4.4, §4.8, §4.9).

  tests/e2e/kafka_outage_test.py BINARY WORK_FOLDER [SECONDS_AWAY [STEP ...]]        60, all steps
"""
import os, shutil, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kafka_site  # noqa: E402
from alert_rules import is_true  # noqa: E402
from kafka_node import KafkaNode, missing  # noqa: E402

TOPIC = "freshet.test."
RETENTION = {"log.retention.check.interval.ms": 500, "log.initial.task.delay.ms": 100, "file.delete.delay.ms": 100}


def crash(pair, _):
    pair.change(15)
    pair.node.kill()
    pair.change(15)
    pair.node.launch()
    pair.change(15)


def away(pair, seconds):
    """Answers go on, and say how old they are; and somebody is told."""
    pair.arrives("stork")
    pair.kafka.wait(lambda: pair.staleness() < 5, "fresh before", 300)
    lags = lambda: is_true("FreshetIngestionLag", pair.kafka.request("GET", "/metrics", token=None)[1])
    assert not lags(), "an alert before anything happened"
    pair.node.kill()
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        pair.change(2)
        time.sleep(1)
        assert pair.kafka.alive(), pair.kafka.log()
    assert pair.kafka.found("stork"), "what is in stays searchable"
    gone, stale = time.monotonic() - begin, pair.staleness()
    assert gone - 1 < stale < gone + 30, f"{stale} s told after {gone} s away"
    asked = time.monotonic()
    lanes = pair.kafka.freshness()["sources"][0]["lanes"]
    assert lanes["live"]["backlog"] is None, "nobody can know what waits"
    assert time.monotonic() - asked < 8, "it is told without waiting for the broker"
    assert pair.kafka.freshness()["sources"][0]["state"] == "stale"
    pair.kafka.wait(lags, "the alert's expression is true", 120)
    pair.node.launch()
    pair.kafka.wait(lambda: pair.staleness() < 5, "fresh again", 300)
    assert not lags(), "the alert ends"


def full_topic(pair, _):
    """A topic refuses what it was made for: first the connector holds, then a stage does."""
    for number, topic in enumerate(("changes.live", "clean.live")):
        pair.node.configure(TOPIC + topic, {"max.message.bytes": "300"})
        word = f"heavy{number}"
        pair.write(f"marks/{word}.txt", f"{word} is a mark. " + os.urandom(3000).hex())
        time.sleep(5)
        assert pair.kafka.alive(), pair.kafka.log()
        assert not pair.kafka.found(word), "it went through a topic that takes nothing"
        pair.change(5)
        pair.node.configure(TOPIC + topic, {"max.message.bytes": str(17 << 20)})
        pair.kafka.wait(lambda: pair.kafka.found(word), f"{word} arrives when the topic takes it", 300)


def quota(pair, _):
    pair.node.quota({"producer_byte_rate": "2000"})
    pair.change(40)
    time.sleep(5)
    assert pair.kafka.alive(), pair.kafka.log()
    pair.node.quota({"producer_byte_rate": "1000000000"})


def full_disk(pair, _):
    """The broker ends itself. When there is room again it is started, and all goes on."""
    if not os.path.ismount(pair.mount):
        print("SKIPPED: a full disk needs the right to mount a tmpfs")
        return
    ballast = os.path.join(pair.mount, "ballast")
    with open(ballast, "wb") as file:
        try:
            while True:
                file.write(b"\0" * 65536)
                file.flush()
        except OSError:
            pass
    end = time.monotonic() + 60
    while pair.node.alive() and time.monotonic() < end:
        pair.change(5)
        pair.write("marks/large.txt", os.urandom(100_000).hex())
    assert not pair.node.alive(), "a broker without room ends"
    assert pair.kafka.alive(), pair.kafka.log()
    os.unlink(ballast)
    pair.node.launch()


def expired(pair, _):
    """Retention takes what the index has not read. It is told, nothing stops, and a newer version heals each document."""
    pair.change(15)
    pair.settle()
    before = pair.node.bytes(TOPIC + "embedded.live")
    pair.kafka.kill_service("index")
    lost = [f"marks/lost{i}.txt" for i in range(5)]
    for name in lost:
        pair.write(name, f"the first version of {name}, which nobody will read. " + os.urandom(2000).hex())
    wait(lambda: pair.node.bytes(TOPIC + "embedded.live") > before + 5 * 2000, "they lie in the last topic")
    time.sleep(2)
    pair.node.configure(TOPIC + "embedded.live", {"retention.ms": "1"})
    wait(lambda: pair.node.bytes(TOPIC + "embedded.live") < 2000, "retention takes them")
    pair.node.configure(TOPIC + "embedded.live", {"retention.ms": "604800000"})
    pair.kafka.start_service("index")
    pair.kafka.wait(lambda: pair.skipped().get("expired", 0) >= 5, "the loss is told", 300)
    pair.kafka.wait(lambda: pair.staleness() < 10, "the rest goes on", 300)
    for name in lost:
        pair.write(name, f"the second version of {name} is read.")


STEPS = (crash, away, full_topic, quota, full_disk, expired)


def wait(holds, what, limit=90):
    end = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < end, f"not within {limit} s: {what}"
        time.sleep(0.1)


def main():
    binary, work = sys.argv[1:3]
    if missing():
        print(missing(), "Outages of a broker are not tested.")
        return
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 60
    mount = os.path.join(os.path.abspath(work), "disk")
    subprocess.run(["umount", "-l", mount], capture_output=True)
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(mount)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", mount], capture_output=True).returncode == 0
    node = KafkaNode(os.path.join(work, "broker"), data=os.path.join(mount, "data"), extra=RETENTION)
    pair = kafka_site.Pair(binary, os.path.join(work, "sites"), node=node)
    pair.mount = mount
    try:
        pair.start()
        for step in [step for step in STEPS if step.__name__ in sys.argv[4:] or len(sys.argv) < 5]:
            step(pair, seconds)
            print(f"{step.__name__}: {pair.number} changes, {pair.settle(300)} documents: the same", flush=True)
        assert set(pair.skipped()) <= {"expired"}, pair.skipped()
        pair.stop()
    finally:
        node.kill()
        if mounted:
            subprocess.run(["umount", "-l", mount])


if __name__ == "__main__":
    main()

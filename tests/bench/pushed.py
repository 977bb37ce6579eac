#!/usr/bin/env python3
"""What sources that are pushed to take in: HL7 v2 over MLLP and CloudEvents over HTTP, acknowledged durable, by senders that
each wait for their answer; beside what the disk can do alone in the same run.

  tests/bench/pushed.py BINARY WORK_FOLDER [SECONDS]
"""
import os, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "e2e")]
from example_site import ExampleSite  # noqa: E402
from figures import quantile  # noqa: E402
from hl7_test import Sender, note  # noqa: E402
from push_test import Portal  # noqa: E402

TEXT = "Seen today, no complaints. Sleeps well, eats well, walks to the gate and back. " * 10


def fsyncs(folder, seconds):
    """Small appends a second, each synced: the most that one writer who answers one by one could be."""
    with open(os.path.join(folder, "synced"), "wb", buffering=0) as f:
        count, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            f.write(TEXT.encode())
            os.fdatasync(f.fileno())
            count += 1
    return count / seconds


def measure(make, senders, seconds):
    """Messages a second, and the times of all answers in milliseconds. make(who) gives a function that sends one."""
    times, lock, end = [], threading.Lock(), time.monotonic() + seconds

    def run(who):
        send, mine, i = make(who), [], 0
        while time.monotonic() < end:
            begin = time.monotonic()
            send(i)
            mine.append((time.monotonic() - begin) * 1000)
            i += 1
        with lock:
            times.extend(mine)
    threads = [threading.Thread(target=run, args=(who,)) for who in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / seconds, sorted(times)


def hl7_sender(site, round_):
    def make(who):
        sender = Sender(site)

        def send(i):
            answer = sender.send(note(i + 1, f"r{round_}s{who}x{i}", TEXT))
            assert "MSA|AA" in answer, answer
        return send
    return make


def push_sender(site, round_):
    def make(who):
        portal = Portal(site)
        portal.events = (round_ * 1000 + who + 1) * 1_000_000

        def send(i):
            assert portal.put(f"r{round_}s{who}x{i}", TEXT) == 202, portal.answer
        return send
    return make


def main():
    binary, folder = sys.argv[1:3]
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 10
    print("| source | senders | acknowledged durable, messages/s | answer p50, ms | p99, ms |\n|---|---|---|---|---|")
    for name, port, make in (("hl7", "2575", hl7_sender), ("push", "8090", push_sender)):
        site = ExampleSite(binary, os.path.join(folder, name), f"connectors/{name}/example.yaml", [port])
        site.save("push-tokens.txt", "portal-token\n")
        site.start()
        site.wait_listening()
        for round_, senders in enumerate((1, 8, 32)):
            rate, times = measure(make(site, round_), senders, seconds)
            print(f"| {name} | {senders} | {rate:.0f} | {quantile(times, .5):.1f} | {quantile(times, .99):.1f} |", flush=True)
        site.kill()
    print(f"\nThe disk alone, one writer: {fsyncs(folder, min(seconds, 5)):.0f} synced appends/s.")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Five processes over a real Kafka: killed with -9 one after another, joined and left by second members of their groups;
at the end the index is what the embedded site has that saw the same changes (DESIGN §4.2, §4.4, §6).

  tests/e2e/kafka_test.py BINARY WORK_FOLDER [ROUNDS]        ROUNDS of kills: 1 by default
"""
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import kafka_site  # noqa: E402
from kafka_node import missing  # noqa: E402


def kills(pair, rounds):
    for round_ in range(rounds):
        for service in pair.random.sample(kafka_site.SERVICES, k=len(kafka_site.SERVICES)):
            pair.change(8)
            pair.kafka.kill_service(service)
            pair.change(8)  # while it is not there
            pair.kafka.start_service(service)
            pair.change(4)
        print(f"killed each of the five, {pair.number} changes, {pair.settle()} documents: the same", flush=True)


def members_join_and_leave(pair):
    """A second deid takes partitions from the first, and gives them back in good order; a second embed is killed."""
    deid = pair.kafka.second("deid")
    pair.change(15)
    embed = pair.kafka.second("embed")
    pair.change(15)
    assert deid.stop() == 0, deid.log()[-1500:]
    pair.change(10)
    pair.settle()
    embed.kill()
    pair.change(15)
    print(f"members joined and left, {pair.settle()} documents: the same", flush=True)


def main():
    binary, work = sys.argv[1:3]
    if missing():
        print(missing(), "Processes over Kafka are not tested.")
        return
    pair = kafka_site.Pair(binary, work)
    pair.start()
    pair.change(30)
    pair.arrives("heron")
    kills(pair, int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    members_join_and_leave(pair)
    assert not pair.skipped(), pair.skipped()
    pair.stop()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""HL7 v2 messages by MLLP into the real binary, on the site of connectors/hl7/example.yaml, with a client of its own and
with the PyPI package hl7 as an independent one (tools/setup_mllp.sh): what was acknowledged is found, before and after
kill -9; what was not may be sent again.

  tests/e2e/hl7_test.py BINARY WORK_FOLDER
"""
import glob, os, socket, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from example_site import ExampleSite  # noqa: E402

PUBLIC = "../shared/data/src_hl7v2_ccda_fhirconverter/data/SampleData/Hl7v2"
CLIENT = "build/deps/mllp/bin/mllp_send"


class Sender:
    """One connection."""

    def __init__(self, site):
        self.socket = socket.create_connection(("127.0.0.1", site.ports["2575"]), 30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, message):
        self.socket.sendall(b"\x0b" + message.encode() + b"\x1c\r")
        answer = b""
        while b"\x1c" not in answer:
            more = self.socket.recv(65536)
            if not more:
                return ""
            answer += more
        return answer.decode()


def note(number, document, text, trigger="T02", confidentiality=""):
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime()) + f".{number % 10000:04}+0000"
    obx = f"OBX|1|TX|N^Note||{text}\r" if text else ""
    return (f"MSH|^~\\&|EHR|WARD|FRESHET|HERE|{stamp}||MDM^{trigger}|{number}|P|2.5\r"
            f"PID|1||{document}^^^WARD^MR||QUILL^ADA\r"
            f"TXA|1|DS^Note||||||||||{document}||||||{confidentiality}\r{obx}")


def notes(site):
    sender = Sender(site)
    assert "MSA|AA|1" in sender.send(note(1, "d1", "The stork has a fever."))
    site.wait(lambda: site.found("stork") == {"mdm/d1"}, "a note is found")
    assert "MSA|AA|2" in sender.send(note(2, "d1", "The crane has no fever.", "T08"))
    site.wait(lambda: site.found("crane") and not site.found("stork"), "an edited note replaces it")
    assert "MSA|AA|3" in sender.send(note(3, "d1", "", "T11"))
    site.wait(lambda: not site.found("crane"), "a cancelled note is gone")
    assert "MSA|AA|4" in sender.send(note(4, "d2", "The plover is depressed.", confidentiality="R"))
    assert "MSA|AA|5" in sender.send(note(5, "d3", "The plover is well."))
    site.wait(lambda: site.found("plover") == {"mdm/d3"}, "a restricted note is not everybody's")
    assert "MSA|AR|" in sender.send("no message")


def survives_kills(site):
    """Whatever was acknowledged before kill -9 is found after it; what was not is sent again."""
    number = 1000
    for round_ in range(3):
        sender, acknowledged = Sender(site), set()
        for i in range(20):
            number += 1
            assert f"MSA|AA|{number}" in sender.send(note(number, f"k{round_}x{i}", f"The ibis{round_} number {i} rests."))
            acknowledged.add(f"mdm/k{round_}x{i}")
        site.kill()
        site.start()
        site.wait_listening()
        site.wait(lambda: site.found(f"ibis{round_}") == acknowledged, "all that was acknowledged is found")


def independent_client(site):
    if not os.path.exists(CLIENT) or not os.path.isdir(PUBLIC):
        print("SKIPPED: the PyPI package hl7 (tools/setup_mllp.sh) or the public messages are not here")
        return
    frames, files = b"", sorted(glob.glob(os.path.join(PUBLIC, "*.hl7")))
    for name in files:
        with open(name, "rb") as f:
            text = f.read().removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\r").replace(b"\n", b"\r").strip(b"\r")
        frames += b"\x0b" + text + b"\r\x1c\r"
    with open(site.path("frames"), "wb") as f:
        f.write(frames)
    done = subprocess.run([CLIENT, "-p", str(site.ports["2575"]), "-f", site.path("frames"), "127.0.0.1"],
                          capture_output=True, timeout=120)
    accepted = done.stdout.count(b"MSA|AA") + done.stdout.count(b"MSA|CA")
    refused = sum(done.stdout.count(b"MSA|" + code) for code in (b"AR", b"AE", b"CR", b"CE"))
    print(f"independent client: {len(files)} messages, {accepted} accepted, {refused} refused")
    assert accepted == len(files) and refused == 0, done.stderr[-500:]
    assert site.found("Hemogram") or site.search("Hemogram", mode="lexical")["hits"], "a public report is found"


def main():
    site = ExampleSite(*sys.argv[1:3], "connectors/hl7/example.yaml", ["2575"])
    site.start()
    site.wait_listening()
    notes(site)
    survives_kills(site)
    independent_client(site)
    for secret in ("QUILL", "ibis", "plover", "DUCK"):
        assert secret not in site.log(), f"a log line holds {secret}"
    assert site.stop() == 0
    print("ok")


if __name__ == "__main__":
    main()

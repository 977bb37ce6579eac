#!/usr/bin/env python3
"""MB/s of each parser: FHIR, HL7 v2 and C-CDA over the public files of ../shared/data, the other formats over MedQuAD's answers,
twenty a document, written in that format (written_as.py).

  ninja -C build/release parsers_bench
  tests/bench/parsers.py --bench build/release/bin/parsers_bench --work build/bench/parsers [--write]

--write puts the table into services/deid/parse/README.md. Under a minute.
"""
import argparse
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import corpus  # noqa: E402
import written_as  # noqa: E402

ROOT = os.path.join(HERE, "..", "..")
README = os.path.join(ROOT, "services", "deid", "parse", "README.md")
BEGIN, END = "<!-- parsers: begin -->", "<!-- parsers: end -->"
# kind: media type, endings of the public files
PUBLIC = {"FHIR R4": ("application/fhir+json", (".json",)), "HL7 v2": ("application/hl7-v2", (".hl7",)),
          "C-CDA": ("application/cda+xml", (".ccda", ".xml"))}
MADE = {"text": "text/plain", "markdown": "text/markdown", "html": "text/html", "csv": "text/csv", "mail": "message/rfc822",
        "rtf": "application/rtf", "pdf": "application/pdf",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
A_DOCUMENT = 20  # answers


def public_files(data):
    """(kind, media type, path) of every file of the sets of sources."""
    rows = []
    for where, _, names in sorted(os.walk(data)):
        if not os.path.relpath(where, data).startswith("src_"):
            continue
        rows += [(kind, media, os.path.join(where, name)) for name in sorted(names) for kind, (media, endings) in PUBLIC.items()
                 if name.endswith(endings)]
    return sorted(rows)


def made_files(answers, folder, documents):
    rows = []
    for kind, media in MADE.items():
        os.makedirs(os.path.join(folder, kind), exist_ok=True)
        for number in range(documents):
            part = answers[number * A_DOCUMENT:(number + 1) * A_DOCUMENT]
            path = os.path.join(folder, kind, f"{number:04}")
            if not part:
                break
            with open(path, "wb") as file:
                file.write(written_as.WRITERS[kind](part))
            rows.append((kind, media, path))
    return rows


def measure(bench, rows, seconds):
    listed = "".join("\t".join(row) + "\n" for row in rows)
    done = subprocess.run([bench, str(seconds)], input=listed, capture_output=True, text=True, check=True)
    return read_lines(done.stdout)


def read_lines(text):
    """Six numbers end each line; what stands before them is the kind, spaces and all."""
    found = []
    for line in text.splitlines():
        kind, *numbers = line.rsplit(" ", 6)
        files, refused, size, letters, passes = map(int, numbers[:5])
        found.append({"kind": kind, "files": files, "refused": refused, "bytes": size, "text": letters, "passes": passes,
                      "seconds": float(numbers[5])})
    return found


def table(found):
    def rate(size, seconds):
        return f"{size / seconds / 1e6:,.1f}" if seconds > 0 else "—"
    rows = ["| format | files | refused | MB | of it text | MB/s | text, MB/s |", "|---|---|---|---|---|---|---|"]
    for one in found:
        rows.append(f"| {one['kind']} | {one['files']} | {one['refused']} | {one['bytes'] / 1e6:.2f} | {one['text'] / 1e6:.2f} | "
                    f"{rate(one['bytes'], one['seconds'])} | {rate(one['text'], one['seconds'])} |")
    return "\n".join(rows)


def replaced(text, block):
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    return text[:begin] + "\n" + block + "\n" + text[end:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--bench", required=True, help="the program parsers_bench")
    parser.add_argument("--work", required=True, help="folder for the documents that are made")
    parser.add_argument("--data", default=os.path.join(ROOT, "..", "shared", "data"))
    parser.add_argument("--documents", type=int, default=100, help="of each format that is made")
    parser.add_argument("--seconds", type=float, default=3, help="of processor time, for each format")
    parser.add_argument("--write", action="store_true", help="put the table into the parsers' README")
    args = parser.parse_args()
    archive = os.path.join(args.data, "ir_medquad", "medquad_xml_sets1-9.tar.gz")
    if not os.path.exists(archive):
        print(f"{archive} is not here: nothing is measured.")
        return 77
    rows = public_files(args.data) + made_files(corpus.answers(archive), args.work, args.documents)
    found = measure(args.bench, rows, args.seconds)
    cpu = subprocess.run("grep -m1 'model name' /proc/cpuinfo | cut -d: -f2", shell=True, capture_output=True, text=True).stdout.strip()
    note = (f"{time.strftime('%Y-%m-%d')}, one thread of {os.cpu_count()} cores ({cpu}), its processor time, the median of all passes; "
            f"load {os.getloadavg()[0]:.1f}.")
    print(f"{table(found)}\n\n{note}")
    if args.write:
        with open(README, encoding="utf-8") as file:
            text = file.read()
        with open(README, "w", encoding="utf-8") as file:
            file.write(replaced(text, f"{table(found)}\n\n{note}"))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The table of a run of legs.py, as Markdown, from what the run wrote down (legs.json). Pure.

    text = render(found)       # sections with a table each; what was skipped stands in words
"""
import retrieval
import ways
from figures import held, quantile, quantiles, ratio, short
from table import OPERATIONS, rows_of

BEGIN, END = "<!-- legs: begin -->", "<!-- legs: end -->"
LEAST_SHARE = 0.9
MOST_MS = {"embedded": {"insert": 30, "update": 30, "delete": 10, "access": 10}}
MOST_KAFKA = {"insert": 150, "update": 150, "delete": 50, "access": 50}


def _rate(row, what="chunks"):
    return row[what] / row["seconds"] if row and "skipped" not in row and row["seconds"] > 0 else None


def _memory(row):
    return ", ".join(f"{name} {short(mb)}" for name, mb in row["memory"].items())


def _bulk(found):
    rows = []
    for name, label in {**ways.LABELS, "second": "Kafka, a second embed process"}.items():
        row = found.get("bulk-" + name)
        if row and "skipped" not in row:
            alone = _rate(row["alone"])
            share = _rate(row) / alone if alone and name in ("embedded", "kafka-fused") else None
            rows.append([label, short(_rate(row, "documents")), short(_rate(row)), short(alone), ratio(_rate(row), alone),
                         held(share, least=LEAST_SHARE), _memory(row)])
    gain = ratio(_rate(found.get("bulk-second")), _rate(found.get("bulk-kafka-hops")))
    note = ("Goal: at least 90 % of the encoder alone, which is asked of where it has all cores; with five processes each embed "
            f"process computes on one thread, and a second one makes it {gain}.")
    return rows_of(["bulk, with the encoder", "documents/s", "chunks/s", "encoder alone, before and after", "of alone", "held", "MB at most"], rows) + "\n\n" + note


def _engines(found):
    by_cores = found.get("engines")
    if not by_cores or "skipped" in by_cores:
        return "Not measured in this run."
    names = next(iter(by_cores.values()))
    ours = next(iter(names))
    rows = [[name, *(f"{short(_rate(row[name]))} ({ratio(_rate(row[ours]), _rate(row[name]))})" for row in by_cores.values()),
             f"{names[name]['worst']:.0e}" if "worst" in names[name] else ""] for name in names]
    head = [f"{cores} core{'s' if cores != '1' else ''}" for cores in by_cores]
    note = ("Chunks a second, and how many times them Freshet is. The engines are their makers' Python packages on the token ids "
            "and the batches that Freshet made (its tokenizer is in its own figures), ONNX Runtime on a graph made of the same "
            "weights. On a processor without bf16 instructions bf16 is emulated, tens of times slower, and not measured.")
    return rows_of(["the encoder", *head, "largest 1 - cosine"], rows) + "\n\n" + note


def _changes(found):
    rows = []
    for name, label in ways.LABELS.items():
        most = MOST_MS.get(name, MOST_KAFKA)
        for load, words in (("idle", "idle"), ("busy", "backfill")):
            row = found.get(f"{load}-{name}")
            if not row or "skipped" in row:
                continue
            ok = [held(quantile(row.get(each), 0.95), most=most[each]) for each in OPERATIONS]
            rows.append([f"{label}, {words}", *(quantiles(row.get(each)) for each in OPERATIONS), " ".join(ok), str(row["missed"])])
    note = ("Goals, p95: embedded, idle 30 ms, delete and access 10 ms; Kafka 150 ms, delete and access (the urgent lane) 50 ms, "
            "also during a backfill. A query embeds its question, which is in the figures.")
    return rows_of(["ms, p50 / p95 / p99", *OPERATIONS, "held", "missed"], rows) + "\n\n" + note


def _retrieval(found):
    rows = []
    for step in ("words", "meaning"):
        row = found.get(step)
        if not row or "skipped" in row:
            continue
        for mode in retrieval.MODES:
            if mode in row:
                figures = retrieval.figures(row[mode]["ranks"])
                least_above = min(figures[each] - plain for each, plain in retrieval.BM25.items())
                rows.append([f"{mode}, {row['answers']:,} answers", *(f"{figures[each]:.3f}" for each in retrieval.BM25),
                             held(least_above, least=0) if step == "words" else ""])
    rows.append(["plain BM25, 16,407 answers", *(f"{value:.3f}" for value in retrieval.BM25.values()), ""])
    text = rows_of(["known items", *retrieval.BM25, "reaches BM25"], rows)
    meaning = found.get("meaning") or {}
    sentences = retrieval.compared(meaning)
    if not sentences:
        return text
    questions = len(meaning["hybrid"]["ranks"])
    return f"{text}\n\n{' '.join(sentences)} In brackets 95 % of the difference over the {questions:,} questions (paired bootstrap)."


def render(found):
    head = found["head"]
    machine = head["machine"]
    parts = [f"`{found['command']}`, {found['date']}, {machine['cores']} cores ({machine['cpu']}); {head['corpus']['files']:,} "
             f"files; Freshet {head['version']}. Load of the machine when it began and ended: {machine['load_begin']}, "
             f"{machine['load_end']}.",
             "### Bulk load with the encoder\n\n" + _bulk(found),
             "### The encoder beside its engines\n\n" + _engines(found),
             "### A change until it is found, with the encoder\n\n" + _changes(found),
             "### Known items\n\n" + _retrieval(found)]
    parts += [f"Skipped: {name}, {row['skipped']}." for name, row in found.items() if isinstance(row, dict) and "skipped" in row]
    return "\n\n".join(parts) + "\n"

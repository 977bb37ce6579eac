"""The tables of search_peers.py.

    table({1000000: {"freshet": {…}, "faiss": {…}}}, {"base": 16000, "questions": 200, "embedder": "encoder"})
"""
from figures import ratio, short

MODES = ("lexical", "vector", "hybrid")
READERS = ("1000", "100", "10", "1")
GOAL_MS, GOAL_RECALL, GOAL_TIMES, GOAL_READER = 10, 0.95, 5, "10"


def latency(row):
    return " / ".join(short(row[name]) for name in ("p50_ms", "p95_ms", "p99_ms")) if row else "-"


def share(reader):
    return f"{int(reader) / 10:g} %"


def rows_of(name, figures, ours):
    """One line for each mode and reader that the pipeline has."""
    for mode in MODES:
        for reader in READERS:
            row = figures.get("quiet", {}).get(mode, {}).get(reader)
            if not row:
                continue
            own = ours["quiet"][mode][reader]
            busy = figures.get("busy", {}).get(mode, {}).get(reader)
            times = "" if figures is ours else ratio(row["p95_ms"], own["p95_ms"])
            recall = short(row["recall"]) if "recall" in row else "-"
            yield (f"| {mode} | {share(reader)} | {name} | {recall} | {latency(row)} | {latency(busy)} | {times} | "
                   f"{row.get('effort', '')} |")


def size_table(count, found):
    ours = found["freshet"]
    lines = ["", f"### {count:,} chunks", "",
             f"| by | may be read | who | recall@10 | p50 / p95 / p99 ms | under {short(ours['changes_a_second'])} changes a "
             "second | p95 to Freshet's | effort |", "|---|---|---|---|---|---|---|---|"]
    every = [line for name, figures in found.items() for line in rows_of(name, figures, ours)]
    order = {f"| {mode} | {share(reader)} |": (i, j) for i, mode in enumerate(MODES) for j, reader in enumerate(READERS)}
    lines += sorted(every, key=lambda line: order["|".join(line.split("|")[:3]) + "|"])
    lines += ["", "| | built in, s | on disk, MB | own memory, MB |", "|---|---|---|---|"]
    for name, figures in found.items():
        lines.append(f"| {name} | {short(figures['build_s'])} | {short(figures['disk_bytes'] / 1e6)} | "
                     f"{short(figures['resident_bytes'] / 1e6)} |")
    return lines + ["", goals(found), f"Opened again in {short(ours['open_s'])} s."]


def goals(found):
    """How far the goals are held, of this size."""
    hybrid = found["freshet"]["quiet"]["hybrid"]
    slowest = max(hybrid.values(), key=lambda row: row["p95_ms"])
    worst = min(hybrid.values(), key=lambda row: row["recall"])
    said = [f"Hybrid: p95 at most {short(slowest['p95_ms'])} ms (goal {GOAL_MS}), recall@10 at least {short(worst['recall'])} "
            f"(goal {GOAL_RECALL})."]
    for name, figures in found.items():
        for mode in MODES if name != "freshet" else ():
            row = figures["quiet"].get(mode, {}).get(GOAL_READER)
            if row:
                times = ratio(row["p95_ms"], found["freshet"]["quiet"][mode][GOAL_READER]["p95_ms"])
                said.append(f"At {share(GOAL_READER)}, {name}, {mode}: {times} (goal {GOAL_TIMES}x).")
    return " ".join(said)


def growth(sizes):
    """Of the largest size to the smallest: what a chunk costs to take in, and a search."""
    counts = sorted(sizes)
    if len(counts) < 2:
        return []
    small, large = (sizes[count]["freshet"] for count in (counts[0], counts[-1]))
    per_chunk = [figures["build_s"] / figures["count"] for figures in (small, large)]
    cells = [f"{mode} {ratio(large['quiet'][mode]['1000']['p95_ms'], small['quiet'][mode]['1000']['p95_ms'])}" for mode in MODES]
    return ["", f"From {counts[0]:,} to {counts[-1]:,} chunks: building a chunk costs {ratio(per_chunk[1], per_chunk[0])}; "
            f"p95 of a search of all: {', '.join(cells)}."]


def table(sizes, setting):
    lines = [f"{setting['questions']} questions, chunks drawn around {setting['base']:,} real ones; vectors by "
             f"{setting['embedder']}. The encoder's own time is in nobody's figures; HTTP is in OpenSearch's alone. Memory: "
             "without mapped files."]
    for count, found in sizes.items():
        lines += size_table(count, found)
    return "\n".join(lines + growth(sizes))

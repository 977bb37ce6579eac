"""The table of a run, as Markdown, from what the run wrote down (spine.json). Pure: the same run gives the same text.

    text = render(run)                        # sections with a table each; what was skipped stands in words
    readme = between_marks(readme, text)      # the README's part between its two marks replaced

A figure stands beside a peer's of the same run, with the ratio of the two: seconds of another machine do not compare.
"""
from figures import held, median, quantile, quantiles, ratio, short

BEGIN, END = "<!-- spine: begin -->", "<!-- spine: end -->"
OPERATIONS = ("insert", "update", "delete", "access")
MOST_MS = {"insert": 15, "update": 15, "delete": 10, "access": 10}
LUCENE_MB_S = 5.6  # what Lucene++'s own writer takes in on one core, as first measured


def rows_of(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def _rate(bulks, key):
    return median([bulk[key] / bulk["seconds"] for bulk in bulks]) if bulks else None


def _best(run, prefix):
    """The fastest files/s of the peers whose name begins so; None where none was measured."""
    rates = [_rate(bulks, "files") for name, bulks in run["bulk"].items() if name.startswith(prefix) and bulks]
    return max(rates, default=None)


def _bulk(run):
    ours = _rate(run["bulk"].get("freshet"), "files")
    rows = []
    for name, bulks in run["bulk"].items():
        rate, cpu = _rate(bulks, "files"), median([bulk["cpu_s"] / bulk["files"] * 1000 for bulk in bulks])
        rows.append([run["labels"][name], short(median([bulk["seconds"] for bulk in bulks])), short(rate),
                     short(_rate(bulks, "embedded")), short(median([bulk["peak_rss_mb"] for bulk in bulks])), short(cpu),
                     "" if name == "freshet" else ratio(ours, rate)])
    goals = []
    for label, prefix, least in (("CocoIndex", "cocoindex", 10), ("Pathway", "pathway", 2)):
        best = _best(run, prefix)
        times = ours / best if ours and best else None
        goals.append(f"at least {least}x {label}'s best: {ratio(ours, best)}, held: {held(times, least=least)}")
    head = ["bulk", "seconds", "files/s", "chunks/s", "peak MB", "CPU ms a file", "Freshet is"]
    return rows_of(head, rows) + "\n\nGoals: " + "; ".join(goals) + "."


def _changes(run):
    rows = []
    for name, times in run["changes"].items():
        rows.append([run["labels"][name], *(quantiles(times.get(operation)) for operation in OPERATIONS),
                     quantiles(times.get("query")), str(times.get("missed", 0))])
    head = ["ms, p50 / p95 / p99", *OPERATIONS, "a query alone", "missed"]
    return rows_of(head, rows) + "\n\n" + _change_goals(run)


def _change_goals(run):
    rows, ours = [], run["changes"].get("freshet", {})
    for operation in OPERATIONS:
        p95 = quantile(ours.get(operation), 0.95)
        peers = [(quantile(times[operation], 0.95), run["labels"][name]) for name, times in run["changes"].items()
                 if not name.startswith("freshet") and times.get(operation)]
        best, label = min(peers, default=(None, ""))
        rows.append([operation, f"at most {MOST_MS[operation]} ms", short(p95), held(p95, most=MOST_MS[operation]),
                     f"{ratio(best, p95)} ({label})" if best else "-"])
    return rows_of(["idle, p95", "goal", "ms", "held", "the best peer takes"], rows)


def _edits(run):
    new = run["edits"]["new"]
    within = sum(count <= 2 for count in new) / len(new)
    return (f"One sentence edited, {len(new)} times: {short(sum(new) / len(new))} chunks embedded anew on average, p95 "
            f"{short(quantile(new, 0.95))}, at most {max(new)}; {short(100 * within)} % of edits within the goal of 2. "
            f"The whole document, which is what is embedded again without stable cuts, has "
            f"{short(sum(run['edits']['chunks']) / len(new))} on average: {ratio(sum(run['edits']['chunks']), sum(new))}.")


def _restart(run):
    ours = median(run["restart"].get("freshet", []))
    rows = [[run["labels"][name], short(median(times)), str(len(times)), "" if name == "freshet" else ratio(median(times), ours)]
            for name, times in run["restart"].items()]
    return rows_of(["kill -9, then all files searchable", "seconds, median", "of", "takes, beside Freshet"], rows)


def _disk(run):
    chunks, size = run["chunks"], run["corpus"]["bytes"]
    rows = []
    for name, parts in run["disk"].items():
        for part, used in sorted(parts.items(), key=lambda row: -row[1]):
            rows.append([run["labels"][name], part, short(used / 1e6), short(used / chunks), ratio(used, size)])
        total = sum(parts.values())
        rows.append([run["labels"][name], "**all**", short(total / 1e6), short(total / chunks), ratio(total, size)])
    return rows_of(["on disk", "part", "MB", "bytes a chunk", "of the input's bytes"], rows)


def bound(bulk, cores):
    """What a bulk load runs into: a thread that is never idle, all cores busy, or neither."""
    name, seconds = max((row for row in bulk["threads"].items() if row[0] != "freshet"), key=lambda row: row[1])
    working = bulk["seconds"] - bulk["ready_s"]
    used = sum(bulk["threads"].values()) / (bulk["seconds"] * cores)
    if used > 0.85:
        return f"all {cores} cores ({short(100 * used)} % used)"
    if seconds > 0.85 * working:
        return f"the thread {name} ({short(100 * seconds / working)} % of the time)"
    return f"no single thread: {name} is the busiest ({short(100 * seconds / working)} %), {short(100 * used)} % of {cores} cores used"


def _stages(run):
    bulk = run["bulk"]["freshet"][-1]
    total = sum(bulk["threads"].values())
    rows = [[name, short(seconds), short(100 * seconds / total) + " %", short(bulk["busy"].get(name)) + " s" if name in bulk["busy"] else ""]
            for name, seconds in sorted(bulk["threads"].items(), key=lambda row: -row[1]) if seconds >= 0.005 * total]
    text = rows_of(["thread, bulk load", "CPU s", "share", "in the stage's own code"], rows)
    text += f"\n\nThe load ran into {bound(bulk, run['machine']['cores'])}. The thread `freshet` starts the process and answers HTTP."
    if "lexical" in run:
        ours, lucene = run["lexical"]["freshet_mb_s"], run["lexical"].get("lucene_mb_s")
        text += (f" The lexical index alone takes in {short(ours)} MB/s on one core, Lucene++'s own writer {short(lucene)} "
                 f"MB/s in the same run: {ratio(ours, lucene)} ({ratio(ours, LUCENE_MB_S)} of the {LUCENE_MB_S} MB/s known of it).")
    return text


def _idle(run):
    rows = [[run["labels"][name], short(100 * share) + " %", "" if name == "freshet" else ratio(share, run["idle"].get("freshet"))]
            for name, share in run["idle"].items()]
    return rows_of(["idle, corpus loaded", "of one core", "beside Freshet"], rows)


SECTIONS = (("Bulk load", "bulk", _bulk), ("A change until it is found", "changes", _changes),
            ("An edited sentence", "edits", _edits), ("Restart", "restart", _restart), ("Disk", "disk", _disk),
            ("Where the time goes", "bulk", _stages), ("Idle", "idle", _idle))


def render(run):
    machine, corpus = run["machine"], run["corpus"]
    parts = [f"`{run['command']}`, {run['date']}, {machine['cores']} cores ({machine['cpu']}); {corpus['files']:,} files, "
             f"{short(corpus['bytes'] / 1e6)} MB; Freshet {run['version']}. Load of the machine when it began and ended: "
             f"{machine['load_begin']}, {machine['load_end']}."]
    for title, key, section in SECTIONS:
        if run.get(key) and not (section is _stages and not run["bulk"].get("freshet")):
            parts.append(f"### {title}\n\n{section(run)}")
    for what, why in run.get("skipped", {}).items():
        parts.append(f"Skipped: {what}, {why}.")
    return "\n\n".join(parts) + "\n"


def between_marks(readme, text, begin_mark=BEGIN, end_mark=END):
    begin, end = readme.index(begin_mark) + len(begin_mark), readme.index(end_mark)
    return readme[:begin] + "\n" + text + readme[end:]

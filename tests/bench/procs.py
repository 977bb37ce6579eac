"""What a process and its children use, read from /proc.

    usage = cpu_by_thread(pid)          # {"deid": 3.1, "src:answers": 1.2, ...} seconds, threads of one name added up
    seconds = cpu_seconds(pid)          # of all processes below pid, those that have ended among them
    parts = disk_by_part("data")          # {"log": 1234, "index/rocksdb": 5678, ...} bytes
"""
import os

TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid):
    """pid and everything it started that is still there."""
    found, todo = [], [pid]
    while todo:
        process = todo.pop()
        found.append(process)
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/children") as file:
                    todo += [int(child) for child in file.read().split()]
        except OSError:
            pass  # it has just ended
    return found


def _stat(path):
    """(name, fields from the state on) of a stat file; the name may hold spaces and brackets."""
    with open(path) as file:
        text = file.read()
    return text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()


def cpu_seconds(pid):
    total = 0
    for process in tree(pid):
        try:
            total += sum(int(ticks) for ticks in _stat(f"/proc/{process}/stat")[1][11:15])
        except OSError:
            pass
    return total / TICKS


def cpu_by_thread(pid):
    seconds = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            name, fields = _stat(f"/proc/{pid}/task/{thread}/stat")
        except OSError:
            continue
        seconds[name] = seconds.get(name, 0) + (int(fields[11]) + int(fields[12])) / TICKS
    return seconds


def disk_by_part(folder, depth=2):
    """Bytes below each folder, by its name down to `depth`: {"log": ..., "index/rocksdb": ...}."""
    parts = {}
    for where, folders, names in os.walk(folder):
        place = [] if where == folder else os.path.relpath(where, folder).split(os.sep)
        part = "/".join(place[:depth]) or "."
        for name in names:
            try:
                parts[part] = parts.get(part, 0) + os.stat(os.path.join(where, name)).st_size
            except OSError:
                pass  # taken away while we looked
    return parts


def is_zombie(pid):
    try:
        return _stat(f"/proc/{pid}/stat")[1][0] == "Z"
    except OSError:
        return True


def peak_mb(pid):
    """The most that the process had resident so far."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM:"))


def resident_bytes(pid):
    """What the process has in memory of its own: without files that it has mapped."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("RssAnon:"))

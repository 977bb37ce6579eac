"""What explains afterwards how an index came to differ from its tables: kept beside what the next run clears away.

  keep(work + "/evidence-7-2", world, {"ours": [...], "reference": [...]})

  topics.txt     each record of Debezium's topics: topic/partition@offset, when, what it says and its places
  published.txt  each record of Freshet's change topics: the same coordinates, kind, document or scope, version
  tables.txt     rows as the database has them, with the transactions that wrote them; its slots
  worker.json    what the worker says of itself
  *.digest       the lines of each index, versions among them
  and the logs of all that ran. MOST lines a file, the newest; texts are cut but for what the tables hold.
"""
import collections, glob, json, os, shutil, struct

MOST = 50_000
CUT = 60  # characters of a text
CHANGES = {2: "upsert", 3: "identity", 4: "delete", 5: "access", 6: "group", 7: "consent", 8: "withhold", 9: "release",
           10: "heartbeat", 11: "snapshot_edge", 12: "present", 13: "confirm"}  # schemas/change.proto
TABLES = ["SELECT xmin, * FROM memo ORDER BY id", "SELECT xmin, * FROM note ORDER BY id", "SELECT xmin, * FROM addendum",
          "SELECT xmin, * FROM ward_reader ORDER BY ward, login", "SELECT * FROM pg_replication_slots"]


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value, at, shift = value | (byte & 127) << shift, at + 1, shift + 7
        if byte < 128:
            return value, at


def zigzag(data, at):
    value, at = varint(data, at)
    return value >> 1 ^ -(value & 1), at


def piece(data, at):
    """Bytes with their length before them; a length of -1: none."""
    size, at = zigzag(data, at)
    return (None, at) if size < 0 else (data[at:at + size], at + size)


def batch(data, at):
    """The records of an uncompressed batch of Kafka's log: (offset, milliseconds, key, value)."""
    base, first = struct.unpack_from(">q", data, at)[0], struct.unpack_from(">q", data, at + 27)[0]
    count, place = struct.unpack_from(">i", data, at + 57)[0], at + 61
    for _ in range(count):
        size, place = zigzag(data, place)
        end = place + size
        moment, place = zigzag(data, place + 1)
        ahead, place = zigzag(data, place)
        key, place = piece(data, place)
        yield base + ahead, first + moment, key, piece(data, place)[0]
        place = end


def records(segment):
    """Those of a segment; a compressed batch is one without key and value."""
    with open(segment, "rb") as file:
        data = file.read()
    at = 0
    while at + 61 <= len(data):
        base, size = struct.unpack_from(">qi", data, at)
        if size <= 0 or at + 12 + size > len(data):
            return  # room that is not filled, or not written whole
        if data[at + 22] & 7:
            yield base, struct.unpack_from(">q", data, at + 35)[0], None, None
        else:
            yield from batch(data, at)
        at += 12 + size


def fields(message):
    """A protobuf message's fields by number, the last of each; nothing where it cannot be read."""
    found, at = {}, 0
    try:
        while at < len(message):
            tag, at = varint(message, at)
            if tag & 7 == 0:
                found[tag >> 3], at = varint(message, at)
            elif tag & 7 == 2:
                size, at = varint(message, at)
                found[tag >> 3], at = message[at:at + size], at + size
            else:
                at += {1: 8, 5: 4}[tag & 7]
    except (IndexError, KeyError):
        return {}
    return found


def published(key, value):
    """A ChangeRecord: its kind, what it is of, its version."""
    record = fields(value or b"")
    origin, kind = fields(record.get(1, b"")), next((CHANGES[number] for number in record if number in CHANGES), "?")
    version = fields(origin.get(4, b""))
    of = fields(record[5]).get(1, b"") if kind == "access" else origin.get(3, b"")
    return f"{kind} {of.decode(errors='replace')} version={':'.join(str(version.get(i, 0)) for i in (1, 2, 3))}"


def cut(row):
    return row and {name: text[:CUT] if isinstance(text, str) else text for name, text in row.items()}


def told(key, value):
    """A record of Debezium's."""
    key = json.loads(key)["payload"] if key else None
    said = json.loads(value)["payload"] if value else None
    if not said or "source" not in said:
        return f"{key} {cut(said)}"
    source = {name: said["source"].get(name) for name in ("lsn", "sequence", "txId", "snapshot", "ts_us")}
    return f"{said['op']} {key} {source} before={cut(said.get('before'))} after={cut(said.get('after'))}"


def lines(data, prefix, say):
    for folder in sorted(os.listdir(data)):
        topic, _, partition = folder.rpartition("-")
        for segment in sorted(glob.glob(os.path.join(data, folder, "*.log"))) if topic.startswith(prefix) else []:
            for offset, when, key, value in records(segment):
                try:
                    text = "compressed" if key is None and value is None else say(key, value)
                except (ValueError, KeyError, TypeError) as error:
                    text = f"cannot be read: {error}"
                yield f"{topic}/{partition}@{offset} {when} {text}"


def keep(folder, world, indexes):
    """`world` as in database_history_test.py; whatever is down is left out."""
    os.makedirs(folder, exist_ok=True)

    def write(name, rows):
        with open(os.path.join(folder, name), "w") as file:
            file.writelines(row + "\n" for row in collections.deque(rows, MOST))

    for name, rows in indexes.items():
        write(name + ".digest", rows)
    write("published.txt", lines(world.broker.data, "freshet.test.changes.", published))
    logs = [world.site.path("freshet.log"), world.broker.path("kafka.log")]
    if world.worker:
        write("topics.txt", lines(world.broker.data, "h.", told))
        logs += [os.path.join(world.worker.directory, name) for name in ("connect.log", "offsets")]
    for log in logs:
        if os.path.exists(log):
            shutil.copy(log, folder)
    for name, ask in {"tables.txt": lambda: "\n".join(world.database.sql(query) for query in TABLES),
                      "worker.json": lambda: json.dumps(world.worker.state() if world.worker else None)}.items():
        try:
            write(name, [ask()])
        except (AssertionError, OSError) as error:
            write(name, [f"not to be had: {error}"])
    return folder

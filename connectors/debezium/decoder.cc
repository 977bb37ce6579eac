#include "connectors/debezium/decoder.h"

#include "common/telemetry/log.h"

namespace freshet::debezium {
namespace {

using rows::Cell;
using rows::RowChange;

// Places in PostgreSQL's log are multiples of eight.
constexpr uint64_t kPlaceUnit = 8;

const Field* Find(const Fields& fields, std::string_view name) {
  for (const Field& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

std::map<std::string, std::set<std::string>> MappedColumns(const rows::Mapping& mapping) {
  std::map<std::string, std::set<std::string>> all;
  const auto add = [&all](const auto& rule) { all[rule.table].insert(rule.columns.begin(), rule.columns.end()); };
  for (const rows::DocumentRule& rule : mapping.documents()) {
    add(rule);
    for (const rows::ChildRule& child : rule.children) add(child);
  }
  for (const rows::ListRule& rule : mapping.access()) add(rule);
  for (const rows::ListRule& rule : mapping.groups()) add(rule);
  for (const rows::IdentityRule& rule : mapping.identities()) add(rule);
  return all;
}

}  // namespace

Decoder::Decoder(const DebeziumOptions& options, const rows::Mapping& mapping, uint64_t epoch)
    : options_(options),
      mapping_(mapping),
      epoch_(epoch),
      mapped_(MappedColumns(mapping)),
      whole_rows_(options.whole_rows.begin(), options.whole_rows.end()) {
  for (const std::string& table : mapping.tables()) table_of_topic_[TopicOfTable(options, table)] = table;
  for (const auto& [column, type] : options.types) {
    if (const auto parsed = ParseValueType(type)) types_[column] = *parsed;
  }
}

Status Decoder::Take(const log::Delivered& record) {
  Message message = ReadMessage(record.key, record.value);
  NameTable(message, record);
  Hash128& deleted = marks_[{record.topic, record.partition}].deleted;
  const Hash128 before = std::exchange(deleted, Hash128{});
  Witness(message);
  switch (message.kind) {
    case Message::Kind::kTombstone:
      if (before == HashOf(record.key)) return OkStatus();  // told
      if (!message.key.empty() && mapped_.contains(message.table)) TakeTombstone(message, record);
      return OkStatus();
    case Message::Kind::kMalformed:
      TakeMalformed(message, record);
      return OkStatus();
    case Message::Kind::kWitness:
    case Message::Kind::kHeartbeat:
      return OkStatus();
    case Message::Kind::kDelete:
      deleted = HashOf(record.key);
      break;
    default:
      break;
  }
  return mapped_.contains(message.table) ? TakeRow(message, record) : OkStatus();
}

// A record that does not say its table is of the one that its topic is for.
void Decoder::NameTable(Message& message, const log::Delivered& record) const {
  if (!message.table.empty()) return;
  const auto found = table_of_topic_.find(record.topic);
  if (found != table_of_topic_.end()) message.table = found->second;
}

// A row of a snapshot says when it was read, not when it was committed.
void Decoder::Witness(const Message& message) {
  if (!message.committed || message.snapshot) return;
  if (message.kind == Message::Kind::kHeartbeat && !options_.trust_heartbeats) return;
  taken_.witness = std::max(taken_.witness.value_or(*message.committed), *message.committed);
}

Result<rows::Stamp> Decoder::StampOf(const Message& message, const log::Delivered& record) {
  rows::Stamp stamp{.version = {epoch_, record.offset.value + 1, 0},
                    .committed = message.committed.value_or(record.appended)};
  if (options_.order == Order::kOffset) return stamp;
  if (!message.lsn && !message.last_commit) {
    if (message.snapshot) return Synthesize(record);  // flattened, of an incremental snapshot
    return Status(Code::kConfiguration, "topic=" + record.topic + " has no places in PostgreSQL's log (source.lsn, " +
                                            "__lsn): add it, or set order: offset, without connection");
  }
  const uint64_t place = message.lsn.value_or(0);
  Mark& mark = marks_[{record.topic, record.partition}];
  const uint64_t position = message.last_commit.value_or(place);
  if (message.snapshot) {
    stamp.version = {epoch_, position, 0};
    if (!message.last_commit) mark.snapshot = std::max(mark.snapshot, position);
  } else {
    stamp.version = {epoch_, std::max(position, mark.snapshot), place};
  }
  std::tie(mark.position, mark.ordinal) =
      std::max(std::pair(mark.position, mark.ordinal), std::pair(stamp.version.position, stamp.version.ordinal));
  return stamp;
}

rows::Stamp Decoder::Synthesize(const log::Delivered& record) {
  rows::Stamp stamp{.version = {epoch_, record.offset.value + 1, 0}, .committed = record.appended};
  if (options_.order == Order::kOffset) return stamp;
  Mark& mark = marks_[{record.topic, record.partition}];
  if (mark.ordinal % kPlaceUnit < kPlaceUnit - 1) ++mark.ordinal;
  stamp.version = {epoch_, mark.position, mark.ordinal};
  return stamp;
}

Result<Decoder::TablePtr> Decoder::TableOf(const Message& message) {
  rows::Table table{.name = message.table, .whole_before = whole_rows_.contains(message.table)};
  const Fields none;
  const Fields& fields = message.after ? *message.after : message.before ? *message.before : none;
  const auto add = [&](const std::string& name) {
    if (table.IndexOf(name) >= 0) return;
    table.columns.push_back(name);
    table.key.push_back(table.whole_before || Find(message.key, name) != nullptr);
  };
  for (const Field& field : fields) add(field.name);
  for (const Field& field : message.key) add(field.name);
  if (options_.missing_columns == OnMissing::kNull) {
    // Without its limit a grant would be for good.
    for (const std::string& column : mapped_.at(message.table)) {
      if (!mapping_.IsLimit(message.table, column)) add(column);
    }
  }
  TablePtr& known = tables_[message.table];
  if (known != nullptr && known->columns == table.columns && known->key == table.key) return known;
  auto made = std::make_shared<const rows::Table>(std::move(table));
  if (!fields.empty()) {  // a delete may have the key alone
    FRESHET_RETURN_IF_ERROR(mapping_.CheckTable(*made));
    known = made;
  }
  return made;
}

Cell Decoder::CellOf(const std::string& table, const Field& field) const {
  ValueType type = field.type;
  if (type.kind == ValueKind::kPlain && !types_.empty()) {
    const auto given = types_.find(table + "." + field.name);
    if (given != types_.end()) type = given->second;
  }
  return debezium::CellOf(field.value, type, options_.unavailable);
}

// Of what the row has; without `fields` of its key, and the rest is not known.
rows::Row Decoder::RowOf(const TablePtr& table, const Fields* fields, const Fields& key) const {
  rows::Row row{table, {}};
  for (size_t i = 0; i < table->columns.size(); ++i) {
    const std::string& name = table->columns[i];
    const Field* field = Find(key, name);
    if (field == nullptr && fields != nullptr) {
      field = i < fields->size() && (*fields)[i].name == name ? &(*fields)[i] : Find(*fields, name);
    }
    const Cell absent = fields == nullptr ? Cell::Unknown() : Cell::Null();
    row.cells.push_back(field == nullptr ? absent : CellOf(table->name, *field));
  }
  return row;
}

rows::Row Decoder::KeyRow(const Message& message) const {
  auto table = std::make_shared<rows::Table>(rows::Table{.name = message.table});
  for (const Field& field : message.key) table->columns.push_back(field.name);
  table->key.assign(table->columns.size(), true);
  return RowOf(table, nullptr, message.key);
}

Status Decoder::TakeRow(Message& message, const log::Delivered& record) {
  const auto mark = marks_.find({record.topic, record.partition});
  const bool placed = message.lsn || message.last_commit || message.snapshot || options_.order == Order::kOffset;
  if (!placed && mark != marks_.end() && mark->second.position != 0) {  // others here had a place
    TakeMalformed(message, record);
    return OkStatus();
  }
  FRESHET_ASSIGN_OR_RETURN(const rows::Stamp stamp, StampOf(message, record));
  if (message.kind == Message::Kind::kTruncate) {
    auto table = std::make_shared<const rows::Table>(rows::Table{.name = message.table});
    taken_.truncated.push_back({{.kind = RowChange::Kind::kTruncate, .table = table}, stamp});
    return OkStatus();
  }
  FRESHET_ASSIGN_OR_RETURN(const TablePtr table, TableOf(message));
  const bool gone = message.kind == Message::Kind::kDelete;
  RowChange change{.kind = gone ? RowChange::Kind::kDelete : RowChange::Kind::kUpdate, .table = table};
  // Of a table with the default identity, the old row has "" and null for what is not known.
  const bool whole = table->whole_before && message.before;
  if (whole) change.before = RowOf(table, &*message.before, message.key);
  if (gone && !whole) change.before = RowOf(table, nullptr, message.key);
  // What is unavailable in the old row was not told.
  if (!gone) change.after = RowOf(table, &*message.after, {});
  rows::FillFromBefore(change);
  // A row of a snapshot has the number of the reader, which writes nothing.
  const auto transaction = message.snapshot ? std::nullopt : message.transaction;
  taken_.changes.push_back({std::move(change), stamp, transaction});
  return OkStatus();
}

void Decoder::TakeTombstone(Message& message, const log::Delivered& record) {
  RowChange change{.kind = RowChange::Kind::kDelete, .before = KeyRow(message)};
  change.table = change.before->table;
  taken_.changes.push_back({std::move(change), Synthesize(record)});
}

void Decoder::TakeMalformed(Message& message, const log::Delivered& record) {
  Log(LogLevel::kWarning, "Record cannot be read.",
      {{"topic", Coordinate(record.topic)}, {"partition", record.partition}, {"offset", record.offset}});
  if (message.key.empty() || !mapped_.contains(message.table)) return;
  const rows::Row key = KeyRow(message);
  const rows::Stamp stamp = Synthesize(record);
  for (const rows::DocumentRule& rule : mapping_.documents()) {
    const auto values = rows::KeyOf(key, rule.id.columns());
    if (rule.table != message.table || !values) continue;
    ChangeEvent event{.change = Upsert{.refused = Code::kMalformedDocument}};
    event.origin.document = DocumentId(rule.id.RenderKey(*values));
    event.origin.version = rows::VersionAt(stamp, rows::SubPlace::kContent);
    event.origin.committed = stamp.committed;
    taken_.refused.push_back(std::move(event));
  }
}

Taken Decoder::Drain() {
  Taken taken = std::exchange(taken_, {});
  std::stable_sort(taken.changes.begin(), taken.changes.end(),
                   [](const RowAt& a, const RowAt& b) { return a.stamp.version < b.stamp.version; });
  return taken;
}

}  // namespace freshet::debezium

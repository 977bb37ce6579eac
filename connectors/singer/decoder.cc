#include "connectors/singer/decoder.h"

namespace freshet::singer {

using rows::Cell;

std::string TimeText(std::string text) {
  if (text.size() < 19 || (text[10] != 'T' && text[10] != ' ')) return text;
  std::string form = text;
  form[10] = 'T';
  const size_t sign = form.find_last_of("+-");
  const bool offset = sign != std::string::npos && sign > 18;
  if (!offset && !form.ends_with('Z')) return form;
  if (offset && form.size() == sign + 3) form += ":00";
  const Result<Time> time = ParseTime(form);
  if (!time.ok()) return text;
  std::string micros = std::to_string((ToMicros(*time) % 1'000'000 + 1'000'000) % 1'000'000);
  micros = std::string(6 - std::min<size_t>(6, micros.size()), '0') + micros;
  micros.erase(micros.find_last_not_of('0') + 1);
  return FormatTime(*time).substr(0, 19) + (micros.empty() ? "" : "." + micros) + "Z";
}

Decoder::Decoder(const SingerOptions& options, const rows::Mapping& mapping, uint64_t epoch)
    : options_(options), mapping_(mapping), epoch_(epoch), batch_(mapping), outbox_(mapping) {
  const auto add = [this](const auto& rules) {
    for (const auto& rule : rules) mapped_[rule.table].insert(rule.columns.begin(), rule.columns.end());
  };
  add(mapping.documents());
  add(mapping.identities());
  if (options.protocol == Protocol::kSinger) return;
  // Airbyte's records come without a schema.
  for (const auto& [stream, columns] : mapped_) {
    rows::Table table{.name = stream, .columns = {columns.begin(), columns.end()}};
    const auto keys = options.keys.find(stream);
    for (const std::string& column : table.columns) {
      const bool is_key = keys != options.keys.end() &&
                          std::find(keys->second.begin(), keys->second.end(), column) != keys->second.end();
      table.key.push_back(is_key);
    }
    const size_t count = table.columns.size();
    streams_[stream] = {std::make_shared<const rows::Table>(std::move(table)), std::vector<bool>(count)};
  }
}

Status Decoder::Check() const {
  for (const auto& [name, stream] : streams_) FRESHET_RETURN_IF_ERROR(mapping_.CheckTable(*stream.table));
  return OkStatus();
}

Status Decoder::Take(Message message, Time committed) {
  if (!mapped_.contains(message.stream)) return OkStatus();
  if (message.kind == Message::Kind::kSchema) return TakeSchema(message);
  if (message.kind == Message::Kind::kRecord) return TakeRecord(message, committed);
  return OkStatus();
}

Status Decoder::TakeSchema(const Message& message) {
  const auto given = options_.keys.find(message.stream);
  const std::vector<std::string>& keys = given == options_.keys.end() ? message.keys : given->second;
  StreamTable stream;
  rows::Table table{.name = message.stream};
  for (const Column& column : message.columns) {
    table.columns.push_back(column.name);
    table.key.push_back(std::find(keys.begin(), keys.end(), column.name) != keys.end());
    stream.is_time.push_back(column.is_time);
  }
  FRESHET_RETURN_IF_ERROR(mapping_.CheckTable(table));
  stream.table = std::make_shared<const rows::Table>(std::move(table));
  streams_[message.stream] = std::move(stream);
  return OkStatus();
}

rows::Row Decoder::RowOf(const StreamTable& stream, Message& message, bool key_only) const {
  const rows::Table& table = *stream.table;
  const Cell absent = options_.missing == Missing::kNull ? Cell::Null() : Cell::Unknown();
  rows::Row row{stream.table, std::vector<Cell>(table.columns.size(), key_only ? Cell::Unknown() : absent)};
  for (Field& field : message.fields) {
    const int at = table.IndexOf(field.name);
    if (at < 0 || (key_only && !table.key[static_cast<size_t>(at)])) continue;
    Cell& cell = row.cells[static_cast<size_t>(at)];
    cell = std::move(field.cell);
    if (stream.is_time[static_cast<size_t>(at)] && !cell.is_list) cell.text = TimeText(std::move(cell.text));
  }
  return row;
}

Status Decoder::TakeRecord(Message& message, Time committed) {
  const auto found = streams_.find(message.stream);
  if (found == streams_.end()) {
    return Status(Code::kConfiguration, message.stream + ": a record comes before its schema");
  }
  const rows::Stamp stamp{.version = NextVersion(), .committed = committed};
  const auto deleted = std::find_if(message.fields.begin(), message.fields.end(),
                                    [this](const Field& field) { return field.name == options_.deleted; });
  const bool gone = deleted != message.fields.end() && !deleted->cell.is_null();
  rows::RowChange change{.kind = gone ? rows::RowChange::Kind::kDelete : rows::RowChange::Kind::kUpdate,
                         .table = found->second.table};
  const bool broken = message.broken && !gone;
  rows::Row row = RowOf(found->second, message, gone || broken);
  if (broken) {
    Refuse(row, stamp);
    return OkStatus();
  }
  for (const std::string& document : DocumentsOf(row)) refused_.erase(document);
  (gone ? change.before : change.after) = std::move(row);
  batch_.Add(std::move(change), stamp);
  return OkStatus();
}

std::vector<std::string> Decoder::DocumentsOf(const rows::Row& row) const {
  std::vector<std::string> documents;
  for (const rows::DocumentRule& rule : mapping_.documents()) {
    const auto values = rows::KeyOf(row, rule.id.columns());
    if (rule.table == row.table->name && values) documents.push_back(rule.id.RenderKey(*values));
  }
  return documents;
}

// A document that cannot be read has a new version all the same.
void Decoder::Refuse(const rows::Row& row, const rows::Stamp& stamp) {
  for (const std::string& document : DocumentsOf(row)) {
    ChangeEvent event{.change = Upsert{.refused = Code::kInvalidUtf8}};
    event.origin.document = DocumentId(document);
    event.origin.version = rows::VersionAt(stamp, rows::SubPlace::kContent);
    event.origin.committed = stamp.committed;
    refused_[document] = std::move(event);
  }
}

Result<std::vector<ChangeEvent>> Decoder::Drain() {
  FRESHET_ASSIGN_OR_RETURN(rows::Resolved resolved, batch_.Resolve(nullptr));
  for (auto& [document, event] : refused_) resolved.contents.push_back(std::move(event));
  refused_.clear();
  return outbox_.Arrange(std::move(resolved), nullptr);
}

}  // namespace freshet::singer

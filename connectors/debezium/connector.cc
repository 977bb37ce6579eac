#include "connectors/debezium/connector.h"

#include "common/telemetry/log.h"
#include "connectors/debezium/kafka_topics.h"
#include "connectors/postgres/listing.h"
#include "connectors/postgres/server_source.h"
#include "connectors/rows/fetch.h"

namespace freshet::debezium {
namespace {

// Commits get their times before their places: two may stand in the other order, this much apart at most.
constexpr Duration kCommitSkew = std::chrono::milliseconds(10);
// What was committed longer ago is seen; its number, taken for one of now, may name another transaction.
constexpr Duration kJustCommitted = std::chrono::hours(1);

// Whether nothing but documents is made of the table's rows, and no other table has documents.
bool AllDocumentsAreOf(const rows::Mapping& mapping, const std::string& table) {
  const auto of = [&table](const auto& rules) {
    return std::any_of(rules.begin(), rules.end(), [&table](const auto& rule) { return rule.table == table; });
  };
  if (mapping.documents().empty() || of(mapping.access()) || of(mapping.groups()) || of(mapping.identities())) {
    return false;
  }
  return std::all_of(mapping.documents().begin(), mapping.documents().end(),
                     [&](const rows::DocumentRule& rule) { return rule.table == table && !of(rule.children); });
}

// As of everything in a batch, of a document that is refused the newest is told: what it was changed to since, if
// anything.
void DropOvertaken(const rows::Mapping& mapping, Taken& taken) {
  if (taken.refused.empty()) return;
  std::map<DocumentId, Version> newest;
  for (const RowAt& row : taken.changes) {
    for (const rows::Touch& touch : mapping.TouchedBy(row.change)) {
      if (touch.key.kind != rows::EntityKind::kDocument) continue;
      Version& known = newest[DocumentId(rows::Assembler(mapping).NativeId(touch.key))];
      known = std::max(known, rows::VersionAt(row.stamp, rows::SubPlace::kDelete));
    }
  }
  std::erase_if(taken.refused, [&](const ChangeEvent& event) {
    const auto found = newest.find(event.origin.document);
    return found != newest.end() && event.origin.version < found->second;
  });
}

}  // namespace

DebeziumSource::Session::Session(const DebeziumOptions& options, const rows::Mapping& mapping, uint64_t epoch,
                                 Time opened)
    : decoder(options, mapping, epoch), outbox(mapping, opened) {}

DebeziumSource::DebeziumSource(DebeziumOptions options, rows::Mapping mapping, std::unique_ptr<TopicReader> reader)
    : options_(std::move(options)), mapping_(std::move(mapping)), reader_(std::move(reader)) {}

std::vector<std::string> DebeziumSource::Topics() const {
  std::set<std::string> topics(options_.witnesses.begin(), options_.witnesses.end());
  for (const std::string& table : mapping_.tables()) topics.insert(TopicOfTable(options_, table));
  return {topics.begin(), topics.end()};
}

bool DebeziumSource::HasRows(const std::string& topic) const {
  const std::vector<std::string> tables = mapping_.tables();
  return std::any_of(tables.begin(), tables.end(),
                     [&](const auto& table) { return TopicOfTable(options_, table) == topic; });
}

// What decides which events the same records make.
Hash128 DebeziumSource::Fingerprint() const {
  std::string text(AsBytes(mapping_.fingerprint()));
  AppendText(text, options_.unavailable);
  for (const auto& [column, type] : options_.types) AppendText(text, column + "=" + type);
  for (const std::string& table : options_.whole_rows) AppendText(text, table);
  AppendBig64(text, options_.generation);
  text += options_.order == Order::kOffset ? "o" : "p";
  return HashOf(text);
}

Status DebeziumSource::Check() {
  FRESHET_RETURN_IF_ERROR(reader_->Check(Topics()));
  if (options_.connection.empty()) return OkStatus();
  return postgres::SqlClient::Connect(options_.connection, postgres::SqlClient::Kind::kQueries).status();
}

Status DebeziumSource::Open(SourceStart start) {
  clock_ = start.clock;
  auto position = Position::Decode(start.position);
  if (position && position->fingerprint != Fingerprint()) {
    Log(LogLevel::kWarning, "Configuration says something else: the topics are read anew.");
    position.reset();
  }
  if (!position) position = Position{.epoch = start.epoch, .fingerprint = Fingerprint()};
  session_ = std::make_unique<Session>(options_, mapping_, position->epoch, clock_->Now());
  session_->decoder.set_marks(position->marks);
  session_->position = std::move(*position);
  if (!options_.connection.empty()) {
    FRESHET_ASSIGN_OR_RETURN(auto sql,
                             postgres::SqlClient::Connect(options_.connection, postgres::SqlClient::Kind::kQueries));
    session_->database = std::make_unique<Database>(std::move(sql));
  }
  return reader_->Open(Topics(), session_->position.next);
}

void DebeziumSource::Close() {
  session_.reset();
  reader_->Close();
}

// What is a witness and nothing else tells nothing that could be missed.
Status DebeziumSource::TakeGaps(const std::vector<log::Gap>& gaps) const {
  const log::Gap* missed = nullptr;
  for (const log::Gap& gap : gaps) {
    if (!HasRows(gap.topic)) continue;
    missed = &gap;
    Log(LogLevel::kError, "Retention took records that were not read.",
        {{"topic", Coordinate(gap.topic)}, {"partition", gap.partition}, {"from", gap.from}, {"to", gap.to}});
  }
  if (missed == nullptr || options_.on_gap == OnGap::kGoOn) return OkStatus();
  return Status(Code::kConfiguration, "topic=" + missed->topic +
                                          ": retention took records that were not read, deletes may be among them; "
                                          "have Debezium take a snapshot, and set on_gap: go_on until it has come");
}

Status DebeziumSource::Read(Duration wait) {
  Session& s = *session_;
  FRESHET_ASSIGN_OR_RETURN(const log::Polled polled, reader_->Poll(wait));
  FRESHET_RETURN_IF_ERROR(TakeGaps(polled.gaps));
  for (const log::Delivered& record : polled.records) {
    FRESHET_RETURN_IF_ERROR(s.decoder.Take(record));
    s.position.next[{record.topic, record.partition}] = Offset(record.offset.value + 1);
  }
  for (const log::Gap& gap : polled.gaps) {
    Offset& next = s.position.next[{gap.topic, gap.partition}];
    next = std::max(next, gap.to);
  }
  s.position.marks = s.decoder.marks();
  s.taken = s.decoder.Drain();
  DropOvertaken(mapping_, s.taken);
  s.handed_out = 0;
  s.moved = !polled.records.empty() || !polled.gaps.empty();
  return OkStatus();
}

Result<SourceBatch> DebeziumSource::Stream(Duration wait) {
  Session& s = *session_;
  SourceBatch out;
  if (s.handed_out == s.taken.changes.size()) FRESHET_RETURN_IF_ERROR(Read(wait));
  FRESHET_ASSIGN_OR_RETURN(out.events, NextPiece());
  if (s.handed_out < s.taken.changes.size()) return out;
  if (s.moved) out.position = s.position.Encode();
  Vouch(out);
  return out;
}

Result<std::vector<ChangeEvent>> DebeziumSource::NextPiece() {
  Session& s = *session_;
  rows::Batch batch(mapping_);
  std::vector<RowAt>& changes = s.taken.changes;
  std::set<uint32_t> awaited;
  const Time since = clock_->Now() - kJustCommitted;
  for (; s.handed_out < changes.size() && !batch.is_full(); ++s.handed_out) {
    RowAt& row = changes[s.handed_out];
    if (row.transaction && row.stamp.committed >= since) awaited.insert(*row.transaction);
    batch.Add(std::move(row.change), row.stamp);
  }
  if (s.database != nullptr) s.database->Await(std::move(awaited));
  rows::RowSource* const asked = s.database.get();
  FRESHET_ASSIGN_OR_RETURN(rows::Resolved resolved, batch.Resolve(asked));
  const bool last = s.handed_out == changes.size();
  if (last) std::move(s.taken.refused.begin(), s.taken.refused.end(), std::back_inserter(resolved.contents));
  FRESHET_ASSIGN_OR_RETURN(std::vector<ChangeEvent> events, s.outbox.Arrange(std::move(resolved), asked));
  if (!last) return events;
  for (const RowAt& truncated : s.taken.truncated) FRESHET_RETURN_IF_ERROR(AddTruncated(truncated, events));
  return events;
}

// An empty snapshot at the place of the truncate: at its end the sink deletes what is older, under its guard.
Status DebeziumSource::AddTruncated(const RowAt& truncated, std::vector<ChangeEvent>& events) const {
  const std::string& table = truncated.change.table->name;
  if (!AllDocumentsAreOf(mapping_, table)) {
    return Status(Code::kConfiguration, table + " was truncated, and what it held is not known: only a source whose " +
                                            "one table has all its documents can go on; set the source up anew");
  }
  const Version begin = rows::VersionAt(truncated.stamp, rows::SubPlace::kDelete);
  for (const auto side : {SnapshotEdge::Side::kBegin, SnapshotEdge::Side::kEnd}) {
    events.push_back({.origin = {.version = begin, .committed = truncated.stamp.committed},
                      .change = SnapshotEdge{.side = side, .begin_version = begin}});
  }
  return OkStatus();
}

void DebeziumSource::Vouch(SourceBatch& out) {
  Session& s = *session_;
  const Time now = clock_->Now();
  if (s.witness && now >= s.witness->from && reader_->AtEnd()) {
    out.complete_up_to = s.vouched = s.witness->time;
    s.witness.reset();
  }
  if (s.taken.witness) s.newest = std::max(s.newest, *s.taken.witness);
  // A clock of the database that is ahead of ours vouches for nothing that may still come.
  const Time time = std::min(s.newest, now) - kCommitSkew;
  if (s.newest == Time() || s.witness || time <= s.vouched) return;
  s.witness = Witness{.time = time, .from = now + options_.settle};
}

Result<Upsert> DebeziumSource::Fetch(const DocumentId& document) {
  if (options_.connection.empty()) return Source::Fetch(document);
  FRESHET_ASSIGN_OR_RETURN(const auto sql,
                           postgres::SqlClient::Connect(options_.connection, postgres::SqlClient::Kind::kQueries));
  postgres::ServerSource source(*sql);
  return rows::FetchDocument(mapping_, document, source);
}

Status DebeziumSource::List(const std::function<Status(const std::string& id)>& take) {
  if (options_.connection.empty()) {
    return Status(Code::kUnsupportedChange, "Topics cannot be listed: give `connection`, and the database is asked");
  }
  return postgres::ListDocuments(options_.connection, mapping_, take);
}

Result<std::unique_ptr<Connector>> MakeDebeziumConnector(const ConfigNode& node) {
  FRESHET_ASSIGN_OR_RETURN(DebeziumOptions options, ParseOptions<DebeziumOptions>(node));
  FRESHET_RETURN_IF_ERROR(Validate(options));
  FRESHET_ASSIGN_OR_RETURN(rows::Mapping mapping, rows::Mapping::Compile(options.mapping));
  const SourceConnector::Options driver{.heartbeat = options.heartbeat};
  auto reader = std::make_unique<KafkaTopics>(options.kafka);
  return std::unique_ptr<Connector>(std::make_unique<SourceConnector>(
      std::make_unique<DebeziumSource>(std::move(options), std::move(mapping), std::move(reader)), driver));
}

}  // namespace freshet::debezium

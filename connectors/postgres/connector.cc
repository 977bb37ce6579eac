#include "connectors/postgres/connector.h"

#include "common/telemetry/log.h"
#include "connectors/postgres/listing.h"
#include "connectors/rows/fetch.h"

namespace freshet::postgres {
namespace {

// A run reads the tables less often than so; runs differ by one at least.
constexpr int kReadingsBits = 20;
constexpr Duration kLookEvery = std::chrono::seconds(5);
constexpr Duration kSnapshotWait = std::chrono::milliseconds(20);
// A position that moved without any change of ours is stored this often.
constexpr Duration kQuietPosition = std::chrono::seconds(1);
constexpr auto kLongestFill = std::chrono::milliseconds(200);

}  // namespace

PostgresSource::Session::Session(const PostgresOptions& options, const rows::Mapping& mapping, const SlotPosition& at,
                                 uint64_t told_from, Time opened)
    : position(at),
      decoder(mapping, {.generation = at.generation,
                        .done = at.lsn,
                        .told_from = told_from,
                        .landmark = at.landmark,
                        .spool_memory = options.spool_memory.bytes}),
      batch(mapping),
      outbox(mapping, opened) {}

PostgresSource::PostgresSource(PostgresOptions options, rows::Mapping mapping)
    : options_(std::move(options)), mapping_(std::move(mapping)) {}

Status PostgresSource::Check() {
  FRESHET_ASSIGN_OR_RETURN(const auto sql, SqlClient::Connect(options_.connection, SqlClient::Kind::kQueries));
  FRESHET_RETURN_IF_ERROR(CheckServer(*sql));
  FRESHET_RETURN_IF_ERROR(CheckTables(*sql, mapping_));
  return CheckPublication(*sql, options_, mapping_);
}

void PostgresSource::Close() { session_.reset(); }

// The position to go on from; its generation 0 where a new slot is to be made.
Result<SlotPosition> PostgresSource::Resumed(const SourceStart& start, const SlotState& slot,
                                             const ServerIdentity& server) const {
  const auto stored = SlotPosition::Decode(start.position);
  if (!stored) return SlotPosition{};
  std::string_view why = WhyNotResume(*stored, slot, server);
  // What snapshots were stamped with must be there too.
  SlotPosition stamped = *stored;
  if (start.begun.epoch == stored->generation) stamped.lsn = std::max(stored->lsn, start.begun.position);
  if (why.empty()) why = WhyNotResume(stamped, slot, server);
  if (why.empty() && refuted_) why = "the server's history is not the one that was read";
  if (why.empty() && stored->fingerprint != mapping_.fingerprint()) why = "the mapping says something else";
  const bool over = options_.max_retained_wal.bytes != 0 && slot.retained_bytes > options_.max_retained_wal.bytes;
  if (why.empty() && over) why = "the slot holds back more than max_retained_wal";
  if (why.empty()) return *stored;
  Log(LogLevel::kWarning, "Stream cannot go on where it was, a new snapshot is taken.", {{"why", Coordinate(why)}});
  return SlotPosition{};
}

Status PostgresSource::Open(SourceStart start) {
  clock_ = start.clock;
  FRESHET_ASSIGN_OR_RETURN(auto sql, SqlClient::Connect(options_.connection, SqlClient::Kind::kQueries));
  FRESHET_RETURN_IF_ERROR(CheckServer(*sql));
  FRESHET_RETURN_IF_ERROR(CheckTables(*sql, mapping_));
  FRESHET_RETURN_IF_ERROR(EnsurePublication(*sql, options_, mapping_));
  FRESHET_ASSIGN_OR_RETURN(auto replication, SqlClient::Connect(options_.connection, SqlClient::Kind::kReplication));
  return Begin(std::move(sql), std::move(replication), start);
}

Status PostgresSource::Begin(std::unique_ptr<SqlClient> sql, std::unique_ptr<SqlClient> replication,
                             const SourceStart& start) {
  FRESHET_ASSIGN_OR_RETURN(const ServerIdentity server, IdentifySystem(*replication));
  FRESHET_ASSIGN_OR_RETURN(const SlotState slot, LookAtSlot(*sql, options_.slot));
  FRESHET_ASSIGN_OR_RETURN(SlotPosition position, Resumed(start, slot, server));
  NewSlot made;
  const bool anew = position.generation == 0;
  if (anew) {
    if (!start.position.empty()) FRESHET_RETURN_IF_ERROR(start.forget_position());
    if (slot.exists) FRESHET_RETURN_IF_ERROR(DropSlot(*sql, options_.slot));
    FRESHET_ASSIGN_OR_RETURN(made, CreateSlot(*replication, options_.slot));
    // Of before it nothing is ever told again.
    position = {start.epoch, server.system, made.lsn, mapping_.fingerprint(), 0, {.lsn = made.lsn - 1, .time = {}}};
    refuted_ = false;
  }
  position.timeline = server.timeline;
  const bool proves = !anew && position.landmark.lsn != 0;
  const uint64_t from = proves ? slot.confirmed : position.lsn;
  auto session = std::make_unique<Session>(options_, mapping_, position, from, clock_->Now());
  session->sql = std::move(sql);
  session->stamped = start.begun.epoch == position.generation ? start.begun.position : 0;
  session->reading = (start.epoch - position.generation) << kReadingsBits;
  session_ = std::move(session);
  if (anew) {
    session_->snapshot_wanted = !start.position.empty();
    FRESHET_RETURN_IF_ERROR(ReadTables(made.snapshot, std::nullopt));
    session_->snapshot_fresh = true;
  }
  FRESHET_ASSIGN_OR_RETURN(session_->stream,
                           ReplicationStream::Start(std::move(replication), {.slot = options_.slot,
                                                                             .publication = options_.publication,
                                                                             .start = from,
                                                                             .stream_large = options_.stream_large}));
  return OkStatus();
}

Status PostgresSource::ReadTables(std::string exported, std::optional<SnapshotCursor> at) {
  Session& s = *session_;
  const uint64_t reading = s.reading++;
  if (!at) {
    const uint64_t position = std::max(s.decoder.floor(), s.stamped);
    const rows::Stamp first{.version = {s.position.generation, position, kSnapshotPlace + reading}, .committed = {}};
    at = SnapshotCursor{.begin = VersionAt(first, rows::SubPlace::kDelete), .started = clock_->Now()};
  }
  const SnapshotReader::Parts parts{options_, mapping_, *s.sql, std::move(exported), reading};
  FRESHET_ASSIGN_OR_RETURN(s.snapshot, SnapshotReader::Open(parts, *at));
  return OkStatus();
}

Status PostgresSource::OpenSnapshot(const std::string& cursor, SourceBatch& out) {
  if (session_->snapshot_fresh) {
    session_->snapshot_fresh = false;
    session_->snapshot_wanted = false;  // it is being taken
  } else {
    session_->snapshot.reset();
    auto at = SnapshotCursor::Decode(cursor);
    const bool goes_on = at && at->begin.epoch == session_->position.generation;
    if (!goes_on) at.reset();
    FRESHET_RETURN_IF_ERROR(ReadTables("", at));
    if (goes_on) return OkStatus();
  }
  session_->outbox.ForgetScopes();
  out.first = true;
  out.begin = session_->snapshot->cursor().begin;
  return OkStatus();
}

Result<SourceBatch> PostgresSource::Snapshot(const std::string& cursor) {
  SourceBatch out;
  const bool goes_on =
      session_->snapshot != nullptr && !session_->snapshot_fresh && cursor == session_->snapshot->cursor().Encode();
  if (!goes_on) FRESHET_RETURN_IF_ERROR(OpenSnapshot(cursor, out));
  FRESHET_ASSIGN_OR_RETURN(SnapshotPiece piece, session_->snapshot->Next(kSnapshotWait));
  ServerSource source(*session_->sql);
  constexpr auto kTold = rows::Outbox::Told::kBySnapshot;
  FRESHET_ASSIGN_OR_RETURN(out.events, session_->outbox.Arrange(std::move(piece.events), &source, kTold));
  out.position = session_->snapshot->cursor().Encode();
  out.done = piece.done;
  if (piece.done) session_->snapshot.reset();
  return out;
}

Status PostgresSource::Fill(Duration wait) {
  Session& s = *session_;
  const auto until = std::chrono::steady_clock::now() + kLongestFill;
  while (!s.batch.is_full() && std::chrono::steady_clock::now() < until) {
    if (s.decoder.replaying()) {
      FRESHET_RETURN_IF_ERROR(s.decoder.Replay(s.batch));
      continue;
    }
    FRESHET_ASSIGN_OR_RETURN(const std::optional<WalMessage> message, s.stream->Receive());
    if (!message) {
      if (!s.batch.empty() || wait <= Duration(0)) break;
      s.stream->Wait(std::exchange(wait, Duration(0)));
    } else if (message->keepalive) {
      FRESHET_RETURN_IF_ERROR(s.decoder.TakeKeepalive(message->lsn));
    } else {
      FRESHET_RETURN_IF_ERROR(s.decoder.Take(message->payload, s.batch));
    }
  }
  return s.stream->KeepAlive();
}

Result<SourceBatch> PostgresSource::Stream(Duration wait) {
  Session& s = *session_;
  SourceBatch out;
  FRESHET_RETURN_IF_ERROR(Mark());
  const Status filled = Fill(wait);
  refuted_ = refuted_ || s.decoder.history().refuted();
  FRESHET_RETURN_IF_ERROR(filled);
  ServerSource source(*s.sql, s.decoder.TakeTransactions());
  FRESHET_ASSIGN_OR_RETURN(rows::Resolved resolved, s.batch.Resolve(&source));
  FRESHET_ASSIGN_OR_RETURN(out.events, s.outbox.Arrange(std::move(resolved), &source));
  const bool truncated = s.decoder.TakeTruncated();
  if (truncated) s.outbox.ForgetScopes();
  out.snapshot_wanted = std::exchange(s.snapshot_wanted, false) || truncated;
  const Time now = clock_->Now();
  const bool moved = s.decoder.done() > s.position.lsn;
  const bool tell = moved && (!out.events.empty() || truncated || IsDue(s.next_position, now, kQuietPosition));
  const bool proven = s.decoder.history().proven();
  if (proven && (tell || std::exchange(s.position_untold, false))) {
    s.position.lsn = s.decoder.done();
    s.position.landmark = s.decoder.history().landmark();
    s.next_position = now + kQuietPosition;
    out.position = s.position.Encode();
  }
  if (s.marker && proven && s.decoder.done() >= s.marker->lsn) {
    out.complete_up_to = s.marker->time;
    s.marker.reset();
  }
  FRESHET_RETURN_IF_ERROR(LookAfterSlot(now));
  return out;
}

Status PostgresSource::Mark() {
  Session& s = *session_;
  const Time now = clock_->Now();
  if (s.marker || !IsDue(s.next_marker, now, options_.heartbeat)) return OkStatus();
  s.next_marker = now + options_.heartbeat;
  // In this order: whatever was committed by that time has written its commit below that position.
  FRESHET_ASSIGN_OR_RETURN(const SqlRows found,
                           s.sql->Query("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000)::bigint, "
                                        "pg_current_wal_insert_lsn()"));
  Marker marker{.time = FromMicros(std::strtoll(found.First(0).c_str(), nullptr, 10))};
  FRESHET_ASSIGN_OR_RETURN(marker.lsn, ParseLsn(found.First(1)));
  // At the begin of a page the position lies behind the page's header (24 or 40 bytes), which nobody has written yet.
  constexpr uint64_t kPage = 8192, kLongestHeader = 40;
  if (marker.lsn % kPage <= kLongestHeader) marker.lsn -= marker.lsn % kPage;
  s.marker = marker;
  return s.stream->Confirm(s.stream->confirmed(), true);
}

Status PostgresSource::LookAfterSlot(Time now) {
  Session& s = *session_;
  if (IsDue(s.next_wal, now, options_.wal_heartbeat)) {
    s.next_wal = now + options_.wal_heartbeat;
    // A server that does not let us write one is quiet in this database only: keepalives move the slot all the same.
    (void)s.sql->Query("SELECT pg_logical_emit_message(false, 'freshet', '')");
  }
  if (options_.max_retained_wal.bytes == 0 || !IsDue(s.next_look, now, kLookEvery)) return OkStatus();
  s.next_look = now + kLookEvery;
  FRESHET_ASSIGN_OR_RETURN(const SlotState slot, LookAtSlot(*s.sql, options_.slot));
  if (slot.retained_bytes <= options_.max_retained_wal.bytes) return OkStatus();
  return Status(Code::kUnavailable,
                "PostgreSQL: the slot holds back " + std::to_string(slot.retained_bytes) + " bytes");
}

Result<SourceHold> PostgresSource::Hold() {
  FRESHET_ASSIGN_OR_RETURN(const auto sql, SqlClient::Connect(options_.connection, SqlClient::Kind::kQueries));
  FRESHET_ASSIGN_OR_RETURN(const SlotState slot, LookAtSlot(*sql, options_.slot));
  if (!slot.exists || slot.lost) return SourceHold{};
  // Whoever gives up first: the server, or we.
  const uint64_t ours = options_.max_retained_wal.bytes, theirs = slot.limit_bytes;
  const uint64_t limit = ours == 0 || theirs == 0 ? std::max(ours, theirs) : std::min(ours, theirs);
  return SourceHold{.lag_bytes = slot.lag_bytes, .retained_bytes = slot.retained_bytes, .limit_bytes = limit};
}

Status PostgresSource::Acknowledge(const std::string& position) {
  const auto stored = SlotPosition::Decode(position);
  if (!stored || session_ == nullptr || session_->stream == nullptr) return OkStatus();
  return session_->stream->Confirm(stored->lsn, false);
}

Result<Upsert> PostgresSource::Fetch(const DocumentId& document) {
  FRESHET_ASSIGN_OR_RETURN(const auto sql, SqlClient::Connect(options_.connection, SqlClient::Kind::kQueries));
  ServerSource source(*sql);
  return rows::FetchDocument(mapping_, document, source);
}

Status PostgresSource::List(const std::function<Status(const std::string& id)>& take) {
  return ListDocuments(options_.connection, mapping_, take);
}

Result<std::unique_ptr<Connector>> MakePostgresConnector(const ConfigNode& node) {
  FRESHET_ASSIGN_OR_RETURN(PostgresOptions options, ParseOptions<PostgresOptions>(node));
  FRESHET_RETURN_IF_ERROR(Validate(options));
  FRESHET_ASSIGN_OR_RETURN(rows::Mapping mapping, rows::Mapping::Compile(options.mapping));
  const SourceConnector::Options driver{.heartbeat = options.heartbeat};
  return std::unique_ptr<Connector>(std::make_unique<SourceConnector>(
      std::make_unique<PostgresSource>(std::move(options), std::move(mapping)), driver));
}

}  // namespace freshet::postgres

#include "connectors/source/source_connector.h"

#include "common/base/bytes.h"
#include "common/telemetry/log.h"
#include "schemas/topics.h"

namespace freshet {
namespace {

constexpr std::string_view kEpochKey = "epoch";
constexpr std::string_view kPositionKey = "position";
constexpr std::string_view kSnapshotKey = "snapshot";
constexpr std::string_view kBegunKey = "begun";
constexpr std::string_view kRequestKey = "request";
constexpr std::string_view kNotePrefix = "n/";
constexpr std::string_view kSnapshotDone = "done";
constexpr size_t kMostUnsavedRows = 1000;

std::string NumberRow(uint64_t number) {
  std::string row;
  AppendBig64(row, number);
  return row;
}

uint64_t NumberOf(const std::map<std::string, std::string>& rows, std::string_view key) {
  const auto row = rows.find(std::string(key));
  uint64_t number = 0;
  if (row != rows.end()) number = ByteReader(row->second).Big64(number) ? number : 0;
  return number;
}

std::string SnapshotRow(const Version& begin, const std::string& cursor) {
  std::string row;
  AppendVersion(row, begin);
  return row + cursor;
}

bool IsUrgent(const Change& change) { return TopicOf(change, Lane::kLive) == Topic::kChangesUrgent; }

}  // namespace

SourceConnector::SourceConnector(std::unique_ptr<Source> source, Options options)
    : source_(std::move(source)), options_(options) {}

SourceConnector::~SourceConnector() { Close(); }

Status SourceConnector::Open(ConnectorHost& host) {
  FRESHET_ASSIGN_OR_RETURN(const auto rows, host.LoadPositions());
  SourceStart start{.clock = &host.clock()};
  const int64_t seconds = ToMicros(host.clock().Now()) / 1'000'000;
  epoch_ = std::max(NumberOf(rows, kEpochKey) + 1, static_cast<uint64_t>(std::max<int64_t>(seconds, 0)));
  count_ = 0;
  request_ = NumberOf(rows, kRequestKey);
  start.epoch = epoch_;
  start.stopping = [&host] { return host.stopping(); };
  start.forget_position = [&host] { return host.SavePositions({{std::string(kPositionKey), std::nullopt}}); };
  FRESHET_RETURN_IF_ERROR(host.SavePositions({{std::string(kEpochKey), NumberRow(epoch_)}}));
  for (const auto& [key, value] : rows) {
    if (key == kPositionKey) start.position = value;
    if (key == kBegunKey && !ByteReader(value).ReadVersion(start.begun)) start.begun = {};
    if (key.starts_with(kNotePrefix)) start.notes.emplace(key.substr(kNotePrefix.size()), value);
  }
  const auto stored = rows.find(std::string(kSnapshotKey));
  // Without a position the stream begins now: what was committed before is a snapshot's to bring, all of it.
  ResumeSnapshot(stored == rows.end() || start.position.empty() ? std::string() : stored->second);
  open_ = true;
  return source_->Open(std::move(start));
}

void SourceConnector::ResumeSnapshot(const std::string& row) {
  const SnapshotPolicy policy = source_->snapshot_policy();
  if (policy == SnapshotPolicy::kNever || (policy == SnapshotPolicy::kOnce && row == kSnapshotDone)) return;
  snapshot_.emplace();
  ByteReader reader(row);
  snapshot_->begun = policy == SnapshotPolicy::kOnce && reader.ReadVersion(snapshot_->begin);
  if (snapshot_->begun) snapshot_->cursor = reader.rest();
}

void SourceConnector::Close() {
  if (open_) source_->Close();
  open_ = false;
  snapshot_.reset();
  unsaved_.clear();
  unsaved_position_.clear();
  complete_up_to_.reset();
  next_beat_ = Time();
}

// Stored before any position that lies behind what the snapshot has to bring.
Status SourceConnector::WantSnapshot(ConnectorHost& host) {
  snapshot_ = OpenSnapshot{};
  if (source_->snapshot_policy() == SnapshotPolicy::kEachOpen) return OkStatus();
  std::erase_if(unsaved_, [](const auto& row) { return row.first == kSnapshotKey; });
  return host.SavePositions({{std::string(kSnapshotKey), std::string()}});
}

Status SourceConnector::TakeRequest(ConnectorHost& host) {
  const uint64_t request = host.snapshot_request();
  if (request <= request_ || source_->snapshot_policy() == SnapshotPolicy::kNever) return OkStatus();
  FRESHET_RETURN_IF_ERROR(WantSnapshot(host));
  request_ = request;
  return host.SavePositions({{std::string(kRequestKey), NumberRow(request_)}});
}

Result<bool> SourceConnector::Step(ConnectorHost& host) { return Turn(host, Duration(0)); }

Status SourceConnector::Run(ConnectorHost& host) {
  bool idle = false;
  while (!host.stopping()) {
    const Result<bool> did = Turn(host, idle ? options_.wait : Duration(0));
    if (!did.ok()) return host.stopping() ? OkStatus() : did.status();
    idle = !*did;
  }
  const Status saved = open_ ? SaveIfDue(host, true) : OkStatus();
  Close();
  return saved;
}

Result<bool> SourceConnector::Turn(ConnectorHost& host, Duration wait) {
  if (!open_) {
    const Status opened = Open(host);
    if (opened.ok()) return true;
    Close();
    return opened;
  }
  const auto turn = [&]() -> Result<bool> {
    FRESHET_RETURN_IF_ERROR(TakeRequest(host));
    FRESHET_ASSIGN_OR_RETURN(const bool listed, SnapshotTurn(host));
    FRESHET_ASSIGN_OR_RETURN(const bool streamed, StreamTurn(host, listed ? Duration(0) : wait));
    const bool at_rest = !listed && !streamed;
    FRESHET_RETURN_IF_ERROR(SaveIfDue(host, at_rest));
    FRESHET_RETURN_IF_ERROR(Beat(host));
    return !at_rest;
  };
  Result<bool> did = turn();
  if (did.ok()) return did;
  // What has been published is durable: the less lies behind the position, the less a source that comes back as another
  // one (a failover that lost its last commits) can have taken back unnoticed.
  (void)SaveIfDue(host, true);
  Close();
  return did;
}

Result<bool> SourceConnector::SnapshotTurn(ConnectorHost& host) {
  if (!snapshot_ || host.over_rate()) return false;
  FRESHET_ASSIGN_OR_RETURN(SourceBatch batch, source_->Snapshot(snapshot_->begun ? snapshot_->cursor : std::string()));
  if (batch.first || !snapshot_->begun) FRESHET_RETURN_IF_ERROR(BeginSnapshot(batch, host));
  FRESHET_RETURN_IF_ERROR(Publish(std::move(batch.events), Lane::kBackfill, host));
  snapshot_->cursor = std::move(batch.position);
  for (auto& [key, value] : batch.notes) unsaved_.emplace_back(std::string(kNotePrefix) + key, std::move(value));
  if (batch.done) {
    FRESHET_RETURN_IF_ERROR(EndSnapshot(host));
  } else {
    unsaved_.emplace_back(std::string(kSnapshotKey), SnapshotRow(snapshot_->begin, snapshot_->cursor));
  }
  if (first_unsaved_ == Time()) first_unsaved_ = host.clock().Now();
  return true;
}

Status SourceConnector::BeginSnapshot(const SourceBatch& batch, ConnectorHost& host) {
  snapshot_->begun = true;
  snapshot_->begin = batch.begin == Version{} ? NextVersion() : batch.begin;
  if (batch.begin != Version{}) {
    FRESHET_RETURN_IF_ERROR(host.SavePositions({{std::string(kBegunKey), SnapshotRow(batch.begin, "")}}));
  }
  return PublishEdge(SnapshotEdge::Side::kBegin, host);
}

Status SourceConnector::EndSnapshot(ConnectorHost& host) {
  FRESHET_RETURN_IF_ERROR(PublishEdge(SnapshotEdge::Side::kEnd, host));
  unsaved_.emplace_back(std::string(kSnapshotKey), std::string(kSnapshotDone));
  snapshot_.reset();
  return OkStatus();
}

Status SourceConnector::PublishEdge(SnapshotEdge::Side side, ConnectorHost& host) {
  const Version& begin = snapshot_->begin;
  ChangeEvent event{.origin = {.version = begin, .committed = host.clock().Now()},
                    .change = SnapshotEdge{.side = side, .begin_version = begin}};
  return host.Publish({std::move(event)}, Lane::kBackfill);
}

Result<bool> SourceConnector::StreamTurn(ConnectorHost& host, Duration wait) {
  FRESHET_ASSIGN_OR_RETURN(SourceBatch batch, source_->Stream(wait));
  if (batch.snapshot_wanted) FRESHET_RETURN_IF_ERROR(WantSnapshot(host));
  const bool some = !batch.events.empty() || !batch.position.empty() || !batch.notes.empty();
  if (batch.complete_up_to) complete_up_to_ = batch.complete_up_to;
  if (!some) return batch.snapshot_wanted;
  FRESHET_RETURN_IF_ERROR(Publish(std::move(batch.events), Lane::kLive, host));
  const bool nothing_waits = unsaved_.empty() && unsaved_position_.empty();
  if (nothing_waits) first_unsaved_ = host.clock().Now();
  for (auto& [key, value] : batch.notes) unsaved_.emplace_back(std::string(kNotePrefix) + key, std::move(value));
  if (batch.position.empty()) {
    FRESHET_RETURN_IF_ERROR(source_->Acknowledge(""));
  } else {
    unsaved_position_ = std::move(batch.position);
  }
  return true;
}

// In the order given: neighbours of one kind in one call.
Status SourceConnector::Publish(std::vector<ChangeEvent> events, Lane lane, ConnectorHost& host) {
  const Time now = host.clock().Now();
  std::vector<ChangeEvent> run;
  bool urgent = false;
  const auto flush = [&]() -> Status {
    if (run.empty()) return OkStatus();
    return host.Publish(std::exchange(run, {}), urgent ? Lane::kUrgent : lane);
  };
  for (ChangeEvent& event : events) {
    if (event.origin.version == Version{}) event.origin.version = NextVersion();
    if (event.origin.committed == Time()) event.origin.committed = now;
    if (IsUrgent(event.change) != urgent) {
      FRESHET_RETURN_IF_ERROR(flush());
      urgent = !urgent;
    }
    run.push_back(std::move(event));
  }
  return flush();
}

Status SourceConnector::SaveIfDue(ConnectorHost& host, bool at_once) {
  if (unsaved_.empty() && unsaved_position_.empty()) return OkStatus();
  const Time now = host.clock().Now();
  const bool due = IsDue(first_unsaved_ + options_.save, now, options_.save) || unsaved_.size() >= kMostUnsavedRows;
  return at_once || due ? Save(host) : OkStatus();
}

Status SourceConnector::Save(ConnectorHost& host) {
  std::string position = std::exchange(unsaved_position_, {});
  Rows last;  // of every key the last
  std::map<std::string, size_t> places;
  for (auto& [key, value] : unsaved_) {
    const auto [place, is_new] = places.try_emplace(key, last.size());
    if (is_new) last.emplace_back(key, std::nullopt);
    last[place->second].second = std::move(value);
  }
  unsaved_.clear();
  first_unsaved_ = Time();
  if (!position.empty()) last.emplace_back(std::string(kPositionKey), position);
  FRESHET_RETURN_IF_ERROR(host.SavePositions(last));
  return position.empty() ? OkStatus() : source_->Acknowledge(position);
}

Status SourceConnector::Beat(ConnectorHost& host) {
  const Time now = host.clock().Now();
  if (!complete_up_to_ || !IsDue(next_beat_, now, options_.heartbeat)) return OkStatus();
  next_beat_ = now + options_.heartbeat;
  const size_t lanes = snapshot_ ? 2 : kLanes.size();  // backfill is the last
  const Time up_to = *std::exchange(complete_up_to_, std::nullopt);
  return host.PublishHeartbeat(up_to, std::span(kLanes).first(lanes));
}

}  // namespace freshet

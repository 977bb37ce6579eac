#include "connectors/log_host.h"

#include "common/telemetry/log.h"
#include "schemas/codec.h"

namespace freshet {
namespace {

constexpr Duration kRatePiece = std::chrono::milliseconds(200);

Lane LaneOf(Topic topic) {
  if (topic == Topic::kChangesLive) return Lane::kLive;
  return topic == Topic::kChangesBackfill ? Lane::kBackfill : Lane::kUrgent;
}

RateLimit::Amount ContentIn(const std::vector<ChangeEvent>& events) {
  RateLimit::Amount amount;
  for (const ChangeEvent& event : events) {
    const auto* const upsert = std::get_if<Upsert>(&event.change);
    if (upsert == nullptr) continue;
    ++amount.documents;
    amount.bytes += upsert->content.size();
  }
  return amount;
}

// What travels where the event itself does not fit into a record; false where nothing can stand for it.
bool Reduce(ChangeEvent& event) {
  if (auto* const upsert = std::get_if<Upsert>(&event.change)) {
    const bool again = upsert->refused != Code::kOk;
    upsert->content.clear();
    upsert->attributes.clear();
    upsert->refused = Code::kDocumentTooLarge;
    return !again;
  }
  auto* const access = std::get_if<AccessChange>(&event.change);
  if (access == nullptr || access->allow.empty()) return false;
  access->allow.clear();  // nobody, as a list that is not there lets nobody in
  access->deny.clear();
  return true;
}

}  // namespace

LogConnectorHost::LogConnectorHost(Parts parts, Options options)
    : parts_(parts),
      options_(std::move(options)),
      names_(options_.names, parts_.keys),
      signals_(options_.signals),
      rate_(options_.rate),
      live_rate_(options_.rate),
      writer_({parts_.log, stop_}, options_.writer),
      positions_({parts_.log, parts_.keys, names_, writer_}, {options_.names, options_.partitions}) {}

void LogConnectorHost::Fill(ChangeEvent& event) {
  names_.Replace(event);
  event.origin.source = options_.names.source;
  event.origin.collection = options_.names.collection;
  Time& captured = event.origin.StampOf(Step::kCaptured);
  if (captured == Time()) captured = parts_.clock.Now();
  if (event.origin.traceparent.empty()) {
    event.origin.traceparent = TraceContext::New(options_.random).SampledAt(options_.trace_sample).ToString();
  }
}

Result<std::string> LogConnectorHost::Encode(ChangeEvent& event, size_t most_bytes) {
  while (true) {
    Result<std::string> bytes = EncodeChange(event, parts_.keys);
    const bool too_large = bytes.ok() ? bytes->size() > most_bytes : bytes.status().code() == Code::kDocumentTooLarge;
    if (!too_large) return bytes;
    if (!Reduce(event)) return Status(Code::kDocumentTooLarge, "A change that nothing smaller can stand for");
    refused_.fetch_add(1, std::memory_order_relaxed);
    Log(LogLevel::kWarning, "Change does not fit into a record and travels without its content.",
        {{"source", event.origin.source}, {"version", event.origin.version}});
  }
}

Status LogConnectorHost::Add(ChangeEvent event, Lane lane) {
  Fill(event);
  const Topic topic = TopicOf(event.change, lane);
  std::string key = RecordKey(event);
  FRESHET_ASSIGN_OR_RETURN(std::string value, Encode(event, kMaxMessageBytes - key.size()));
  const Partition partition = PartitionFor(key, options_.partitions);
  return writer_.Add({.topic = TopicName(options_.names.tenant, topic),
                      .partition = partition,
                      .key = std::move(key),
                      .value = std::move(value)});
}

Status LogConnectorHost::AddToAll(ChangeEvent event, Topic to) {
  Fill(event);
  const std::string topic = TopicName(options_.names.tenant, to);
  const std::string key = RecordKey(event);
  FRESHET_ASSIGN_OR_RETURN(const std::string value, Encode(event, kMaxMessageBytes - key.size()));
  for (uint32_t i = 0; i < options_.partitions; ++i) {
    FRESHET_RETURN_IF_ERROR(writer_.Add({.topic = topic, .partition = Partition(i), .key = key, .value = value}));
  }
  return OkStatus();
}

void LogConnectorHost::KeepRate(RateLimit::Amount amount, Lane lane) {
  if (lane == Lane::kUrgent || amount.documents == 0) return;
  const RateLimit& mine = lane == Lane::kLive ? live_rate_ : rate_;
  // In pieces, so that a pause is noticed.
  for (Duration left = mine.Wait(parts_.clock.Now()); left > Duration(0) && !stopping(); left -= kRatePiece) {
    stop_.Sleep(std::min(left, kRatePiece));
  }
  rate_.Take(amount, parts_.clock.Now());
  if (lane == Lane::kLive) live_rate_.Take(amount, parts_.clock.Now());
}

Status LogConnectorHost::Publish(std::vector<ChangeEvent> events, Lane lane) {
  KeepRate(ContentIn(events), lane);
  std::array<uint64_t, kLanes.size()> changes{};
  for (ChangeEvent& event : events) {
    const bool edge = std::holds_alternative<SnapshotEdge>(event.change);
    if (!edge) ++changes[static_cast<size_t>(LaneOf(TopicOf(event.change, lane)))];
    const Topic topic = TopicOf(event.change, lane);
    const Status added = edge ? AddToAll(std::move(event), topic) : Add(std::move(event), lane);
    if (added.ok()) continue;
    writer_.Forget();
    return added;
  }
  FRESHET_RETURN_IF_ERROR(writer_.Finish().status());
  for (size_t i = 0; i < changes.size(); ++i) changes_[i].fetch_add(changes[i], std::memory_order_relaxed);
  return OkStatus();
}

Status LogConnectorHost::PublishHeartbeat(Time time, std::span<const Lane> lanes) {
  const ChangeEvent heartbeat{.origin = {.committed = time}, .change = Heartbeat{.committed_up_to = time}};
  for (const Lane lane : lanes) {
    FRESHET_RETURN_IF_ERROR(AddToAll(heartbeat, TopicOf(heartbeat.change, lane)));
    // Groups decide who may see what, as the urgent lane does, and have a topic of their own.
    if (lane == Lane::kUrgent) FRESHET_RETURN_IF_ERROR(AddToAll(heartbeat, Topic::kGroups));
  }
  return writer_.Finish().status();
}

LogHostStats LogConnectorHost::stats() const {
  LogHostStats stats{.retries = writer_.retries(), .refused = refused_.load(std::memory_order_relaxed)};
  for (size_t i = 0; i < changes_.size(); ++i) stats.changes[i] = changes_[i].load(std::memory_order_relaxed);
  return stats;
}

}  // namespace freshet

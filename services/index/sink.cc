#include "services/index/sink.h"

#include "common/telemetry/log.h"

namespace freshet::index {
namespace {

constexpr BackoffOptions kBackoff;
// Of a source whose clock is ahead, in the log.
constexpr Duration kWarnEvery = std::chrono::minutes(1);

bool IsUrgent(const SinkInput& input) { return std::holds_alternative<Arrival<UrgentChange>>(input); }

const Origin& OriginOf(const SinkInput& input) {
  return std::visit([](const auto& arrival) -> const Origin& { return arrival.envelope.origin; }, input);
}

// The inputs that it stands for.
uint64_t CountOf(const SinkInput& input) {
  return std::visit(
      [](const auto& arrival) {
        const Lost* const lost = std::get_if<Lost>(&arrival.envelope.payload);
        return lost == nullptr ? uint64_t{1} : lost->count;
      },
      input);
}

template <class Body>
Status Take(Receiver<Body>* receiver, ReceiveLimits limits, std::vector<SinkInput>& batch) {
  FRESHET_ASSIGN_OR_RETURN(std::vector<Arrival<Body>> arrivals, receiver->Receive(limits));
  for (Arrival<Body>& arrival : arrivals) batch.emplace_back(std::move(arrival));
  return OkStatus();
}

}  // namespace

std::string_view NameOf(store::Operation operation) {
  static constexpr std::string_view kNames[] = {"insert", "update", "delete", "access", "none"};
  return kNames[static_cast<size_t>(operation)];
}

Sink::Sink(Index& index, SinkInputs inputs, SinkOptions options)
    : index_(index),
      inputs_(inputs),
      options_(std::move(options)),
      wheel_({std::begin(kContentLanes), std::end(kContentLanes)}),
      backoff_(kBackoff, options_.seed),
      batch_size_(options_.batch.max_records, options_.batch_time),
      backfills_(options_.clock->Now()) {}

Result<bool> Sink::Step() {
  if (!IsDue(retry_at_, options_.clock->Now(), kBackoff.longest)) return false;
  if (batch_.empty()) {
    const Status gathered = Gather();
    if (!gathered.ok()) return HoldOrHalt(gathered);
  }
  const bool idle = batch_.empty();
  if (!idle) {
    const Status applied = Apply();
    if (!applied.ok()) return HoldOrHalt(applied);
  }
  const Result<bool> tended = Tend();
  if (!tended.ok()) return HoldOrHalt(tended.status());
  if (RefreshIsDue(idle)) {
    const Status refreshed = Refresh();
    if (!refreshed.ok()) return HoldOrHalt(refreshed);
  }
  const Status maintained = MaintainIfDue();
  if (!maintained.ok()) return HoldOrHalt(maintained);
  backoff_.Reset();
  return !idle || *tended;
}

// What it changed was promised when its own record came, which is measured; it shows as soon as a live edit does.
Result<bool> Sink::Tend() {
  if (!options_.tend) return false;
  FRESHET_ASSIGN_OR_RETURN(const bool changed, options_.tend(index_.store()));
  dirty_live_ = dirty_live_ || changed;
  return changed;
}

// All that is urgent, in a write of its own; then a batch of one content lane, with what is urgent meanwhile, so that
// neither waits for more than one of the other.
Status Sink::Gather() {
  FRESHET_RETURN_IF_ERROR(Take(inputs_.urgent, {.max_records = 1000, .max_bytes = 4u << 20}, batch_));
  FRESHET_RETURN_IF_ERROR(Take(inputs_.groups, {.max_records = 1000, .max_bytes = 4u << 20}, batch_));
  const size_t urgent = batch_.size();
  was_urgent_ = urgent > 0 && !was_urgent_;
  if (was_urgent_) return OkStatus();
  for (const size_t lane : wheel_.Order()) {
    batch_lane_ = kContentLanes[lane].lane;
    auto* const receiver = batch_lane_ == Lane::kLive ? inputs_.live : inputs_.backfill;
    const ReceiveLimits limits{.max_records = batch_size_.records(), .max_bytes = options_.batch.max_bytes};
    FRESHET_RETURN_IF_ERROR(Take(receiver, limits, batch_));
    if (batch_.size() == urgent) continue;
    wheel_.Served(lane);
    if (options_.look) LookAtContent(urgent);
    break;
  }
  return OkStatus();
}

// Of what this step found to be unreadable; the steps before it have written their own.
Status Sink::WriteDeadLetters() {
  if (options_.dead_letters == nullptr || letters_written_) return OkStatus();
  std::vector<SkippedInput> letters;
  for (const SinkInput& input : batch_) {
    const auto skipped = std::visit(
        [](const auto& arrival) -> std::optional<Skipped> {
          const auto& payload = arrival.envelope.payload;
          if (const auto* const lost = std::get_if<Lost>(&payload)) return Skipped{lost->code, lost->stage};
          const auto* const skip = std::get_if<Skipped>(&payload);
          return skip != nullptr ? std::optional(*skip) : std::nullopt;
        },
        input);
    const Position position = std::visit([](const auto& arrival) { return arrival.position; }, input);
    if (skipped && skipped->stage == freshet::Step::kIndex) letters.push_back({OriginOf(input), position, *skipped});
  }
  if (!letters.empty()) FRESHET_RETURN_IF_ERROR(options_.dead_letters->Write(letters));
  letters_written_ = true;
  return OkStatus();
}

void Sink::LookAtContent(size_t first) {
  for (size_t i = first; i < batch_.size(); ++i) {
    auto& envelope = std::get<Arrival<EmbeddedDocument>>(batch_[i]).envelope;
    const EmbeddedDocument* const document = envelope.body();
    const Code code = document == nullptr ? Code::kOk : options_.look(envelope.origin, document->chunked.clean);
    if (code != Code::kOk) envelope.payload = Skipped{code, freshet::Step::kIndex};
  }
}

Status Sink::Apply() {
  FRESHET_RETURN_IF_ERROR(WriteDeadLetters());
  const Time now = options_.clock->Now();
  FRESHET_ASSIGN_OR_RETURN(const std::vector<store::Applied> applied, index_.Apply(batch_, now));
  const Time done = options_.clock->Now();
  if (!was_urgent_) batch_size_.Processed(batch_.size(), done - now);
  for (size_t i = 0; i < batch_.size(); ++i) Note(batch_[i], applied[i], done);
  batch_.clear();
  letters_written_ = false;
  return OkStatus();
}

void Sink::Note(const SinkInput& input, const store::Applied& applied, Time now) {
  const bool urgent = IsUrgent(input);
  if (!urgent) (batch_lane_ == Lane::kLive ? dirty_live_ : dirty_backfill_) = true;
  const Lane lane = urgent ? Lane::kUrgent : batch_lane_;
  if (lane == Lane::kBackfill) backfills_.Took(std::get<Arrival<EmbeddedDocument>>(input), now);
  const bool skipped = applied.outcome == store::Outcome::kSkipped || applied.outcome == store::Outcome::kQuarantined;
  if (skipped && lane != Lane::kBackfill) NoteSkip(input);
  if (applied.operation == store::Operation::kNone) return NoteHeartbeat(input, now);
  const Awaited change{OriginOf(input), applied.operation, lane != Lane::kBackfill && !applied.only_grants};
  if (urgent) return Measure(change, now);
  awaited_.push_back(change);
}

// The store does not believe a heartbeat from the future (store::kWatermarkAhead); somebody should set that clock
// right.
void Sink::NoteHeartbeat(const SinkInput& input, Time now) {
  const auto* const beat =
      std::visit([](const auto& arrival) { return std::get_if<Heartbeat>(&arrival.envelope.payload); }, input);
  if (beat == nullptr || beat->committed_up_to <= now + store::kWatermarkAhead) return;
  const SourceName& source = OriginOf(input).source;
  if (options_.metrics != nullptr) options_.metrics->CounterOf<Metric::kClockSkew>(source.value).Add(1);
  const auto [warned, is_first] = warned_.try_emplace(source, now);
  if (!is_first && !IsDue(warned->second + kWarnEvery, now, kWarnEvery)) return;
  warned->second = now;
  Log(LogLevel::kWarning, "Heartbeat from the future counts as now.",
      {{"source", source}, {"ahead", beat->committed_up_to - now}});
}

// What a redelivery skips again was superseded, and so is counted once.
void Sink::NoteSkip(const SinkInput& input) {
  const std::string& source = OriginOf(input).source.value;
  if (options_.metrics == nullptr || source.empty()) return;  // a record that cannot be read names no source
  options_.metrics->CounterOf<Metric::kPromisedSkips>(source).Add(CountOf(input));
}

void Sink::Measure(const Awaited& change, Time now) {
  if (options_.on_effect) options_.on_effect(change.origin, change.operation, now);
  if (options_.metrics == nullptr) return;
  const Origin& origin = change.origin;
  const std::string& source = origin.source.value;
  const std::string_view operation = NameOf(change.operation);
  options_.metrics->HistogramOf<Metric::kSearchable>(source, operation).Record(now - origin.committed);
  if (change.promised) {
    options_.metrics->HistogramOf<Metric::kPromised>(source, operation).Record(now - origin.committed);
  }
  if (now < origin.committed) options_.metrics->CounterOf<Metric::kClockSkew>(source).Add(1);
  MeasureSteps(origin, now);
}

// From stamp to stamp. Between the commit and the first of them lies the way from the source's clock to ours.
void Sink::MeasureSteps(const Origin& origin, Time now) {
  const std::string& source = origin.source.value;
  const Time captured = origin.stamps[static_cast<size_t>(freshet::Step::kCaptured)];
  const Duration ahead = origin.committed - (captured == Time{} ? now : captured);
  if (ahead > Duration(0)) options_.metrics->HistogramOf<Metric::kClockAhead>(source).Record(ahead);
  Time before = origin.committed;
  for (size_t i = 0; i < kStepCount; ++i) {
    const Time stamp = static_cast<freshet::Step>(i) == freshet::Step::kIndex ? now : origin.stamps[i];
    if (stamp == Time{}) continue;
    options_.metrics->HistogramOf<Metric::kStageSeconds>(source, freshet::NameOf(static_cast<freshet::Step>(i)))
        .Record(stamp - before);
    before = stamp;
  }
}

bool Sink::RefreshIsDue(bool idle) const {
  if (idle) return dirty_live_ || dirty_backfill_;
  const Time now = options_.clock->Now();
  const auto is_due = [&](Duration every) { return IsDue(refreshed_ + every, now, every); };
  return (dirty_live_ && is_due(options_.live_refresh)) || (dirty_backfill_ && is_due(options_.backfill_refresh));
}

Status Sink::Refresh() {
  FRESHET_RETURN_IF_ERROR(index_.store().Refresh());
  dirty_live_ = dirty_backfill_ = false;
  refreshed_ = options_.clock->Now();
  for (const Awaited& row : awaited_) Measure(row, refreshed_);
  awaited_.clear();
  return OkStatus();
}

Status Sink::MaintainIfDue() {
  const Time now = options_.clock->Now();
  if (!IsDue(maintained_ + options_.maintain_every, now, options_.maintain_every)) return OkStatus();
  maintained_ = now;
  FRESHET_RETURN_IF_ERROR(index_.store().Maintain(now));
  if (options_.on_maintained) options_.on_maintained(index_.store());
  return OkStatus();
}

Result<bool> Sink::HoldOrHalt(const Status& status) {
  if (DispositionOf(status.code()) != Disposition::kRetry) return status;
  if (options_.metrics != nullptr) {
    options_.metrics->CounterOf<Metric::kStageRetries>("index", freshet::NameOf(status.code())).Add(batch_.size());
  }
  retry_at_ = options_.clock->Now() + backoff_.Next();
  return false;
}

}  // namespace freshet::index

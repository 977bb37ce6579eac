// The bodies of Runner (runner.h), which is a template.
#pragma once

#include "common/stage/runner.h"

namespace freshet {

inline std::vector<LaneWeight> WeightsOf(std::span<const Lane> lanes) {
  std::vector<LaneWeight> weights;
  for (const Lane lane : lanes) {
    for (const LaneWeight& row : kContentLanes) {
      if (row.lane == lane) weights.push_back(row);
    }
  }
  return weights;
}

// What has no body passes as it is.
template <class Out, class In>
Envelope<Out> PassOn(const Envelope<In>& envelope) {
  return std::visit(
      [&](const auto& payload) {
        Envelope<Out> out{.origin = envelope.origin, .payload = Skipped{Code::kInternalError}};
        if constexpr (!std::is_same_v<std::decay_t<decltype(payload)>, In>) out.payload = payload;
        return out;
      },
      envelope.payload);
}

template <class StageType>
Runner<StageType>::Runner(StageType& stage, Hooks hooks, RunnerOptions options, std::vector<Connection> connections)
    : stage_(stage), hooks_(std::move(hooks)), options_(options), wheel_([&] {
        std::vector<Lane> lanes;
        for (const Connection& connection : connections) lanes.push_back(connection.lane);
        return WeightsOf(lanes);
      }()) {
  for (Connection& connection : connections) {
    lanes_.push_back({.connection = connection,
                      .backoff = Backoff(options_.backoff, options_.seed + lanes_.size()),
                      .breaker = CircuitBreaker(options_.breaker_threshold)});
  }
}

template <class StageType>
Result<bool> Runner<StageType>::Step() {
  for (const size_t index : wheel_.Order()) {
    FRESHET_ASSIGN_OR_RETURN(const bool worked, StepLane(lanes_[index]));
    if (worked) {
      wheel_.Served(index);
      return true;
    }
  }
  for (LaneState& lane : lanes_) {
    const Status status = lane.connection.out->Tick();
    if (!status.ok()) FRESHET_RETURN_IF_ERROR(HoldOrHalt(lane, status).status());
  }
  return false;
}

template <class StageType>
Result<bool> Runner<StageType>::StepLane(LaneState& lane) {
  const bool waiting = options_.clock->Now() < lane.retry_at;
  if (!lane.unsent.empty()) {
    if (waiting) return false;
    const Status sent = Send(lane);
    if (!sent.ok()) return HoldOrHalt(lane, sent);
  }
  if (waiting) {
    (void)lane.connection.in->Receive({.max_records = 0});  // stays a member of its group
    return false;
  }
  const Result<bool> taken = TakeBatch(lane);
  if (!taken.ok()) return HoldOrHalt(lane, taken.status());
  if (!*taken) return false;
  const Status processed = ProcessSlots(lane);
  if (!processed.ok()) return HoldOrHalt(lane, processed);
  return true;
}

// Fills the lane up to its limits, also a batch that is being retried: what else succeeds tells a poisoned input from a
// world that is down.
template <class StageType>
Result<bool> Runner<StageType>::TakeBatch(LaneState& lane) {
  if (lane.slots.size() < options_.batch.max_records) {
    ReceiveLimits limits = options_.batch;
    limits.max_records -= lane.slots.size();
    FRESHET_ASSIGN_OR_RETURN(std::vector<Arrival<In>> arrivals, lane.connection.in->Receive(limits));
    if (!arrivals.empty()) lane.stored = false;
    for (Arrival<In>& arrival : arrivals) lane.slots.push_back({.arrival = std::move(arrival)});
    stats_.of(lane.connection.lane).received += arrivals.size();
  }
  if (lane.slots.empty()) return false;
  if (!lane.stored && hooks_.before) {
    std::vector<Arrival<In>> batch;
    for (Slot& slot : lane.slots) batch.push_back(std::move(slot.arrival));
    const Status stored = hooks_.before(batch);
    for (size_t i = 0; i < batch.size(); ++i) lane.slots[i].arrival = std::move(batch[i]);
    FRESHET_RETURN_IF_ERROR(stored);
  }
  lane.stored = true;
  return true;
}

template <class StageType>
Status Runner<StageType>::ProcessSlots(LaneState& lane) {
  std::vector<typename StageType::Input> inputs;
  std::vector<Slot*> slots;
  for (Slot& slot : lane.slots) {
    if (slot.done) continue;
    if (const In* body = slot.arrival.envelope.body()) {
      inputs.push_back({slot.arrival.envelope.origin, *body});
      slots.push_back(&slot);
      continue;
    }
    slot.done = PassOn<Out>(slot.arrival.envelope);
  }
  if (!inputs.empty()) {
    const auto begin = std::chrono::steady_clock::now();
    const State state = hooks_.state();
    auto results = stage_.Process(inputs, state);
    stats_.busy_micros += std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin).count();
    if (results.size() != inputs.size()) return Status(Code::kConfiguration, "a stage gave fewer outcomes than inputs");
    bool any_succeeded = false;
    for (size_t i = 0; i < slots.size(); ++i) {
      if (!results[i].ok() && DispositionOf(results[i].code()) == Disposition::kHalt) return results[i].status();
      Finish(lane, *slots[i], std::move(results[i]));
      any_succeeded |= slots[i]->done.has_value();
    }
    Judge(lane, any_succeeded);
  }
  return Send(lane);
}

template <class StageType>
void Runner<StageType>::Finish(LaneState& lane, Slot& slot, Result<typename StageType::Outcome> result) {
  const Origin& origin = slot.arrival.envelope.origin;
  if (!result.ok()) {
    if (DispositionOf(result.code()) == Disposition::kRetry) {
      slot.last = result.code();
      ++stats_.retries;
      return;
    }
    slot.done = Envelope<Out>{.origin = origin, .payload = Skipped{result.code(), stage_.step()}};
    return;
  }
  if (auto* forward = std::get_if<Forward<Out>>(&*result)) {
    slot.done = Envelope<Out>{.origin = origin, .payload = std::move(forward->body)};
  } else {
    slot.done = Envelope<Out>{.origin = origin, .payload = Skipped{std::get<Skipped>(*result).code, stage_.step()}};
  }
}

template <class StageType>
void Runner<StageType>::Judge(LaneState& lane, bool any_succeeded) {
  lane.breaker.OnRound(any_succeeded);
  stats_.circuit_open = lane.breaker.open();
  bool any_left = false;
  for (Slot& slot : lane.slots) {
    if (slot.done) continue;
    if (any_succeeded) ++slot.attempts;
    if (slot.attempts >= options_.alone_attempts) {
      slot.done = Envelope<Out>{.origin = slot.arrival.envelope.origin,
                                .payload = Skipped{Code::kRetriesExhausted, stage_.step()}};
    } else {
      any_left = true;
    }
  }
  if (!any_left) {
    lane.backoff.Reset();
  } else {
    lane.retry_at = options_.clock->Now() + lane.backoff.Next();
  }
}

// Passes on the finished front of the batch: what waits behind a retry keeps its place.
template <class StageType>
Status Runner<StageType>::Send(LaneState& lane) {
  if (lane.unsent.empty()) {
    FRESHET_RETURN_IF_ERROR(WriteDeadLetters(lane));
    size_t count = 0;
    for (; count < lane.slots.size() && lane.slots[count].done; ++count) {
      Slot& slot = lane.slots[count];
      slot.done->origin.StampOf(stage_.step()) = options_.clock->Now();
      const bool skipped = std::holds_alternative<Skipped>(slot.done->payload);
      auto& lane_stats = stats_.of(lane.connection.lane);
      ++(skipped ? lane_stats.skipped : lane_stats.forwarded);
      lane.unsent.push_back({std::move(*slot.done), slot.arrival.position});
    }
    lane.slots.erase(lane.slots.begin(), lane.slots.begin() + count);
    ++stats_.of(lane.connection.lane).batches;
  }
  if (lane.unsent.empty()) return OkStatus();
  const Status sent = lane.connection.out->Send(lane.unsent);
  if (sent.ok() && lane.slots.empty()) lane.backoff.Reset();
  return sent;
}

template <class StageType>
Status Runner<StageType>::WriteDeadLetters(LaneState& lane) {
  std::vector<SkippedInput> letters;
  for (const Slot& slot : lane.slots) {
    if (!slot.done) break;
    const auto& payload = slot.done->payload;
    std::optional<Skipped> skipped;
    if (const auto* skip = std::get_if<Skipped>(&payload)) skipped = *skip;
    if (const auto* lost = std::get_if<Lost>(&payload)) skipped = Skipped{lost->code, lost->stage};
    if (skipped && skipped->stage == stage_.step()) {
      letters.push_back({slot.done->origin, slot.arrival.position, *skipped});
    }
  }
  if (letters.empty() || options_.dead_letters == nullptr) return OkStatus();
  return options_.dead_letters->Write(letters);
}

template <class StageType>
Result<bool> Runner<StageType>::HoldOrHalt(LaneState& lane, const Status& status) {
  if (DispositionOf(status.code()) != Disposition::kRetry) return status;
  if (status.code() == Code::kBackpressure) {
    ++stats_.backpressured;
    (void)lane.connection.in->Receive({.max_records = 0});
    return false;  // the next hop wakes us
  }
  lane.retry_at = options_.clock->Now() + lane.backoff.Next();
  return false;
}

}  // namespace freshet

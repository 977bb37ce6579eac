// The bodies of Runner (runner.h), which is a template.
#pragma once

#include <algorithm>
#include <utility>

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
                      .breaker = CircuitBreaker(options_.breaker_threshold),
                      .batch = BatchSize(options_.batch.max_records, options_.batch_time)});
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
  const Time now = options_.clock->Now();
  if (!IsDue(lane.hold_until, now, options_.backoff.longest)) {
    (void)lane.connection.in->Receive({.max_records = 0});  // stays a member of its group
    return false;
  }
  if (!lane.unsent.empty()) {
    const Status sent = Send(lane);
    if (!sent.ok()) return HoldOrHalt(lane, sent);
  }
  const Result<bool> any_new = TakeBatch(lane);
  if (!any_new.ok()) return HoldOrHalt(lane, any_new.status());
  const bool again = !lane.slots.empty() && IsDue(lane.retry_at, now, options_.backoff.longest);
  if (!*any_new && !again) return false;
  const Status processed = ProcessSlots(lane, again ? Which::kAll : Which::kNew);
  if (!processed.ok()) return HoldOrHalt(lane, processed);
  return true;
}

template <class StageType>
typename Runner<StageType>::Held Runner<StageType>::HeldIn(const LaneState& lane) {
  Held held;
  for (const Slot& slot : lane.slots) {
    const Out* const out = slot.done ? slot.done->body() : nullptr;
    held.bytes += MemoryBytes(slot.arrival) + (out != nullptr ? MemoryBytes(*out) : 0);
    if (!slot.done) ++held.failing;
  }
  return held;
}

// Fills the lane up to its limits, also a batch that is being retried: what else succeeds tells a poisoned input from a
// world that is down.
template <class StageType>
Result<bool> Runner<StageType>::TakeBatch(LaneState& lane) {
  const Held held = HeldIn(lane);
  if (held.failing < options_.batch.max_records && held.bytes < options_.batch.max_bytes) {
    const ReceiveLimits limits{.max_records = std::min(lane.batch.records(), options_.batch.max_records - held.failing),
                               .max_bytes = options_.batch.max_bytes - held.bytes};
    FRESHET_ASSIGN_OR_RETURN(std::vector<Arrival<In>> arrivals, lane.connection.in->Receive(limits));
    if (!arrivals.empty()) lane.stored = false;
    for (Arrival<In>& arrival : arrivals) lane.slots.push_back({.arrival = std::move(arrival)});
    stats_.of(lane.connection.lane).received += arrivals.size();
  } else {
    (void)lane.connection.in->Receive({.max_records = 0});  // stays a member of its group
  }
  const bool any_new = std::ranges::any_of(lane.slots, [](const Slot& slot) { return !slot.done && !slot.tried; });
  if (any_new && !lane.stored && hooks_.before) {
    std::vector<Arrival<In>> batch;
    for (Slot& slot : lane.slots) batch.push_back(std::move(slot.arrival));
    const Status stored = hooks_.before(batch);
    for (size_t i = 0; i < batch.size(); ++i) lane.slots[i].arrival = std::move(batch[i]);
    FRESHET_RETURN_IF_ERROR(stored);
  }
  lane.stored = true;
  return any_new;
}

template <class StageType>
Status Runner<StageType>::ProcessSlots(LaneState& lane, Which which) {
  std::vector<typename StageType::Input> inputs;
  std::vector<Slot*> slots;
  for (Slot& slot : lane.slots) {
    if (slot.done || (slot.tried && which == Which::kNew)) continue;
    if (const In* body = slot.arrival.envelope.body()) {
      inputs.push_back({slot.arrival.envelope.origin, *body});
      slots.push_back(&slot);
      continue;
    }
    slot.done = PassOn<Out>(slot.arrival.envelope);
  }
  if (!inputs.empty()) {
    const auto begin = std::chrono::steady_clock::now();
    const Time begun = options_.clock->Now();  // this one a simulation moves: what follows from it can be replayed
    const State state = hooks_.state();
    auto results = stage_.Process(inputs, state);
    stats_.busy_micros += std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin).count();
    lane.batch.Processed(inputs.size(), options_.clock->Now() - begun);
    if (results.size() != inputs.size()) return Status(Code::kConfiguration, "a stage gave fewer outcomes than inputs");
    for (size_t i = 0; i < slots.size(); ++i) {
      if (!results[i].ok() && DispositionOf(results[i].code()) == Disposition::kHalt) return results[i].status();
      Finish(lane, *slots[i], std::move(results[i]));
    }
    Judge(lane, slots, which);
  }
  if (hooks_.after) FRESHET_RETURN_IF_ERROR(hooks_.after());
  return Send(lane);
}

template <class StageType>
void Runner<StageType>::Finish(LaneState& lane, Slot& slot, Result<typename StageType::Outcome> result) {
  const Origin& origin = slot.arrival.envelope.origin;
  if (!result.ok()) {
    if (DispositionOf(result.code()) == Disposition::kRetry) {
      ++stats_.retries_of(result.code());
      return;
    }
    slot.done = Envelope<Out>{.origin = origin, .payload = Skipped{result.code(), stage_.step()}};
  } else if (auto* forward = std::get_if<Forward<Out>>(&*result)) {
    slot.done = Envelope<Out>{.origin = origin, .payload = std::move(forward->body)};
  } else {
    slot.done = Envelope<Out>{.origin = origin, .payload = Skipped{std::get<Skipped>(*result).code, stage_.step()}};
  }
  slot.arrival.envelope.payload = Present{};  // its body's memory goes while it may still wait behind another
}

template <class StageType>
void Runner<StageType>::Judge(LaneState& lane, std::span<Slot* const> tried, Which which) {
  for (Slot* const slot : tried) {
    if (!slot->tried) slot->successes_seen = successes_;
    slot->tried = true;
  }
  if (std::ranges::any_of(tried, [](const Slot* slot) { return slot->done.has_value(); })) ++successes_;
  lane.breaker.OnRound(std::exchange(lane.successes_seen, successes_) != successes_);
  stats_.circuit_open = lane.breaker.open();
  const bool is_alone = HeldIn(lane).failing == 1;
  for (Slot* const slot : tried) {
    if (!slot->done && GivesUp(*slot, is_alone)) Finish(lane, *slot, Status(Code::kRetriesExhausted));
  }
  if (HeldIn(lane).failing == 0) {
    lane.backoff.Reset();
  } else if (which == Which::kAll) {
    lane.retry_at = options_.clock->Now() + lane.backoff.Next();
  }
}

template <class StageType>
bool Runner<StageType>::GivesUp(Slot& slot, bool is_alone) const {
  const bool others_succeed = std::exchange(slot.successes_seen, successes_) != successes_;
  if (others_succeed) ++slot.attempts;
  const Time now = options_.clock->Now();
  if (!is_alone || others_succeed) {
    slot.alone_since.reset();
  } else if (!slot.alone_since || *slot.alone_since > now) {
    slot.alone_since = now;
  }
  return slot.attempts >= options_.alone_attempts ||
         (slot.alone_since && now - *slot.alone_since >= options_.alone_limit);
}

// Order matters within a partition, where progress is counted and heartbeats vouch for what lies before them.
template <class StageType>
std::vector<typename Runner<StageType>::Slot*> Runner<StageType>::Ready(LaneState& lane) {
  std::vector<Slot*> ready;
  std::set<std::pair<Stream, Partition>> held_back;
  for (Slot& slot : lane.slots) {
    const std::pair where(slot.arrival.position.stream, slot.arrival.position.partition);
    if (!slot.done) held_back.insert(where);
    if (held_back.empty() || !held_back.contains(where)) ready.push_back(&slot);
  }
  return ready;
}

template <class StageType>
Status Runner<StageType>::Send(LaneState& lane) {
  if (lane.unsent.empty()) {
    const std::vector<Slot*> ready = Ready(lane);
    FRESHET_RETURN_IF_ERROR(WriteDeadLetters(ready));
    auto& lane_stats = stats_.of(lane.connection.lane);
    for (Slot* const slot : ready) {
      slot->done->origin.StampOf(stage_.step()) = options_.clock->Now();
      ++(std::holds_alternative<Skipped>(slot->done->payload) ? lane_stats.skipped : lane_stats.forwarded);
      lane.unsent.push_back({std::move(*slot->done), slot->arrival.position, slot->arrival.tenure});
      slot->sent = true;
    }
    std::erase_if(lane.slots, [](const Slot& slot) { return slot.sent; });
    ++lane_stats.batches;
  }
  if (lane.unsent.empty()) return OkStatus();
  const Status sent = lane.connection.out->Send(lane.unsent);
  if (sent.ok() && lane.slots.empty()) lane.backoff.Reset();
  return sent;
}

template <class StageType>
Status Runner<StageType>::WriteDeadLetters(std::span<Slot* const> slots) {
  std::vector<SkippedInput> letters;
  for (const Slot* const slot : slots) {
    const auto& payload = slot->done->payload;
    std::optional<Skipped> skipped;
    if (const auto* skip = std::get_if<Skipped>(&payload)) skipped = *skip;
    if (const auto* lost = std::get_if<Lost>(&payload)) skipped = Skipped{lost->code, lost->stage};
    if (skipped && skipped->stage == stage_.step()) {
      letters.push_back({slot->done->origin, slot->arrival.position, *skipped});
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
  stats_.retries_of(status.code()) += lane.unsent.size();
  lane.hold_until = options_.clock->Now() + lane.backoff.Next();
  return false;
}

}  // namespace freshet

#include "services/index/backfill_watch.h"

#include <algorithm>

#include "common/base/overloaded.h"

namespace freshet::index {

void BackfillWatch::TurnClock(Partition partition, Time captured) {
  if (captured == Time()) return;
  Time& latest = captured_[partition];
  if (captured <= latest) return;
  const bool held = latest <= clock_;
  latest = captured;
  if (!held) return;
  const auto oldest = std::min_element(captured_.begin(), captured_.end(),
                                       [](const auto& one, const auto& other) { return one.second < other.second; });
  clock_ = std::max(clock_, oldest->second);
  if (began_ == Time()) began_ = clock_;
}

bool BackfillWatch::IsProgress(const Envelope<EmbeddedDocument>& envelope, Seen& seen) {
  if (const auto* const edge = std::get_if<SnapshotEdge>(&envelope.payload)) {
    const bool begins = edge->side == SnapshotEdge::Side::kBegin;
    return !std::exchange(seen.open, begins) || !begins;
  }
  return !std::holds_alternative<Heartbeat>(envelope.payload) && envelope.origin.revision.deid_run == 0;
}

void BackfillWatch::Took(const Arrival<EmbeddedDocument>& arrival, Time now) {
  const Envelope<EmbeddedDocument>& envelope = arrival.envelope;
  const std::lock_guard lock(mutex_);
  took_ = now;
  // A connector whose clock is ahead does not turn ours.
  TurnClock(arrival.position.partition, std::min(envelope.origin.StampOf(Step::kCaptured), now));
  if (envelope.origin.source.value.empty()) return;  // a record that cannot be read names no source
  Seen& seen = sources_.try_emplace(envelope.origin.source, Seen{.moved = began_}).first->second;
  if (IsProgress(envelope, seen)) seen.moved = clock_;
}

Duration BackfillWatch::StoodStill(const SourceName& source, Time now) const {
  const std::lock_guard lock(mutex_);
  const auto seen = sources_.find(source);
  const Time moved = seen == sources_.end() ? began_ : seen->second.moved;
  return std::max({now - took_, clock_ - moved, Duration(0)});
}

}  // namespace freshet::index

#include "connectors/source/arrivals.h"

#include "common/base/bytes.h"

namespace freshet {
namespace {

constexpr size_t kIdentities = 65536;
constexpr std::string_view kGroupNote = "g/";

}  // namespace

Arrivals::Arrivals(size_t most_bytes) : inbox_(most_bytes), identities_(kIdentities) {}

void Arrivals::Open(const SourceStart& start) {
  clock_ = start.clock;
  vouched_ = std::max(vouched_, clock_->Now());  // a run before this one may have vouched for as much
  arrival_ = start.epoch << 32;
  unsaved_ = false;
  groups_.clear();
  for (const auto& [note, bytes] : start.notes) {
    if (note.starts_with(kGroupNote)) (void)ByteReader(bytes).Big64(groups_[note.substr(kGroupNote.size())]);
  }
  inbox_.Open();
}

SourceBatch Arrivals::Stream(Duration wait) {
  SourceBatch batch;
  const Time begin = clock_->Now();
  batch.events = inbox_.Take(wait);
  const bool took = !batch.events.empty();
  std::erase_if(batch.events, [&](const ChangeEvent& event) { return IsSuperseded(event, batch); });
  for (ChangeEvent& event : batch.events) Stamp(event);
  unsaved_ |= !batch.notes.empty();
  // A batch without events is passed on only with a position; its senders wait for their answers too.
  if (took && (unsaved_ || batch.events.empty())) batch.position = "1";
  if (inbox_.empty()) batch.complete_up_to = vouched_ = std::max(vouched_, begin);
  return batch;
}

bool Arrivals::IsSuperseded(const ChangeEvent& event, SourceBatch& batch) {
  const uint64_t position = event.origin.version.position;
  if (const auto* const identity = std::get_if<IdentityChange>(&event.change)) {
    return !identities_.Advance(HashOf(identity->patient.value + '\0' + identity->identity), position);
  }
  const auto* const group = std::get_if<GroupChange>(&event.change);
  if (group == nullptr) return false;
  uint64_t& newest = groups_[group->group.value];
  if (position < newest) return true;
  newest = position;
  std::string bytes;
  AppendBig64(bytes, position);
  batch.notes.emplace_back(std::string(kGroupNote) + group->group.value, std::move(bytes));
  return false;
}

void Arrivals::Stamp(ChangeEvent& event) {
  if (event.origin.version.ordinal == 0) event.origin.version.ordinal = ++arrival_;
  event.origin.committed = std::max(std::min(event.origin.committed, clock_->Now()), vouched_ + Duration(1));
}

void Arrivals::Acknowledge(const std::string& position) {
  if (!position.empty()) unsaved_ = false;
  inbox_.Done();
}

}  // namespace freshet

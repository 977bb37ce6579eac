// Snapshots of a source: at the end, what they did not mention is deleted. And watermarks, and lost records.
//
// A document is mentioned by content, a skip or a MarkPresent whose version is at least the snapshot's begin, from any
// lane: so mentions are registers, and need no order. What arrives later, older than the snapshot and not mentioned by
// it, is as gone as what was there. Edges arrive on every partition of the stream that carries the
// snapshot; the decision is taken when all partitions have told of the end.
#include <algorithm>

#include "common/store/apply.h"
#include "common/store/registers.h"

namespace freshet::store {
namespace {

constexpr size_t kDeletesPerBatch = 10'000;  // more go into the batches that follow

}  // namespace

SnapshotState& Applier::Restart(const Mutation& mutation, const Version& begin) {
  SnapshotState& snapshot = batch_.snapshots.Edit({SourceOf(mutation), mutation.origin.collection});
  snapshot = {.begin = begin, .stream = mutation.position.stream, .floor = snapshot.floor};
  return snapshot;
}

// True for content, or a skip, that a snapshot has told is gone before it arrived. Who kept it on the way is to be
// told.
bool Applier::IsBelowFloor(const Space& space, const Mutation& mutation, const DocumentHead* known) {
  const Origin& origin = mutation.origin;
  const SnapshotState* snapshot = batch_.snapshots.Find({SourceOf(mutation), origin.collection});
  if (snapshot == nullptr || origin.version >= snapshot->floor) return false;
  if (known != nullptr && (NewestOf(*known) >= snapshot->floor || known->present >= snapshot->floor)) return false;
  if (IsMentionedElsewhere(space, KeyOf(mutation), snapshot->floor)) return false;
  batch_.PutGone(space, KeyOf(mutation), snapshot->floor);
  return true;
}

Applier::Effect Applier::Do(const Mutation& mutation, const BeginSnapshot& change) {
  const SnapshotId id{SourceOf(mutation), mutation.origin.collection};
  const SnapshotState* known = batch_.snapshots.Find(id);
  const Partition partition = mutation.position.partition;
  if (known == nullptr || known->begin < change.begin) {
    Restart(mutation, change.begin).begun.insert(partition);
  } else if (known->begin == change.begin && known->phase == SnapshotState::Phase::kOpen) {
    batch_.snapshots.Edit(id).begun.insert(partition);
  }
  return {};
}

Applier::Effect Applier::Do(const Mutation& mutation, const EndSnapshot& change) {
  const SnapshotId id{SourceOf(mutation), mutation.origin.collection};
  const SnapshotState* known = batch_.snapshots.Find(id);
  const Partition partition = mutation.position.partition;
  if (known == nullptr || known->begin < change.begin) {
    Restart(mutation, change.begin);
  } else if (known->begin > change.begin || known->phase != SnapshotState::Phase::kOpen) {
    return {};
  }
  SnapshotState& snapshot = batch_.snapshots.Edit(id);
  // An end whose begin was never seen: mentions may be missing too.
  if (!snapshot.begun.contains(partition)) snapshot.doubtful = true;
  snapshot.ended.insert(partition);
  if (snapshot.ended.size() >= options_.partitions) Decide(id, snapshot);
  return {};
}

void Applier::Decide(const SnapshotId& id, SnapshotState& snapshot) {
  uint64_t documents = 0;
  uint64_t unmentioned = 0;
  const std::vector<Space*> spaces = state_.SpacesOf(id.collection);
  const auto is_counted = [&](const SourceKey& key, const Space* up_to) {
    for (const Space* space : spaces) {
      if (space == up_to) return false;
      const DocumentHead* const head = batch_.documents(*space).Find(key);
      if (head != nullptr && head->has_content()) return true;
    }
    return false;
  };
  for (const Space* space : spaces) {
    batch_.documents(*space).ForEach([&](const SourceKey& key, const DocumentHead& head) {
      if (key.source != id.source || !head.has_content() || is_counted(key, space)) return true;
      ++documents;
      if (IsUnmentioned(head, snapshot.begin) && !IsMentionedElsewhere(*space, key, snapshot.begin)) ++unmentioned;
      return true;
    });
  }
  const auto own = options_.mass_delete_of.find(state_.source_names.at(id.source));
  const MassDeleteLimits& limits = own == options_.mass_delete_of.end() ? options_.mass_delete : own->second;
  const bool many = unmentioned > limits.documents &&
                    static_cast<double>(unmentioned) > limits.share * static_cast<double>(documents);
  const bool hold = unmentioned > 0 && (many || snapshot.doubtful);
  snapshot.phase = hold ? SnapshotState::Phase::kHeld : SnapshotState::Phase::kDeleting;
  snapshot.held = hold ? unmentioned : 0;
  if (!hold) snapshot.floor = snapshot.begin;
}

Applier::Effect Applier::Do(const Mutation& mutation, const ConfirmDeletes& change) {
  const SourceNumber source = SourceOf(mutation);
  std::vector<SnapshotId> held;
  batch_.snapshots.ForEach([&](const SnapshotId& id, const SnapshotState& snapshot) {
    const bool meant = id.source == source && snapshot.begin == change.begin;
    if (meant && snapshot.phase == SnapshotState::Phase::kHeld) held.push_back(id);
    return true;
  });
  for (const SnapshotId& id : held) {
    SnapshotState& snapshot = batch_.snapshots.Edit(id);
    snapshot.phase = SnapshotState::Phase::kDeleting;
    snapshot.held = 0;
    snapshot.floor = snapshot.begin;
  }
  return {};
}

void Applier::RunSnapshotDeletes() {
  std::vector<std::pair<SnapshotId, Version>> running;
  batch_.snapshots.ForEach([&](const SnapshotId& id, const SnapshotState& snapshot) {
    if (snapshot.phase == SnapshotState::Phase::kDeleting) running.emplace_back(id, snapshot.begin);
    return true;
  });
  size_t budget = kDeletesPerBatch;
  for (const auto& [id, begin] : running) {
    if (RunDeletesOf(id, begin, budget)) batch_.snapshots.Edit(id).phase = SnapshotState::Phase::kDone;
  }
}

// True where nothing is left to delete. Documents are judged as they are now: what came in meanwhile stays.
bool Applier::RunDeletesOf(const SnapshotId& id, const Version& begin, size_t& budget) {
  for (const Space* space : state_.SpacesOf(id.collection)) {
    std::vector<SourceKey> gone;
    bool all = true;
    batch_.documents(*space).ForEach([&](const SourceKey& key, const DocumentHead& head) {
      if (key.source != id.source || !IsUnmentioned(head, begin)) return true;
      if (IsMentionedElsewhere(*space, key, begin)) return true;
      all = gone.size() < budget;
      if (all) gone.push_back(key);
      return all;
    });
    for (const SourceKey& key : gone) {
      Delete(*space, key, begin);
      batch_.PutGone(*space, key, begin);
    }
    budget -= gone.size();
    if (!all) return false;
  }
  return true;
}

Applier::Effect Applier::Do(const Mutation& mutation, const AdvanceTime& change) {
  const WatermarkId id{SourceOf(mutation), mutation.position.stream, mutation.position.partition};
  const Time* known = batch_.watermarks.Find(id);
  // Neither what a source claims of the future, nor what was stored while our own clock was ahead, is believed.
  const Time latest = now_ + kWatermarkAhead;
  const Time told = change.committed_up_to > latest ? now_ : change.committed_up_to;
  if (known == nullptr || *known < told || *known > latest) batch_.watermarks.Edit(id) = told;
  return {};
}

// What is lost may have been a mention.
Applier::Effect Applier::Do(const Mutation& mutation, const LoseRecords& change) {
  std::vector<SnapshotId> open;
  batch_.snapshots.ForEach([&](const SnapshotId& id, const SnapshotState& snapshot) {
    const bool affected = snapshot.stream == mutation.position.stream && !snapshot.doubtful &&
                          !snapshot.ended.contains(mutation.position.partition);
    if (affected && snapshot.phase == SnapshotState::Phase::kOpen) open.push_back(id);
    return true;
  });
  for (const SnapshotId& id : open) batch_.snapshots.Edit(id).doubtful = true;
  return {.outcome = Outcome::kSkipped, .stage = change.stage, .code = change.code};
}

}  // namespace freshet::store

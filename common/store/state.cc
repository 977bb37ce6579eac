#include "common/store/state.h"

#include <algorithm>

#include "common/store/registers.h"

namespace freshet::store {

std::vector<Space*> State::SpacesOf(const CollectionName& collection) const {
  std::vector<Space*> found;
  for (const auto& [id, space] : spaces) {
    if (space->record.collection == collection) found.push_back(space.get());
  }
  return found;
}

Space* State::FindSpace(const CollectionName& collection, uint32_t generation) const {
  for (Space* space : SpacesOf(collection)) {
    if (space->id.generation == generation) return space;
  }
  return nullptr;
}

const Space* State::Served(const CollectionName& collection) const {
  const std::vector<Space*> found = SpacesOf(collection);
  return found.empty() ? nullptr : found.front();
}

Time State::WatermarkOf(SourceNumber source, Stream stream, uint32_t partitions) const {
  Time oldest = Time::max();
  for (uint32_t partition = 0; partition < partitions; ++partition) {
    const auto found = watermarks.find({source, stream, Partition(partition)});
    if (found == watermarks.end()) return Time();
    oldest = std::min(oldest, found->second);
  }
  return oldest;
}

Offset State::NextOffset(Stream stream, Partition partition) const {
  std::shared_lock lock(mutex);
  const auto account = accounts.find({stream, partition});
  return account == accounts.end() ? Offset() : account->second.next;
}

std::map<PartitionId, Account> State::Accounts() const {
  std::shared_lock lock(mutex);
  return accounts;
}

std::vector<HeldDeletes> State::Held() const {
  std::vector<HeldDeletes> held;
  std::shared_lock lock(mutex);
  for (const auto& [id, snapshot] : snapshots) {
    if (snapshot.phase != SnapshotState::Phase::kHeld) continue;
    held.push_back({source_names.at(id.source), id.collection, snapshot.held, snapshot.begin});
  }
  return held;
}

std::map<SourceName, std::map<Code, uint64_t>> State::Skipped() const {
  std::map<SourceName, std::map<Code, uint64_t>> skipped;
  std::shared_lock lock(mutex);
  for (const auto& [id, space] : spaces) {
    if (Served(space->record.collection) != space.get()) continue;
    for (const auto& [why, count] : space->skipped) skipped[source_names.at(why.first)][why.second] += count;
  }
  return skipped;
}

void State::ForEachDocument(const std::function<bool(const KnownDocument&)>& visit) const {
  std::shared_lock lock(mutex);
  for (const auto& [id, space] : spaces) {
    if (Served(space->record.collection) != space.get()) continue;
    for (const auto& [key, head] : space->documents) {
      const std::optional<DocumentState> known = StateOf(head, space->withhold_outdated);
      if (!known) continue;
      const auto has_none = [](const ChunkRef& chunk) { return !chunk.vector; };
      const bool lacks = std::any_of(head.chunks.begin(), head.chunks.end(), has_none);
      if (!visit({source_names.at(key.source), space->record.collection, DocumentId(key.id), NewestOf(head), *known,
                  lacks})) {
        return;
      }
    }
  }
}

}  // namespace freshet::store

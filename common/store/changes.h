// Changes: what a commit does to memory, once RocksDB has it: decided by a Batch where the index is written, read back
// where it is only followed (follower_changes.h).
//
//   Publish(changes, state);
//
// Plain values. Publish: only by the thread that changes the state.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "common/store/state.h"

namespace freshet::store {

struct AddedChunk {
  DocumentOrdinal document;
  const PutChunk* chunk = nullptr;     // lives as long as the mutations; null where it was read back
  const std::string* title = nullptr;  // same
};

struct AddedVector {
  DocumentOrdinal document;
  std::shared_ptr<const std::vector<uint16_t>> all;
  size_t begin = 0;

  std::span<const uint16_t> half(uint32_t dimensions) const { return std::span(*all).subspan(begin, dimensions); }
};

// What happens to the chunks of one space. A chunk that is added and removed in one commit appears in neither.
struct ChunkChanges {
  std::map<ChunkOrdinal, AddedChunk> added;
  std::map<ChunkOrdinal, AddedVector> vectors;
  std::set<ChunkOrdinal> removed;

  bool empty() const { return added.empty() && removed.empty(); }
};

// What happens to the inverted lists of one space.
struct ListChanges {
  std::shared_ptr<const VectorLists> lists;  // as they are now; null: the same
  std::map<uint32_t, uint64_t> entries;      // of lists written anew: how many
  std::map<uint32_t, uint64_t> appended;     // to others: how many
  std::map<uint32_t, std::string> behind;    // what is appended (vector_list.h)
  // Where it is read back, it is not known how a list changed, nor, of an older writer, which.
  std::set<uint32_t> touched;
  bool any_touched = false;
};

struct Changes {
  uint64_t commit = 0;  // the state's from then on
  std::map<SpaceId, SpaceRecord> records;
  std::map<SpaceId, std::map<SourceKey, DocumentHead>> documents;  // as they are now; one that says nothing is gone
  std::map<SpaceId, ChunkChanges> chunks;
  std::map<SpaceId, ListChanges> lists;
  std::map<uint32_t, GenerationTable> generations;  // by collection
  std::set<SpaceId> dropped;
  std::map<SourceKey, ScopeLists> scopes;
  std::map<SourceKey, GroupMembers> groups;
  std::map<SourceKey, Consent> consents;
  std::map<PartitionId, Account> accounts;
  std::map<WatermarkId, Time> watermarks;
  std::map<SnapshotId, SnapshotState> snapshots;
};

// Into memory: of all but `chunks` and `lists` nothing is left in `changes`. Takes the state's exclusive lock.
void Publish(Changes& changes, State& state);

}  // namespace freshet::store

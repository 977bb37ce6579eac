// State: all that the index store holds in memory, loaded at Open. The writer thread changes it, after the write to
// disk succeeded, under the exclusive lock; everyone reads it under the shared one; the writer thread alone reads it
// without.
//
//   std::shared_lock lock(state.mutex);
//   const Space* space = state.Served(policies);
#pragma once

#include <map>
#include <memory>
#include <set>
#include <shared_mutex>
#include <vector>

#include "common/store/generation_store.h"
#include "common/store/generations.h"
#include "common/store/group_graph.h"
#include "common/store/progress_record.h"
#include "common/store/space.h"
#include "common/store/vector_list_cache.h"

namespace freshet::store {

struct WatermarkId {
  SourceNumber source;
  Stream stream;
  Partition partition;
  auto operator<=>(const WatermarkId&) const = default;
};

struct SnapshotId {
  SourceNumber source;
  CollectionName collection;
  auto operator<=>(const SnapshotId&) const = default;
};

using PartitionId = std::pair<Stream, Partition>;

struct State {
  mutable std::shared_mutex mutex;
  uint64_t commit = 0;  // of the newest batch

  std::map<SourceName, SourceNumber> source_numbers;
  std::map<SourceNumber, SourceName> source_names;
  std::map<SpaceId, std::shared_ptr<Space>> spaces;  // shared with the views that read them
  std::map<uint32_t, GenerationTable> generations;   // by collection, where there is or was more than one
  std::shared_ptr<VectorListCache> resident_lists;   // of all spaces; has a lock of its own
  std::vector<Stream> content_streams;               // IndexStoreOptions
  uint32_t partitions = 1;                           // same

  ScopeTable scopes;
  std::map<SourceKey, GroupMembers> groups;
  GroupGraph graph;
  std::map<SourceKey, Consent> consents;

  std::map<PartitionId, Account> accounts;
  std::map<PartitionId, Offset> durable;
  std::map<WatermarkId, Time> watermarks;
  std::map<SnapshotId, SnapshotState> snapshots;

  // All generations of a collection, oldest first.
  std::vector<Space*> SpacesOf(const CollectionName& collection) const;
  Space* FindSpace(const CollectionName& collection, uint32_t generation) const;
  // The generation that queries read: the oldest, until it is switched. Null for an unknown collection.
  const Space* Served(const CollectionName& collection) const;
  // Whether this is the one of its collection.
  bool IsServed(const Space& space) const;
  // Another generation of the collection, where it has content of the document that is newer than all that `space` has.
  const Space* AheadOf(const Space& space, const SourceKey& document) const;
  bool IsOriginalGone(const Space& space, const Space& ahead, const DocumentHead& head) const;
  uint64_t CountBehind(const Space& space) const;
  // Space::behind of a collection's generations, where that is not known from commit to commit: loaded, or switched.
  void FindBehind(uint32_t collection);
  // What the content streams vouch for, in their order.
  std::vector<Time> ContentTimes(SourceNumber source) const;
  // The oldest heartbeat over all partitions of a stream; the epoch where one has told of none.
  Time WatermarkOf(SourceNumber source, Stream stream, uint32_t partitions) const;

  // What IndexReader gives; these take the shared lock.
  Offset NextOffset(Stream stream, Partition partition) const;
  std::map<PartitionId, Account> Accounts() const;
  std::vector<HeldDeletes> Held() const;
  std::map<SourceName, std::map<Code, uint64_t>> Skipped() const;
  std::vector<GenerationInfo> ListGenerations() const;
  void ForEachDocument(const std::function<bool(const KnownDocument&)>& visit) const;
};

}  // namespace freshet::store

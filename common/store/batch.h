// Batch: everything that one Apply does, gathered before any of it is done: then one write to RocksDB, then memory.
//
//   Batch batch(state);
//   batch.documents(space).Edit(key) = head;   batch.AddChunk(space, ...);
//   rocksdb::WriteBatch& writes = batch.Encode();         // effects, journal, progress and commit number together
//   if (database.Write(writes, ...).ok()) batch.Publish(state);
//
// Each record is encoded once, however often the batch changed it. Only the writer thread.
#pragma once

#include <rocksdb/write_batch.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/store/database.h"
#include "common/store/staged.h"
#include "common/store/state.h"

namespace freshet::store {

struct AddedChunk {
  DocumentOrdinal document;
  const PutChunk* chunk = nullptr;     // lives as long as the mutations
  const std::string* title = nullptr;  // same
};

struct AddedVector {
  DocumentOrdinal document;
  std::shared_ptr<const std::vector<uint16_t>> all;
  size_t begin = 0;

  std::span<const uint16_t> half(uint32_t dimensions) const { return std::span(*all).subspan(begin, dimensions); }
};

// What a batch does to the chunks of one space. A chunk that is added and removed in one batch appears in neither.
struct ChunkChanges {
  std::map<ChunkOrdinal, AddedChunk> added;
  std::map<ChunkOrdinal, AddedVector> vectors;
  std::set<ChunkOrdinal> removed;

  bool empty() const { return added.empty() && removed.empty(); }
};

class Batch {
 public:
  using Documents = Staged<std::unordered_map<SourceKey, DocumentHead>>;

  Batch(const State& state, Database& database);

  uint64_t commit() const { return commit_; }
  Documents& documents(const Space& space);
  SpaceRecord& EditSpace(const Space& space);
  const SpaceRecord& space_record(const Space& space) const;

  void PutBody(const Space& space, DocumentOrdinal document, std::string_view body);
  void PutChunkRecord(const Space& space, ChunkOrdinal chunk, DocumentOrdinal document, std::string_view record);
  void AddChunk(const Space& space, ChunkOrdinal chunk, const AddedChunk& added);
  void AddVector(const Space& space, ChunkOrdinal chunk, const AddedVector& added);
  void RemoveChunk(const Space& space, const ChunkRef& chunk);
  void RemoveBody(const Space& space, DocumentOrdinal document);
  void PutTombstone(const Space& space, const SourceKey& document, Time expires);
  void RemoveTombstone(std::string_view key);

  const std::map<SpaceId, ChunkChanges>& chunk_changes() const { return chunks_; }
  bool changes_anything() const;

  // All of it as one write. Once, at the end.
  rocksdb::WriteBatch& Encode();
  // Into memory, after the write succeeded. Takes the state's exclusive lock.
  void Publish(State& state);

  Staged<ScopeTable> scopes;
  Staged<std::map<SourceKey, GroupMembers>> groups;
  Staged<std::map<SourceKey, Consent>> consents;
  Staged<std::map<PartitionId, Account>> accounts;
  Staged<std::map<WatermarkId, Time>> watermarks;
  Staged<std::map<SnapshotId, SnapshotState>> snapshots;

 private:
  void Put(Family family, std::string_view key, std::string_view value);
  void Remove(Family family, std::string_view key);
  void EncodeDocuments();
  void EncodeTables();
  void PublishVectors(State& state);
  void PublishChunks(State& state);
  void PublishDocuments(State& state);
  void PublishAccess(State& state);
  void PublishGroups(State& state);

  const State& state_;
  Database& database_;
  uint64_t commit_;
  std::map<SpaceId, Documents> documents_;
  std::map<SpaceId, SpaceRecord> records_;
  std::map<SpaceId, ChunkChanges> chunks_;
  rocksdb::WriteBatch writes_;
};

}  // namespace freshet::store

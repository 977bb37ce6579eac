// Batch: everything that one Apply does, gathered before any of it is done: then one write to RocksDB, then memory.
//
//   Batch batch(state);
//   batch.documents(space).Edit(key) = head;   batch.AddChunk(space, ...);
//   rocksdb::WriteBatch& writes = batch.Encode();         // effects, journal, progress and commit number together
//   if (database.Write(writes, ...).ok()) Publish(batch.changes(), state);
//
// Each record is encoded once, however often the batch changed it. Only the writer thread.
#pragma once

#include <rocksdb/write_batch.h>

#include <map>
#include <string>

#include "common/store/changes.h"
#include "common/store/database.h"
#include "common/store/staged.h"
#include "common/store/state.h"

namespace freshet::store {

class Batch {
 public:
  using Documents = Staged<std::unordered_map<SourceKey, DocumentHead>>;

  Batch(const State& state, Database& database);

  uint64_t commit() const { return changes_.commit; }
  Documents& documents(const Space& space);
  SpaceRecord& EditSpace(const Space& space);
  const SpaceRecord& space_record(const Space& space) const;

  void PutBody(const Space& space, DocumentOrdinal document, std::string_view body);
  void PutChunkRecord(const Space& space, ChunkOrdinal chunk, DocumentOrdinal document, std::string_view record);
  void AddChunk(const Space& space, ChunkOrdinal chunk, const AddedChunk& added);
  void AddVector(const Space& space, ChunkOrdinal chunk, const AddedVector& added);
  // Inverted lists. A list that is put takes the place of what was there; what is appended later comes behind it.
  void PutList(const Space& space, uint32_t list, std::string_view entries);
  void AppendToList(const Space& space, uint32_t list, const ListEntry& entry);
  void RemoveList(const Space& space, uint32_t list);
  // The lists' centroids from now on; those of `changed` are written.
  void PutCentroids(const Space& space, std::shared_ptr<const VectorLists> lists, const std::set<uint32_t>& changed);
  void RemoveChunk(const Space& space, const ChunkRef& chunk);
  void RemoveBody(const Space& space, DocumentOrdinal document);
  void PutTombstone(const Space& space, const SourceKey& document, Time expires);
  void RemoveTombstone(std::string_view key);
  void PutGenerations(uint32_t collection, GenerationTable generations);
  // All that is stored of it.
  void RemoveSpace(const Space& space);
  void PutGone(const Space& space, const SourceKey& document, const Version& version);
  void RemoveGone(const Space& space, const SourceKey& document);

  bool changes_anything() const;

  // All of it as one write. Once, at the end.
  rocksdb::WriteBatch& Encode();
  // What the write does to memory; whole after Encode.
  Changes& changes() { return changes_; }
  uint64_t touched_bytes() const { return touched_bytes_; }

  Staged<ScopeTable> scopes;
  Staged<std::map<SourceKey, GroupMembers>> groups;
  Staged<std::map<SourceKey, Consent>> consents;
  Staged<std::map<PartitionId, Account>> accounts;
  Staged<std::map<WatermarkId, Time>> watermarks;
  Staged<std::map<SnapshotId, SnapshotState>> snapshots;

 private:
  void Merge(Family family, std::string_view key, std::string_view value);
  void Put(Family family, std::string_view key, std::string_view value);
  void Remove(Family family, std::string_view key);
  void RemovePrefix(Family family, const std::string& prefix);
  void EncodeDocuments();
  void EncodeTables();
  void Gather();

  const State& state_;
  Database& database_;
  std::map<SpaceId, Documents> documents_;
  Changes changes_;
  uint64_t touched_bytes_ = 0;
  rocksdb::WriteBatch writes_;
};

}  // namespace freshet::store

// ViewImpl: a View over RocksDB, lexical readers and the vectors' commit numbers, all of one commit; and,
// for access, deletes and withholds, over the state as it is now.
#pragma once

#include <rocksdb/snapshot.h>

#include <map>
#include <memory>

#include "common/store/core.h"
#include "common/store/lexical.h"
#include "common/store/vector_audit.h"

namespace freshet::store {

// One collection as of the view's commit.
struct ViewSpace {
  std::shared_ptr<const Space> space;
  std::shared_ptr<const LexicalReader> lexical;
  // One of them, once there are vectors.
  std::shared_ptr<const VectorIndex> vectors;
  std::shared_ptr<const VectorLists> lists;
  uint32_t dimensions = 0;
  uint32_t next_chunk = 0;     // chunks from here on are newer than the view
  uint32_t next_document = 0;  // documents from here on are newer than the view
  uint64_t document_count = 0;
  uint64_t chunk_count = 0;
};

using LexicalReaders = std::map<SpaceId, std::shared_ptr<const LexicalReader>>;
// Of the collections' served generations, and of `instead` in the place of its collection's; each must have a reader.
std::map<CollectionName, ViewSpace> SpacesOfView(const State& state, const LexicalReaders& readers,
                                                 SpaceId instead = {});

class ViewImpl final : public View {
 public:
  // Of the state's newest commit, so only from the thread that changes the state. Takes a snapshot, unless the index is
  // only followed: then Document, Chunk and Lookup leave out what has changed since (core.h, FollowerReads).
  ViewImpl(std::shared_ptr<const Core> core, std::map<CollectionName, ViewSpace> spaces);
  ~ViewImpl() override;

  uint64_t commit() const override { return commit_; }
  bool IsOf(const Core& core, uint64_t commit) const { return core_.get() == &core && commit_ == commit; }
  std::vector<CollectionName> Collections() const override;
  uint32_t Generation(const CollectionName& collection) const override;
  std::optional<Filter> FilterFor(const CollectionName& collection, const Access& access,
                                  const Restriction& restriction) const override;
  std::vector<Hit> SearchLexical(const CollectionName& collection, std::string_view query, size_t count,
                                 const Filter& filter) const override;
  std::string VectorModel(const CollectionName& collection) const override;
  std::vector<Hit> SearchVector(const CollectionName& collection, std::span<const float> query, size_t count,
                                const Filter& filter) const override;
  std::shared_ptr<VectorAudit> AuditVectors(const CollectionName& collection, const AuditPlan& plan) const;
  Result<StoredDocument> Document(const CollectionName& collection, DocumentOrdinal document) const override;
  Result<std::vector<ChunkOrdinal>> ChunksOf(const CollectionName& collection, DocumentOrdinal document) const override;
  Result<StoredChunk> Chunk(const CollectionName& collection, ChunkOrdinal chunk) const override;
  std::vector<StoredDocument> Lookup(const CollectionName& collection, const DocumentId& id) const override;
  std::vector<DocumentOrdinal> Sample(const CollectionName& collection, size_t count) const override;
  bool MayRead(const CollectionName& collection, DocumentOrdinal document, const Access& access) const override;
  std::map<SourceName, SourceTime> Times() const override;
  uint64_t DocumentCount(const CollectionName& collection) const override;
  uint64_t ChunkCount(const CollectionName& collection) const override;
  std::map<Code, uint64_t> SkippedDocuments(const CollectionName& collection) const override;

 private:
  // Held while RocksDB is read; of nothing where there is a snapshot.
  std::shared_lock<FairSharedMutex> LockReads() const;
  // What is stored of a document is what the view shows. Under LockReads and the state's shared lock.
  bool IsStoredAsShown(const Space& space, DocumentOrdinal document) const;
  const ViewSpace* Find(const CollectionName& collection) const;
  double ShareOf(const ViewSpace& in, const Filter::Bitmap& documents) const;
  std::vector<Hit> SearchLists(const ViewSpace& in, const VectorQuery& query) const;
  // Those of a few documents; nothing where that is not so, or where one of them has changed since.
  std::optional<std::vector<Hit>> ScoreFew(const ViewSpace& in, const VectorQuery& query) const;
  void Rescore(const ViewSpace& in, std::span<const ChunkOrdinal> chunks, GiveVector give) const;
  std::vector<std::vector<float>> SampleVectors(const ViewSpace& in, const AuditPlan& plan) const;
  Result<std::optional<DocumentBody>> Body(const Space& space, DocumentOrdinal document) const;
  // Under the state's shared lock.
  static std::optional<StoredDocument> Describe(const Space& space, const DocumentHead& head);

  std::shared_ptr<const Core> core_;
  const State& state_;
  const std::shared_ptr<Database> database_;  // the core's, when the view was made
  const uint64_t commit_;
  const rocksdb::Snapshot* const snapshot_;  // null in a follower
  const std::map<CollectionName, ViewSpace> spaces_;
  std::map<SourceName, SourceTime> times_;
};

}  // namespace freshet::store

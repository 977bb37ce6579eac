// ViewImpl: a View over a RocksDB snapshot, lexical readers and the vectors' commit numbers, all of one commit; and,
// for access, deletes and withholds, over the state as it is now.
#pragma once

#include <rocksdb/snapshot.h>

#include <map>
#include <memory>

#include "common/store/core.h"
#include "common/store/lexical.h"

namespace freshet::store {

// One collection as of the view's commit.
struct ViewSpace {
  const Space* space = nullptr;
  std::shared_ptr<const LexicalReader> lexical;
  std::shared_ptr<const VectorIndex> vectors;  // null until there are any
  uint32_t next_document = 0;                  // documents from here on are newer than the view
  uint64_t document_count = 0;
  uint64_t chunk_count = 0;
};

class ViewImpl final : public View {
 public:
  // Takes the snapshot: of the state's newest commit, so only from the writer thread.
  ViewImpl(std::shared_ptr<const Core> core, std::map<CollectionName, ViewSpace> spaces);
  ~ViewImpl() override;

  uint64_t commit() const override { return commit_; }
  std::vector<CollectionName> Collections() const override;
  std::optional<Filter> FilterFor(const CollectionName& collection, const Access& access,
                                  const Restriction& restriction) const override;
  std::vector<Hit> SearchLexical(const CollectionName& collection, std::string_view query, size_t count,
                                 const Filter& filter) const override;
  std::vector<Hit> SearchVector(const CollectionName& collection, std::span<const float> query, size_t count,
                                const Filter& filter) const override;
  Result<StoredDocument> Document(const CollectionName& collection, DocumentOrdinal document) const override;
  Result<StoredChunk> Chunk(const CollectionName& collection, ChunkOrdinal chunk) const override;
  std::vector<StoredDocument> Lookup(const CollectionName& collection, const DocumentId& id) const override;
  bool MayRead(const CollectionName& collection, DocumentOrdinal document, const Access& access) const override;
  std::map<SourceName, SourceTime> Times() const override;
  uint64_t DocumentCount(const CollectionName& collection) const override;
  uint64_t ChunkCount(const CollectionName& collection) const override;
  std::map<Code, uint64_t> SkippedDocuments(const CollectionName& collection) const override;

 private:
  const ViewSpace* Find(const CollectionName& collection) const;
  void Rescore(const ViewSpace& in, std::span<const ChunkOrdinal> chunks, GiveVector give) const;
  Result<std::optional<DocumentBody>> Body(const Space& space, DocumentOrdinal document) const;
  // Under the state's shared lock.
  std::optional<StoredDocument> Describe(const DocumentHead& head) const;

  std::shared_ptr<const Core> core_;
  const State& state_;
  const uint64_t commit_;
  const rocksdb::Snapshot* snapshot_;
  const std::map<CollectionName, ViewSpace> spaces_;
  std::map<SourceName, SourceTime> times_;
};

}  // namespace freshet::store

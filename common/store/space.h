// Space: one generation of one collection in memory: its documents' heads, what filters and views need of them, its
// vectors. All of it is derived from RocksDB, loaded at Open and changed after each write that succeeded.
//
//   space.Replace(key, after, {.commit = 7, .scopes = scopes});      // a document's head as the batch left it
//   const DocumentRow* row = space.RowOf(document);
//
//   space record := 2 collection:bytes next_document next_chunk model:bytes dimensions journal_from lists next_list
//
// Records of format 1, which ends before `lists`, are read too.
//
// Readers may run together under State's shared lock, a writer under its exclusive one. `vectors` has locks of its own.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <roaring/roaring.hh>
#include <string>
#include <unordered_map>

#include "common/store/access_index.h"
#include "common/store/document_record.h"
#include "common/store/facet_index.h"
#include "common/store/filter_cache.h"
#include "common/store/keys.h"
#include "common/store/vector_index.h"
#include "common/store/vector_lists.h"

namespace freshet::store {

struct SpaceRecord {
  CollectionName collection;
  uint32_t next_document = 0;  // ordinals are never reused
  uint32_t next_chunk = 0;
  std::string model;          // of its vectors: the first that came; vectors of another are not taken in
  uint32_t dimensions = 0;    // 0: no vectors yet
  uint64_t journal_from = 0;  // journal entries up to this commit are gone: the lexical index has them
  uint64_t lists = 0;         // grows with every change to the inverted lists' centroids; 0: vectors are scanned
  uint32_t next_list = 0;     // numbers of lists are never reused
};
std::string Encode(const SpaceRecord& record);
Result<SpaceRecord> DecodeSpace(std::string_view value);

using DocumentRow = std::pair<const SourceKey, DocumentHead>;
using ScopeTable = std::unordered_map<SourceKey, ScopeLists>;
const ScopeLists* FindScope(const ScopeTable& scopes, const SourceKey& scope);

// What a document was before `commit` changed its content: for views that are older.
struct PastContent {
  uint64_t commit = 0;
  DocumentOrdinal document;
  Edition content;
  SourceKey scope;
  std::shared_ptr<const Facets> facets;
  Time effective;
};

struct Space {
  SpaceId id;
  SpaceRecord record;

  std::unordered_map<SourceKey, DocumentHead> documents;
  std::map<std::pair<SourceNumber, Code>, uint64_t> skipped;  // documents whose newest edition has no content
  PagedArray<const DocumentRow*> by_ordinal;
  std::map<SourceNumber, Roaring> of_source;  // documents with a version that is in
  Roaring visible;                            // those that are neither withheld nor deleted
  FacetPool facet_pool;
  FacetIndex facets;
  AccessIndex access;
  std::deque<PastContent> past;  // oldest first

  Roaring chunks;                                         // that are in
  std::unordered_map<uint32_t, uint64_t> removed_chunks;  // by which commit, as long as a view may be older
  // One of them, once there are vectors: few are scanned, many are in inverted lists.
  std::shared_ptr<VectorIndex> vectors;
  std::shared_ptr<const VectorLists> lists;

  // Documents of which another generation has newer content, while this one is served: what content streams vouched
  // for when it came (State::ContentTimes); empty: not known, it was before this process.
  std::map<SourceKey, std::vector<Time>> behind;

  uint64_t document_count = 0;     // with a version that is in
  bool withhold_outdated = false;  // IndexStoreOptions
  uint64_t epoch = 0;              // grows when a filter may come out differently
  mutable FilterCache filters;     // has a lock of its own

  struct ReplaceContext {
    uint64_t commit = 0;
    const ScopeTable& scopes;
  };
  // Takes the head in place of the one there was; a head that says nothing any more goes.
  void Replace(const SourceKey& key, DocumentHead after, const ReplaceContext& context);
  void ScopeChanged(const SourceKey& scope, const ScopeLists* before, const ScopeLists& after);

  // Null where no version of it is in.
  const DocumentRow* RowOf(DocumentOrdinal document) const { return by_ordinal.Get(document.value); }
  // Neither deleted nor withheld, in what it is now nor in what it was as of a commit.
  bool IsVisible(DocumentOrdinal document, uint64_t commit) const;
  // What it was as of a commit, where its content has changed since; else null.
  const PastContent* PastOf(DocumentOrdinal document, uint64_t commit) const;
  // The same for all documents that changed.
  std::map<DocumentOrdinal, const PastContent*> PastOfAll(uint64_t commit) const;
  bool IsVisibleAs(const PastContent& past) const;
  // In the lexical index as of a commit.
  bool IsChunkLive(ChunkOrdinal chunk, uint64_t commit) const;
  void AddChunk(ChunkOrdinal chunk) { chunks.add(chunk.value); }
  void RemoveChunk(ChunkOrdinal chunk, uint64_t commit);
  // Nothing of it is found any more, in whatever view: it was removed.
  void Close();
  // Forgets what only views older than this commit needed.
  void SweepPast(uint64_t oldest_commit);

 private:
  void CountSkip(SourceNumber source, const DocumentHead& head, int by);
  void TakeOut(const DocumentRow& row, const ReplaceContext& context);
  void PutIn(const DocumentRow& row, const ReplaceContext& context);
};

inline SourceKey ScopeOf(const DocumentRow& row) { return {row.first.source, row.second.facets->scope.value}; }

}  // namespace freshet::store

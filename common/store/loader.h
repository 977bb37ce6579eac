// Loader: memory from RocksDB, at Open. Access lists come before documents, since documents are placed by them, and
// heads before vectors, since a vector's key does not say whose it is.
//
//   Status status = Load(core);      // corrupt_store, io_error
#pragma once

#include <functional>

#include "common/store/core.h"

namespace freshet::store {

Status Load(Core& core);

// Which chunks have a vector, and whose they are, by chunk.
using ChunksOfDocuments = std::vector<std::pair<ChunkOrdinal, DocumentOrdinal>>;
ChunksOfDocuments ChunksWithVectors(const Space& space);
using VisitVector = std::function<Status(ChunkOrdinal chunk, DocumentOrdinal document, std::span<const uint16_t> half)>;
Status ForEachVector(Core& core, const Space& space, const ChunksOfDocuments& chunks, const VisitVector& visit);
// The centroids of a space's inverted lists.
Result<std::shared_ptr<const VectorLists>> LoadLists(Core& core, SpaceId space, uint32_t dimensions);

// Of a follower: the sources and collections that the writer has met since.
Status LoadNewNames(Core& core);
// The number of the newest batch in RocksDB; 0 where there is none.
Result<uint64_t> StoredCommit(Database& database);

// Calls `visit` for every key and value of a family from `begin` up to `end` (empty: to the last), in order, until it
// fails. Reads ahead and leaves the block cache alone.
Status ForEach(Database& database, Family family, std::string_view begin, std::string_view end,
               const std::function<Status(std::string_view key, std::string_view value)>& visit);

struct KeyRange {
  Family family;
  std::string begin;
  std::string end;
};
// The first keys of a range with their values, at most `count`.
Result<std::vector<std::pair<std::string, std::string>>> FirstRows(Database& database, const KeyRange& range,
                                                                   size_t count);

}  // namespace freshet::store

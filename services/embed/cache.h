// VectorCache: vectors by what they are of: model name and hash of the embedded text. It makes replays, backfills and
// moved text free, may forget anything at any time, and is never the truth.
//
//   FRESHET_ASSIGN_OR_RETURN(auto cache, embed::OpenVectorCache({.path = dir, .max_bytes = 1 << 30}));
//   FRESHET_RETURN_IF_ERROR(cache->Put("all-MiniLM-L6-v2", hashes, halves));
//   FRESHET_RETURN_IF_ERROR(cache->Get("all-MiniLM-L6-v2", hashes, 384, found));
//
// Any thread. Codes: disk_full, io_error (retry); corrupt_store, configuration from opening.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/status.h"

namespace freshet::embed {

// Vectors found: row after row, and which rows are there.
struct CachedVectors {
  std::vector<uint16_t> halves;  // size() of the question times dimensions; undefined in rows not found
  std::vector<bool> found;
};

class VectorCache {
 public:
  virtual ~VectorCache() = default;
  // One look-up for the whole batch. A stored vector of other dimensions counts as not found.
  virtual Result<CachedVectors> Get(std::string_view model, std::span<const Hash128> hashes, uint32_t dimensions) = 0;
  // `halves` holds hashes.size() rows. Lost by a crash at worst; never half of one.
  virtual Status Put(std::string_view model, std::span<const Hash128> hashes, std::span<const uint16_t> halves) = 0;
};

}  // namespace freshet::embed

// VectorCache: vectors by what they are of: model name and hash of the embedded text. It makes replays, backfills and
// moved text free, may forget anything at any time, and is never the truth.
//
//   FRESHET_ASSIGN_OR_RETURN(auto cache, embed::OpenVectorCache({.path = dir, .max_bytes = 1 << 30}));
//   FRESHET_RETURN_IF_ERROR(cache->Put("all-MiniLM-L6-v2", hashes, halves));
//   FRESHET_ASSIGN_OR_RETURN(CachedVectors known, cache->Get("all-MiniLM-L6-v2", hashes, 384));
//
// Any thread. Codes: disk_full, io_error (retry), corrupt_store (halt); configuration from opening.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/status.h"

namespace rocksdb {
class Env;
}

namespace freshet::embed {

// Row after row, as many as were asked for; what stands in a row that was not found is undefined.
struct CachedVectors {
  std::vector<uint16_t> halves;
  std::vector<bool> found;
};

class VectorCache {
 public:
  virtual ~VectorCache() = default;
  // One look-up for all. A stored vector of other dimensions counts as not found.
  virtual Result<CachedVectors> Get(std::string_view model, std::span<const Hash128> hashes, uint32_t dimensions) = 0;
  // `halves` holds hashes.size() rows. A crash may lose what was put last, never leaves half a vector.
  virtual Status Put(std::string_view model, std::span<const Hash128> hashes, std::span<const uint16_t> halves) = 0;
};

// Holds everything until it goes: for tests.
class MemoryVectorCache final : public VectorCache {
 public:
  Result<CachedVectors> Get(std::string_view model, std::span<const Hash128> hashes, uint32_t dimensions) override;
  Status Put(std::string_view model, std::span<const Hash128> hashes, std::span<const uint16_t> halves) override;
  size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::vector<uint16_t>> rows_;  // by the key of the RocksDB form
};

struct CacheOptions {
  std::string path;  // a directory of its own
  // Of files on disk; beyond it the vectors that were put first are dropped. 784 bytes a vector of 384 dimensions and
  // a little: 1 GiB remembers 1.3 million chunks. At least 4 MiB.
  uint64_t max_bytes = 1ull << 30;
  size_t block_cache_bytes = 32u << 20;  // in memory
  rocksdb::Env* env = nullptr;           // null: the operating system's
};

// In RocksDB.
Result<std::unique_ptr<VectorCache>> OpenVectorCache(const CacheOptions& options);

// Key in both forms: text(model) hash(16), text as in common/base/bytes.h.
std::string CacheKey(std::string_view model, const Hash128& hash);

}  // namespace freshet::embed

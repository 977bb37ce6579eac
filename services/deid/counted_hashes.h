// CountedHashes: a multiset of 64-bit hashes, each with a small tag, in some seven bytes an entry at a million
// patients.
//
//   CountedHashes hashes;
//   hashes.Count(hash, tag, +1);   hashes.Count(hash, tag, +1);   hashes.Count(hash, tag, -1);
//   hashes.Find(hash)                                  // tag: the least of those counted more often up than down
//   const CountedHashes snapshot = hashes;             // cheap; read from any thread while the original is edited
//
// A thousand shards by the hash's first bits; each is packed words (packed_words.h: an entry as often as it counts) and
// a short sorted list of what changed since, which is packed too when it is a thirty-second of them: the pause for it
// is that of one shard. Edits are of one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "services/deid/cow_shards.h"
#include "services/deid/packed_words.h"

namespace freshet::deid {

inline constexpr uint32_t kTagBits = 10;

struct CountedHashesOptions {
  // For a filter: the hash's last bits and the tag are not kept, so that a hash that was never counted may be found,
  // and where a hash counts so often, it is not counted on, neither up nor down: it stays. 0: all is exact.
  uint32_t dropped_bits = 0;
  int64_t enough = 0;
};

class CountedHashes {
 public:
  explicit CountedHashes(const CountedHashesOptions& options = {}) : options_(options) {}

  void Count(uint64_t hash, uint32_t tag, int by);
  std::optional<uint32_t> Find(uint64_t hash) const;
  size_t MemoryBytes() const;

 private:
  // A word: the hash without what chose its shard, then the tag.
  struct Edit {
    uint64_t word;
    int64_t by;
  };
  struct Shard {
    std::shared_ptr<const PackedWords> packed;
    std::vector<Edit> edits;  // ascending
  };

  static size_t ShardOf(uint64_t mixed) { return mixed >> 54; }
  uint64_t WordOf(uint64_t mixed, uint32_t tag) const { return (mixed << kTagBits | tag) >> options_.dropped_bits; }
  uint32_t TagOf(uint64_t word) const;
  void Pack(Shard& shard) const;

  const CountedHashesOptions options_;
  CowShards<Shard> shards_;
};

}  // namespace freshet::deid

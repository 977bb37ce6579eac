// PackedMap: a map from short keys to short records, both bytes, in half a byte an entry more than they are themselves.
//
//   PackedMap map;   map.Put(key, record);   map.Find(key)   // record; empty: there is none
//   const PackedMap snapshot = map;                          // cheap; read from any thread while the original is
//   edited
//
// A thousand shards by the key's hash; each is a block of rows in buckets of some eight, and a small map of what
// changed since, which goes into a new block when it is a sixteenth of it. Edits are of one thread.
//   block := row*, in the order of their buckets      row := size(varint) key size(varint) record
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/deid/cow_shards.h"

namespace freshet::deid {

class PackedMap {
 public:
  // Empty where there is none. Valid until this map is edited.
  std::string_view Find(std::string_view key) const;
  // An empty record takes the key away.
  void Put(std::string_view key, std::string record);
  size_t size() const { return size_; }
  size_t MemoryBytes() const;

 private:
  struct Block {
    size_t rows = 0;
    uint32_t bucket_bits = 0;
    std::vector<uint32_t> begins;  // of each bucket, and the end
    std::string bytes;
  };
  struct Shard {
    std::shared_ptr<const Block> block;
    std::map<std::string, std::string, std::less<>> edits;  // without a record: gone
  };

  static std::string_view FindIn(const Block& block, std::string_view key, uint64_t hash);
  static void Pack(Shard& shard);

  CowShards<Shard> shards_;
  size_t size_ = 0;
};

}  // namespace freshet::deid

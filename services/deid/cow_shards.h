// CowShards: an array of shards whose copies share what neither has changed since: a snapshot costs a thousand
// pointers, a change after it copies one shard.
//
//   CowShards<Shard> shards;   shards.Own(7).value = 1;   CowShards<Shard> snapshot = shards;   shards.Own(7).value =
//   2;
//
// A copy may be read from any thread while the original is edited; edits are of one thread. What a shard refers to by
// shared_ptr<const ...> is not copied either.
#pragma once

#include <array>
#include <bitset>
#include <memory>

namespace freshet::deid {

template <class Shard, size_t kShards = 1024>
class CowShards {
 public:
  static constexpr size_t kSize = kShards;

  CowShards() = default;
  CowShards(const CowShards& other) : shards_(other.shards_) { other.owned_.reset(); }
  CowShards& operator=(const CowShards&) = delete;

  // Null where nothing was ever put.
  const Shard* At(size_t index) const { return shards_[index].get(); }

  // To be changed: a copy of its own where a snapshot holds it too.
  Shard& Own(size_t index) {
    auto& shard = shards_[index];
    if (!owned_[index]) {
      shard = shard == nullptr ? std::make_shared<Shard>() : std::make_shared<Shard>(*shard);
      owned_[index] = true;
    }
    return *shard;
  }

 private:
  std::array<std::shared_ptr<Shard>, kShards> shards_;
  mutable std::bitset<kShards> owned_;  // shards that no copy shares
};

}  // namespace freshet::deid

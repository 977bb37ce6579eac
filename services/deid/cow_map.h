// CowMap: a hash map whose copies share what neither has changed since: a snapshot of a million entries costs a
// thousand pointers, a change after it copies one shard.
//
//   CowMap<uint64_t, int> map;   map.Edit(7) = 1;   CowMap<uint64_t, int> snapshot = map;   map.Erase(7);
//
// A copy may be read from any thread while the original is edited; edits are of one thread.
#pragma once

#include <array>
#include <bitset>
#include <functional>
#include <memory>
#include <unordered_map>

namespace freshet::deid {

template <class Key, class Value, size_t kShards = 1024>
class CowMap {
 public:
  CowMap() = default;
  CowMap(const CowMap& other) : shards_(other.shards_), size_(other.size_) { other.owned_.reset(); }
  CowMap& operator=(const CowMap&) = delete;

  const Value* Find(const Key& key) const {
    const auto& shard = shards_[ShardOf(key)];
    if (shard == nullptr) return nullptr;
    const auto found = shard->find(key);
    return found == shard->end() ? nullptr : &found->second;
  }

  // The value, made where there is none.
  Value& Edit(const Key& key) {
    Shard& shard = Own(ShardOf(key));
    const auto [entry, is_new] = shard.try_emplace(key);
    size_ += is_new;
    return entry->second;
  }

  void Erase(const Key& key) {
    if (Find(key) != nullptr) size_ -= Own(ShardOf(key)).erase(key);
  }

  size_t size() const { return size_; }

 private:
  using Shard = std::unordered_map<Key, Value>;

  static size_t ShardOf(const Key& key) { return std::hash<Key>()(key) * 0x9e3779b97f4a7c15 >> 32 & (kShards - 1); }

  Shard& Own(size_t index) {
    auto& shard = shards_[index];
    if (!owned_[index]) {
      shard = shard == nullptr ? std::make_shared<Shard>() : std::make_shared<Shard>(*shard);
      owned_[index] = true;
    }
    return *shard;
  }

  static_assert((kShards & (kShards - 1)) == 0, "a power of two");
  std::array<std::shared_ptr<Shard>, kShards> shards_;
  mutable std::bitset<kShards> owned_;  // shards that no copy shares
  size_t size_ = 0;
};

}  // namespace freshet::deid

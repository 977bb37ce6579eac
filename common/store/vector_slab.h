// VectorSlab: a fixed number of entries of a VectorScan, filled from front to back by one writer while any number of
// threads read what is there.
//
//   VectorSlab slab(384, 1024);
//   slab.Append(entry, codes, scale);        // the writer
//   for (size_t i = 0; i < slab.size(); ++i) if (slab.Visible(i, commit)) ... slab.codes(i) ...
//
// An entry's data are written before the size that tells of it, and never again, but for the commit that removes it.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "common/store/vector_index.h"

namespace freshet::store {

class VectorSlab {
 public:
  static constexpr uint64_t kNever = UINT64_MAX;

  struct Entry {
    uint32_t chunk;
    uint32_t document;
    uint64_t added;
    float scale;  // of the codes
  };

  VectorSlab(uint32_t dimensions, size_t capacity)
      : dimensions_(dimensions), codes_(dimensions * capacity), entries_(capacity), removed_(capacity) {}

  size_t capacity() const { return entries_.size(); }
  size_t size() const { return size_.load(std::memory_order_acquire); }
  size_t dead() const { return dead_.load(std::memory_order_relaxed); }
  const Entry& entry(size_t i) const { return entries_[i]; }
  const int8_t* codes(size_t i) const { return codes_.data() + i * dimensions_; }
  uint64_t removed(size_t i) const { return removed_[i].load(std::memory_order_relaxed); }

  // Whether all entries up to `size` are visible at `commit`, as far as that is quick to say.
  bool AllVisible(uint64_t commit) const { return newest_.load(std::memory_order_relaxed) <= commit && dead() == 0; }
  bool Visible(size_t i, uint64_t commit) const { return entries_[i].added <= commit && commit < removed(i); }

  void Append(const Entry& entry, std::span<const int8_t> codes) {
    const size_t i = size_.load(std::memory_order_relaxed);
    std::memcpy(codes_.data() + i * dimensions_, codes.data(), codes.size());
    entries_[i] = entry;
    removed_[i].store(kNever, std::memory_order_relaxed);
    if (entry.added > newest_.load(std::memory_order_relaxed)) newest_.store(entry.added, std::memory_order_relaxed);
    size_.store(i + 1, std::memory_order_release);
  }
  // Once an entry.
  void Remove(size_t i, uint64_t commit) {
    removed_[i].store(commit, std::memory_order_relaxed);
    dead_.fetch_add(1, std::memory_order_relaxed);
  }

  size_t MemoryBytes() const {
    return sizeof(*this) + codes_.capacity() + capacity() * (sizeof(Entry) + sizeof(removed_[0]));
  }

 private:
  const size_t dimensions_;
  std::vector<int8_t> codes_;
  std::vector<Entry> entries_;
  std::vector<std::atomic<uint64_t>> removed_;  // the commit that removes it
  std::atomic<size_t> size_ = 0;
  std::atomic<size_t> dead_ = 0;
  std::atomic<uint64_t> newest_ = 0;  // the largest added
};

}  // namespace freshet::store

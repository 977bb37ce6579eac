// VectorListCache: inverted lists of vectors in memory, as they are stored now, up to a bound in bytes; those that were
// read last stay.
//
//   std::shared_ptr<const ResidentList> list = cache.Find({space, 7}, commit);
//   if (list == nullptr) list = cache.Put({space, 7}, commit, value_as_of_that_commit);
//   for (size_t i = 0; i < list->size(); ++i) ... list->document(i), list->codes(i) ...
//
// A search as of a commit may be given entries that came later, never a list that was written anew since: who searches
// knows by the chunks what is there (IsChunkLive). What is stored changes by Append and Drop, before anyone searches as
// of their commit. So a list is kept only where nothing has changed it between the reading and the keeping.
// Any thread; Append and Drop from the one that changes the state.
#pragma once

#include <atomic>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "common/store/keys.h"
#include "common/store/vector_list.h"

namespace freshet::store {

// Entries of a list, a kind of number behind the other, so that a filter reads documents alone and scoring codes alone.
// Append from one thread, the rest from any: an entry is whole before the size tells of it.
class ResidentList {
 public:
  ResidentList(const ListValue& value, uint32_t dimensions);
  // The same, with room for more.
  ResidentList(const ResidentList& other, size_t capacity);
  ResidentList& operator=(const ResidentList&) = delete;

  size_t size() const { return size_.load(std::memory_order_acquire); }
  uint32_t dimensions() const { return dimensions_; }
  uint32_t chunk(size_t i) const { return chunks_[i]; }
  uint32_t document(size_t i) const { return documents_[i]; }
  float scale(size_t i) const { return scales_[i]; }
  const int8_t* codes(size_t i) const { return codes_ + i * dimensions_; }
  ListEntry entry(size_t i) const { return {chunk(i), document(i), scale(i), codes(i)}; }
  // False where it is full.
  bool Append(const ListEntry& entry);
  size_t MemoryBytes() const { return sizeof(*this) + BytesFor(capacity_, dimensions_); }

 private:
  struct Free {
    void operator()(std::byte* bytes) const;
  };

  ResidentList(size_t capacity, uint32_t dimensions);
  static size_t BytesFor(size_t capacity, uint32_t dimensions) { return capacity * ListValue::EntryBytes(dimensions); }
  void Place(size_t i, const ListEntry& entry);

  const uint32_t dimensions_;
  const size_t capacity_;
  const std::unique_ptr<std::byte, Free> bytes_;
  int8_t* const codes_;
  uint32_t* const chunks_;
  uint32_t* const documents_;
  float* const scales_;
  std::atomic<size_t> size_ = 0;
};

class VectorListCache {
 public:
  struct Id {
    SpaceId space;
    uint32_t list = 0;
    bool operator==(const Id&) const = default;
  };

  explicit VectorListCache(size_t most_bytes) : most_bytes_(most_bytes) {}

  // Null where it is not here, or is not what was stored at the commit.
  std::shared_ptr<const ResidentList> Find(const Id& id, uint64_t commit);
  // What was stored at the commit, in memory; kept where it is what is stored now.
  std::shared_ptr<const ResidentList> Put(const Id& id, uint64_t commit, const ListValue& value, uint32_t dimensions);

  // The commit puts these entries behind the list.
  void Append(const Id& id, uint64_t commit, const ListValue& entries);
  // The commit writes the list anew, or it is not known how it changes it.
  void Drop(const Id& id, uint64_t commit);
  // A list that was removed, all those of a space: numbers are never used again.
  void Forget(const Id& id);
  void Forget(SpaceId space);

  size_t bytes() const;

 private:
  struct Hash {
    size_t operator()(const Id& id) const;
  };
  struct Kept {
    std::shared_ptr<ResidentList> list;  // null: not here
    uint64_t changed = 0;                // by which commit, as far as is known
    uint64_t written = 0;                // the same, but for appending
    std::list<Id>::iterator place;       // in order_
  };

  void Release(Kept& kept);
  void Keep(const Id& id, Kept& kept, std::shared_ptr<ResidentList> list);

  const size_t most_bytes_;
  mutable std::mutex mutex_;
  std::unordered_map<Id, Kept, Hash> kept_;
  std::list<Id> order_;  // of those that are here, the last read first
  size_t bytes_ = 0;
};

}  // namespace freshet::store

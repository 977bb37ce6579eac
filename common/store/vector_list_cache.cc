#include "common/store/vector_list_cache.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace freshet::store {
namespace {

constexpr std::align_val_t kAlignment{64};  // of codes: a cache line, and the widest instructions'
constexpr size_t kLeastSpare = 8;
constexpr size_t kSpareShare = 8;  // a list that grows has room for one in this many more

}  // namespace

void ResidentList::Free::operator()(std::byte* bytes) const { ::operator delete(bytes, kAlignment); }

// Numbers lie behind the codes, each at a multiple of four: the capacity is one.
ResidentList::ResidentList(size_t capacity, uint32_t dimensions)
    : dimensions_(dimensions),
      capacity_((capacity + 3) / 4 * 4),
      bytes_(static_cast<std::byte*>(::operator new(BytesFor(capacity_, dimensions), kAlignment))),
      codes_(reinterpret_cast<int8_t*>(bytes_.get())),
      chunks_(reinterpret_cast<uint32_t*>(bytes_.get() + capacity_ * dimensions)),
      documents_(chunks_ + capacity_),
      scales_(reinterpret_cast<float*>(documents_ + capacity_)) {}

ResidentList::ResidentList(const ListValue& value, uint32_t dimensions) : ResidentList(value.size(), dimensions) {
  for (size_t i = 0; i < value.size(); ++i) Place(i, value.entry(i));
  size_.store(value.size(), std::memory_order_release);
}

ResidentList::ResidentList(const ResidentList& other, size_t capacity) : ResidentList(capacity, other.dimensions_) {
  const size_t size = other.size();
  std::memcpy(codes_, other.codes_, size * dimensions_);
  std::memcpy(chunks_, other.chunks_, size * sizeof(uint32_t));
  std::memcpy(documents_, other.documents_, size * sizeof(uint32_t));
  std::memcpy(scales_, other.scales_, size * sizeof(float));
  size_.store(size, std::memory_order_release);
}

void ResidentList::Place(size_t i, const ListEntry& entry) {
  std::memcpy(codes_ + i * dimensions_, entry.codes, dimensions_);
  chunks_[i] = entry.chunk;
  documents_[i] = entry.document;
  scales_[i] = entry.scale;
}

bool ResidentList::Append(const ListEntry& entry) {
  const size_t i = size_.load(std::memory_order_relaxed);
  if (i == capacity_) return false;
  Place(i, entry);
  size_.store(i + 1, std::memory_order_release);
  return true;
}

size_t VectorListCache::Hash::operator()(const Id& id) const {
  const uint64_t space = uint64_t{id.space.collection} << 32 | id.space.generation;
  return static_cast<size_t>((space * 0x9E3779B97F4A7C15u) ^ id.list);
}

std::shared_ptr<const ResidentList> VectorListCache::Find(const Id& id, uint64_t commit) {
  const std::lock_guard lock(mutex_);
  const auto found = kept_.find(id);
  if (found == kept_.end() || found->second.list == nullptr || found->second.written > commit) return nullptr;
  order_.splice(order_.begin(), order_, found->second.place);
  return found->second.list;
}

std::shared_ptr<const ResidentList> VectorListCache::Put(const Id& id, uint64_t commit, const ListValue& value,
                                                         uint32_t dimensions) {
  auto list = std::make_shared<ResidentList>(value, dimensions);
  const std::lock_guard lock(mutex_);
  Kept& kept = kept_[id];
  if (kept.changed <= commit && kept.list == nullptr) Keep(id, kept, list);
  return list;
}

void VectorListCache::Append(const Id& id, uint64_t commit, const ListValue& entries) {
  const std::lock_guard lock(mutex_);
  Kept& kept = kept_[id];
  kept.changed = commit;
  if (kept.list == nullptr) return;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (kept.list->Append(entries.entry(i))) continue;
    // Who reads it goes on with the one that was full.
    const size_t size = kept.list->size();
    auto larger = std::make_shared<ResidentList>(*kept.list, size + std::max(kLeastSpare, size / kSpareShare));
    larger->Append(entries.entry(i));
    Release(kept);
    Keep(id, kept, std::move(larger));
    if (kept.list == nullptr) return;
  }
}

void VectorListCache::Drop(const Id& id, uint64_t commit) {
  const std::lock_guard lock(mutex_);
  Kept& kept = kept_[id];
  kept.changed = kept.written = commit;
  Release(kept);
}

void VectorListCache::Forget(const Id& id) {
  // Searches as of different commits may still read it, each what it was then: it is kept for none of them.
  Drop(id, UINT64_MAX);
}

void VectorListCache::Forget(SpaceId space) {
  const std::lock_guard lock(mutex_);
  for (auto each = kept_.begin(); each != kept_.end();) {
    if (each->first.space != space) {
      ++each;
      continue;
    }
    Release(each->second);
    each = kept_.erase(each);
  }
}

size_t VectorListCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

void VectorListCache::Release(Kept& kept) {
  if (kept.list == nullptr) return;
  bytes_ -= kept.list->MemoryBytes();
  order_.erase(kept.place);
  kept.list.reset();
}

// Those that were not read for longest make room.
void VectorListCache::Keep(const Id& id, Kept& kept, std::shared_ptr<ResidentList> list) {
  if (list->MemoryBytes() > most_bytes_) return;
  bytes_ += list->MemoryBytes();
  kept.list = std::move(list);
  kept.place = order_.insert(order_.begin(), id);
  while (bytes_ > most_bytes_) Release(kept_.at(order_.back()));
}

}  // namespace freshet::store

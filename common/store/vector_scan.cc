#include "common/store/vector_scan.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <mutex>

#include "common/model/dot.h"
#include "common/model/half.h"
#include "common/store/filter_bitmap.h"
#include "common/store/vector_candidates.h"
#include "common/store/vector_slab.h"

namespace freshet::store {
namespace {

constexpr size_t kFirstSlab = 64;
constexpr size_t kLargestSlab = 1024;
constexpr double kMostDead = 0.25;  // share of a slab from which on Sweep moves its living entries

using Slabs = std::vector<std::shared_ptr<VectorSlab>>;

// Where an entry is.
struct Place {
  uint32_t slab;
  uint32_t index;
};

// The places of chunks: open addressing, linear; a place is known by the chunk of its entry.
class Places {
 public:
  const Place* Find(const Slabs& slabs, uint32_t chunk) const {
    if (slots_.empty()) return nullptr;
    for (size_t slot = SlotOf(chunk); slots_[slot].slab != kFree; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slabs[slots_[slot].slab]->entry(slots_[slot].index).chunk == chunk) return &slots_[slot];
    }
    return nullptr;
  }
  void Add(const Slabs& slabs, Place place) {
    if (2 * (size_ + 1) > slots_.size()) Rebuild(slabs, 2 * (size_ + 1));
    Insert(slabs, place);
  }
  // Finds all entries anew, and leaves room for `entries`.
  void Rebuild(const Slabs& slabs, size_t entries) {
    slots_.assign(std::bit_ceil(std::max<size_t>(2 * entries, 64)), {kFree, 0});
    size_ = 0;
    for (uint32_t slab = 0; slab < slabs.size(); ++slab) {
      for (uint32_t i = 0; i < slabs[slab]->size(); ++i) {
        const uint32_t chunk = slabs[slab]->entry(i).chunk;
        if (Find(slabs, chunk) == nullptr) Insert(slabs, {slab, i});
      }
    }
  }
  size_t MemoryBytes() const { return slots_.capacity() * sizeof(Place); }

 private:
  static constexpr uint32_t kFree = UINT32_MAX;

  size_t SlotOf(uint32_t chunk) const { return (chunk * 0x9E3779B97F4A7C15 >> 32) & (slots_.size() - 1); }
  void Insert(const Slabs& slabs, Place place) {
    size_t slot = SlotOf(slabs[place.slab]->entry(place.index).chunk);
    while (slots_[slot].slab != kFree) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = place;
    ++size_;
  }

  std::vector<Place> slots_;
  size_t size_ = 0;
};

class VectorScan final : public VectorIndex {
 public:
  explicit VectorScan(uint32_t dimensions) : dimensions_(dimensions), floats_(dimensions), codes_(dimensions) {}

  Status Add(const VectorEntry& entry, std::span<const uint16_t> half) override;
  void Remove(ChunkOrdinal chunk, uint64_t commit) override;
  void Reserve(size_t entries) override { places_.Rebuild(*slabs_, entries_ + entries); }
  size_t Sweep(uint64_t oldest_commit) override;
  std::vector<Hit> Search(const VectorQuery& query) const override;

  uint32_t dimensions() const override { return dimensions_; }
  size_t entries() const override { return entries_; }
  size_t MemoryBytes() const override { return memory_; }

 private:
  std::shared_ptr<const Slabs> Current() const {
    const std::lock_guard lock(mutex_);
    return slabs_;
  }
  void Publish(std::shared_ptr<const Slabs> slabs);
  void Append(Slabs& slabs, const VectorSlab::Entry& entry, std::span<const int8_t> codes) const;

  const uint32_t dimensions_;
  mutable std::mutex mutex_;  // of the pointer below alone
  std::shared_ptr<const Slabs> slabs_ = std::make_shared<Slabs>();
  std::atomic<size_t> entries_ = 0;
  std::atomic<size_t> memory_ = 0;
  // The writer's.
  Places places_;
  std::vector<float> floats_;
  std::vector<int8_t> codes_;
};

void VectorScan::Publish(std::shared_ptr<const Slabs> slabs) {
  size_t memory = places_.MemoryBytes();
  for (const auto& slab : *slabs) memory += slab->MemoryBytes();
  memory_ = memory;
  const std::lock_guard lock(mutex_);
  slabs_ = std::move(slabs);
}

// Into the last slab, or a new one behind it.
void VectorScan::Append(Slabs& slabs, const VectorSlab::Entry& entry, std::span<const int8_t> codes) const {
  if (slabs.empty() || slabs.back()->size() == slabs.back()->capacity()) {
    const size_t capacity = slabs.empty() ? kFirstSlab : std::min(2 * slabs.back()->capacity(), kLargestSlab);
    slabs.push_back(std::make_shared<VectorSlab>(dimensions_, capacity));
  }
  slabs.back()->Append(entry, codes);
}

Status VectorScan::Add(const VectorEntry& entry, std::span<const uint16_t> half) {
  if (half.size() != dimensions_) {
    return Status(Code::kInvalidArgument, "a vector of " + std::to_string(half.size()) + " dimensions");
  }
  if (places_.Find(*slabs_, entry.chunk.value) != nullptr) return OkStatus();
  model::HalvesToFloats(half, floats_);
  const float scale = model::Quantize(floats_, codes_);
  const VectorSlab::Entry stored{entry.chunk.value, entry.document.value, entry.commit, scale};
  const bool full = slabs_->empty() || slabs_->back()->size() == slabs_->back()->capacity();
  if (full) {
    auto slabs = std::make_shared<Slabs>(*slabs_);
    Append(*slabs, stored, codes_);
    Publish(std::move(slabs));
  } else {
    slabs_->back()->Append(stored, codes_);
  }
  places_.Add(*slabs_, {static_cast<uint32_t>(slabs_->size() - 1), static_cast<uint32_t>(slabs_->back()->size() - 1)});
  ++entries_;
  return OkStatus();
}

void VectorScan::Remove(ChunkOrdinal chunk, uint64_t commit) {
  const Place* place = places_.Find(*slabs_, chunk.value);
  if (place == nullptr) return;
  VectorSlab& slab = *(*slabs_)[place->slab];
  if (slab.removed(place->index) == VectorSlab::kNever) slab.Remove(place->index, commit);
}

size_t VectorScan::Sweep(uint64_t oldest_commit) {
  auto kept = std::make_shared<Slabs>();
  Slabs worn;
  for (const auto& slab : *slabs_) {
    const bool is_worn = static_cast<double>(slab->dead()) > kMostDead * static_cast<double>(slab->size());
    (is_worn ? worn : *kept).push_back(slab);
  }
  if (worn.empty()) return 0;
  // A slab that is not full moves as well: searches that run have it, and must not find there what moves.
  if (!kept->empty() && kept->back()->size() < kept->back()->capacity()) {
    worn.push_back(kept->back());
    kept->pop_back();
  }
  Slabs moved;
  size_t dropped = 0;
  for (const auto& slab : worn) {
    for (size_t i = 0; i < slab->size(); ++i) {
      const uint64_t removed = slab->removed(i);
      if (removed <= oldest_commit) {
        ++dropped;
        continue;
      }
      Append(moved, slab->entry(i), {slab->codes(i), dimensions_});
      if (removed != VectorSlab::kNever) moved.back()->Remove(moved.back()->size() - 1, removed);
    }
  }
  if (dropped == 0) return 0;
  kept->insert(kept->end(), moved.begin(), moved.end());
  entries_ -= dropped;
  places_.Rebuild(*kept, entries_);
  Publish(std::move(kept));
  return dropped;
}

std::vector<Hit> VectorScan::Search(const VectorQuery& query) const {
  if (query.vector.size() != dimensions_ || query.count == 0) return {};
  const std::shared_ptr<const Slabs> slabs = Current();
  VectorCandidates candidates(query, dimensions_);
  for (const auto& slab : *slabs) candidates.Scan(*slab);
  return candidates.Rescored();
}

}  // namespace

std::unique_ptr<VectorIndex> NewVectorScan(uint32_t dimensions) { return std::make_unique<VectorScan>(dimensions); }

}  // namespace freshet::store

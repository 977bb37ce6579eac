#include "common/store/vector_keeper.h"

#include <algorithm>

namespace freshet::store {
namespace {

constexpr uint64_t kPressing = 2;  // times the most entries
constexpr uint64_t kFewest = 8;    // a list with less than one in this many of the most is dissolved
constexpr uint64_t kMostGone = 8;  // lists are swept while more than one entry in this many is gone
constexpr size_t kSweepLooks = 8;  // lists looked at in one step

}  // namespace

std::string ListBytes(const ListEntries& entries, uint32_t dimensions) {
  std::string bytes;
  bytes.reserve(entries.size() * ListValue::EntryBytes(dimensions));
  for (const ListEntry& entry : entries) AppendListEntry(bytes, entry, dimensions);
  return bytes;
}

void VectorKeeper::Note(const Changes& changes) {
  const auto found = changes.lists.find(space_.id);
  if (found != changes.lists.end()) {
    for (const auto& [list, count] : found->second.entries) entries_[list] = count;
    for (const auto& [list, count] : found->second.appended) entries_[list] += count;
  }
  if (space_.lists == nullptr) return;
  if (entries_.size() < space_.lists->size()) {  // opened with these
    for (const auto& [list, centroid] : space_.lists->centroids()) entries_.try_emplace(list, centroid.entries);
    unseen_ = entries_.size();
  }
  if (entries_.size() == space_.lists->size()) return;  // new ones come with what they hold
  std::erase_if(entries_, [&](const auto& each) { return !space_.lists->Contains(each.first); });
}

bool VectorKeeper::IsPressing() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const auto& each) { return each.second > kPressing * most(); });
}

size_t VectorKeeper::LongLists() const {
  return static_cast<size_t>(
      std::count_if(entries_.begin(), entries_.end(), [&](const auto& each) { return each.second > most(); }));
}

uint64_t VectorKeeper::Entries() const {
  uint64_t sum = 0;
  for (const auto& [list, count] : entries_) sum += count;
  return sum;
}

Result<bool> VectorKeeper::Step(Batch& batch) {
  if (space_.lists == nullptr) {
    if (space_.vectors == nullptr || space_.vectors->entries() <= core_.options.scanned_vectors) return false;
    FRESHET_RETURN_IF_ERROR(BuildLists(core_, space_, batch));
    return true;
  }
  if (entries_.size() != space_.lists->size()) Note({});
  FRESHET_ASSIGN_OR_RETURN(bool planned, SplitLongest(batch));
  if (planned) return true;
  FRESHET_ASSIGN_OR_RETURN(planned, DissolveShortest(batch));
  if (planned) return true;
  return SweepNext(batch);
}

Result<VectorKeeper::Loaded> VectorKeeper::Load(uint32_t list) const {
  Loaded loaded;
  FRESHET_ASSIGN_OR_RETURN(std::optional<std::string> value, core_.database->Get(kPostings, ListKey(space_.id, list)));
  if (value) loaded.value = *std::move(value);
  if (loaded.value.size() % ListValue::EntryBytes(dimensions()) != 0) return Status(Code::kCorruptStore, "a list");
  const ListValue entries(loaded.value, dimensions());
  loaded.size = entries.size();
  std::set<uint32_t> seen;
  for (size_t i = 0; i < entries.size(); ++i) {
    const ListEntry entry = entries.entry(i);
    if (space_.chunks.contains(entry.chunk) && seen.insert(entry.chunk).second) loaded.entries.push_back(entry);
  }
  return loaded;
}

// With the centroid that its entries have now.
void VectorKeeper::Rewrite(Batch& batch, uint32_t list, const ListEntries& entries) const {
  VectorLists::Centroids centroids = space_.lists->centroids();
  centroids[list] = MeanOf(entries, dimensions());
  batch.PutList(space_, list, ListBytes(entries, dimensions()));
  batch.PutCentroids(space_, VectorLists::Make(dimensions(), std::move(centroids)), {list});
}

Result<bool> VectorKeeper::SplitLongest(Batch& batch) {
  const auto longest = std::max_element(entries_.begin(), entries_.end(),
                                        [](const auto& a, const auto& b) { return a.second < b.second; });
  if (longest == entries_.end() || longest->second <= most()) return false;
  FRESHET_ASSIGN_OR_RETURN(const Loaded loaded, Load(longest->first));
  if (4 * loaded.entries.size() <= 3 * most()) {
    Rewrite(batch, longest->first, loaded.entries);
    return true;
  }
  FRESHET_RETURN_IF_ERROR(Split(batch, longest->first, loaded));
  return true;
}

Result<bool> VectorKeeper::DissolveShortest(Batch& batch) {
  const auto shortest = std::min_element(entries_.begin(), entries_.end(),
                                         [](const auto& a, const auto& b) { return a.second < b.second; });
  if (entries_.size() < 2 || shortest->second * kFewest >= most()) return false;
  FRESHET_ASSIGN_OR_RETURN(const Loaded loaded, Load(shortest->first));
  if (loaded.entries.size() * kFewest >= most()) {  // more has come than was known
    entries_[shortest->first] = loaded.size;
    return DissolveShortest(batch);
  }
  VectorLists::Centroids centroids = space_.lists->centroids();
  centroids.erase(shortest->first);
  const auto lists = VectorLists::Make(dimensions(), std::move(centroids));
  for (const ListEntry& entry : loaded.entries) {
    batch.AppendToList(space_, lists->Nearest({entry.codes, dimensions()}, entry.scale), entry);
  }
  batch.RemoveList(space_, shortest->first);
  batch.PutCentroids(space_, lists, {});
  return true;
}

// Round and round, while enough is gone. What a list holds is counted when it is looked at.
Result<bool> VectorKeeper::SweepNext(Batch& batch) {
  const auto is_due = [&] {
    const uint64_t there = space_.chunks.cardinality(), kept = Entries();
    return unseen_ > 0 || (kept > there && (kept - there) * kMostGone > kept);
  };
  for (size_t look = 0; look < kSweepLooks && !entries_.empty() && is_due(); ++look) {
    auto next = entries_.lower_bound(next_swept_);
    if (next == entries_.end()) next = entries_.begin();
    FRESHET_ASSIGN_OR_RETURN(const Loaded loaded, Load(next->first));
    next_swept_ = next->first + 1;
    next->second = loaded.size;
    if (unseen_ > 0) --unseen_;
    if ((loaded.size - loaded.entries.size()) * kMostGone <= loaded.size) continue;
    Rewrite(batch, next->first, loaded.entries);
    return true;
  }
  return false;
}

}  // namespace freshet::store

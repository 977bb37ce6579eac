// The part of ViewImpl that searches vectors.
#include <algorithm>
#include <shared_mutex>

#include "common/store/filter_bitmap.h"
#include "common/store/vector_candidates.h"
#include "common/store/vector_list_search.h"
#include "common/store/view_impl.h"

namespace freshet::store {
namespace {

constexpr size_t kDearer = 8;  // a list that is read from disk, than one in memory, at least

}  // namespace

std::string ViewImpl::VectorModel(const CollectionName& collection) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr || (in->vectors == nullptr && in->lists == nullptr)) return "";
  std::shared_lock lock(state_.mutex);
  return in->space->record.model;
}

std::vector<Hit> ViewImpl::SearchVector(const CollectionName& collection, std::span<const float> query, size_t count,
                                        const Filter& filter) const {
  const ViewSpace* in = Find(collection);
  if (in == nullptr || filter.bitmap() == nullptr || query.size() != in->dimensions) return {};
  const auto rescore = [&](std::span<const ChunkOrdinal> chunks, GiveVector give) { Rescore(*in, chunks, give); };
  VectorQuery task{
      .vector = query, .count = count, .commit = commit_, .documents = filter.bitmap(), .rescore = rescore};
  if (in->lists != nullptr) return SearchLists(*in, task);
  return in->vectors == nullptr ? std::vector<Hit>() : in->vectors->Search(task);
}

double ViewImpl::ShareOf(const ViewSpace& in, const Filter::Bitmap& documents) const {
  std::shared_lock lock(state_.mutex);
  const auto all = static_cast<double>(std::max<uint64_t>(in.space->document_count, 1));
  return static_cast<double>(documents.documents.cardinality()) / all;
}

std::vector<Hit> ViewImpl::SearchLists(const ViewSpace& in, const VectorQuery& query) const {
  if (std::optional<std::vector<Hit>> few = ScoreFew(in, query)) return *std::move(few);
  VectorQuery task = query;
  const auto live = [&](ChunkOrdinal chunk, DocumentOrdinal) {
    if (chunk.value >= in.next_chunk) return false;
    std::shared_lock lock(state_.mutex);
    return in.space->IsChunkLive(chunk, commit_);
  };
  task.live = live;
  task.share = ShareOf(in, *query.documents);
  // A follower's lists move on under it: so they are read as they are now, by the centroids of now.
  const auto reads = LockReads();
  std::shared_ptr<const VectorLists> lists = in.lists;
  std::shared_ptr<Database> database = database_;
  uint64_t as_of = commit_;
  if (core_->follower != nullptr) {
    std::shared_lock lock(state_.mutex);
    as_of = state_.commit;
    lists = in.space->lists;
    database = core_->database;
  }
  rocksdb::PinnableSlice value;
  VectorListCache& cache = *state_.resident_lists;
  const auto read = [&](uint32_t list) -> std::shared_ptr<const ResidentList> {
    const VectorListCache::Id id{in.space->id, list};
    if (auto resident = cache.Find(id, as_of)) return resident;
    const Result<bool> found = database->GetPinned(kPostings, ListKey(id.space, list), snapshot_, value);
    if (!found.ok() || !*found) return nullptr;
    return cache.Put(id, as_of, ListValue(ToView(value), in.dimensions), in.dimensions);
  };
  // Where there are a few more vectors than would be scanned, as many are looked at as then.
  const size_t least = core_->options.scanned_vectors * lists->size() / std::max<uint64_t>(in.chunk_count, 1);
  return store::SearchLists(*lists, task, least, read);
}

std::optional<std::vector<Hit>> ViewImpl::ScoreFew(const ViewSpace& in, const VectorQuery& query) const {
  const Roaring& documents = query.documents->documents;
  const bool lists_fit = in.chunk_count * ListValue::EntryBytes(in.dimensions) <= core_->options.resident_list_bytes;
  const size_t most = core_->options.scored_vectors * (lists_fit ? 1 : kDearer);
  if (documents.cardinality() > most) return std::nullopt;
  VectorCandidates candidates(query, in.dimensions);
  size_t count = 0;
  {
    std::shared_lock lock(state_.mutex);
    const auto changed = in.space->PastOfAll(commit_);
    for (const uint32_t document : documents) {
      const DocumentRow* row = in.space->RowOf(DocumentOrdinal(document));
      if (row == nullptr) continue;  // deleted since
      if (changed.contains(DocumentOrdinal(document))) return std::nullopt;
      for (const ChunkRef& chunk : row->second.chunks) {
        if (!chunk.vector) continue;
        if (++count > most) return std::nullopt;
        candidates.Take(chunk.ordinal, DocumentOrdinal(document));
      }
    }
  }
  return candidates.Rescored();
}

// A chunk's vector never changes, and whether the chunk is there is for the state to say: so a follower needs no lock
// here, nor the newest value (Database::GetNewest).
void ViewImpl::Rescore(const ViewSpace& in, std::span<const ChunkOrdinal> chunks, GiveVector give) const {
  std::vector<std::string> keys;
  std::vector<rocksdb::Slice> slices;
  keys.reserve(chunks.size());
  for (const ChunkOrdinal chunk : chunks) {
    keys.push_back(ChunkKey(in.space->id, chunk));
    slices.push_back(ToSlice(keys.back()));
  }
  std::vector<rocksdb::PinnableSlice> values(chunks.size());
  std::vector<rocksdb::Status> statuses(chunks.size());
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  database_->db().MultiGet(options, database_->family(kVectors), slices.size(), slices.data(), values.data(),
                           statuses.data());
  std::vector<uint16_t> half(in.dimensions);
  for (size_t i = 0; i < chunks.size(); ++i) {
    if (!statuses[i].ok() || values[i].size() != half.size() * 2) continue;
    for (size_t j = 0; j < half.size(); ++j) {
      half[j] = static_cast<uint16_t>(static_cast<uint8_t>(values[i][2 * j]) |
                                      static_cast<uint8_t>(values[i][2 * j + 1]) << 8);
    }
    give(i, half);
  }
}

}  // namespace freshet::store

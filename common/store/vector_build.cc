// How the first inverted lists of a space come about: all vectors, parted until each part is a list.
#include <algorithm>

#include "common/store/loader.h"
#include "common/store/vector_keeper.h"

namespace freshet::store {
namespace {

constexpr size_t kBytesAWrite = 32 << 20;
// Each vector goes to its nearest centroid, where that is no more than this many dot products (a minute of work).
constexpr uint64_t kMostProducts = 500'000'000;

// All entries of a space, from its vectors.
Result<std::string> AllEntries(Core& core, const Space& space) {
  const uint32_t dimensions = space.record.dimensions;
  const auto chunks = ChunksWithVectors(space);
  std::string entries;
  entries.reserve(chunks.size() * ListValue::EntryBytes(dimensions));
  const auto take = [&](ChunkOrdinal chunk, DocumentOrdinal document, std::span<const uint16_t> half) {
    const VectorCodes codes(half);
    AppendListEntry(entries, {chunk.value, document.value, codes.scale, codes.codes.data()}, dimensions);
    return OkStatus();
  };
  FRESHET_RETURN_IF_ERROR(ForEachVector(core, space, chunks, take));
  return entries;
}

std::vector<ListEntries> ByNearest(const ListEntries& all, std::vector<ListEntries> parts, uint32_t dimensions) {
  if (all.size() * parts.size() > kMostProducts) return parts;
  VectorLists::Centroids centroids;
  for (size_t i = 0; i < parts.size(); ++i) {
    centroids[static_cast<uint32_t>(i)] = MeanOf(parts[i], dimensions);
    parts[i].clear();
  }
  const auto lists = VectorLists::Make(dimensions, std::move(centroids));
  for (const ListEntry& entry : all) parts[lists->Nearest({entry.codes, dimensions}, entry.scale)].push_back(entry);
  std::erase_if(parts, [](const ListEntries& part) { return part.empty(); });
  return parts;
}

// What an attempt that was cut short left behind.
Status ClearLists(Core& core, const Space& space) {
  rocksdb::WriteBatch clear;
  const std::string prefix = SpacePrefix(space.id);
  clear.DeleteRange(core.database->family(kPostings), ToSlice(prefix), ToSlice(PrefixEnd(prefix)))
      .PermitUncheckedError();
  return core.database->Write(clear, Durability::kBuffered);
}

}  // namespace

Status BuildLists(Core& core, const Space& space, Batch& batch) {
  const uint32_t dimensions = space.record.dimensions;
  FRESHET_RETURN_IF_ERROR(ClearLists(core, space));
  FRESHET_ASSIGN_OR_RETURN(const std::string stored, AllEntries(core, space));
  const ListValue value(stored, dimensions);
  ListEntries all;
  all.reserve(value.size());
  for (size_t i = 0; i < value.size(); ++i) all.push_back(value.entry(i));

  SpaceRecord& record = batch.EditSpace(space);
  VectorLists::Centroids centroids;
  std::set<uint32_t> numbers;
  rocksdb::WriteBatch ahead;
  for (const ListEntries& part :
       ByNearest(all, Cluster(all, core.options.list_vectors * 3 / 4, dimensions), dimensions)) {
    const uint32_t number = record.next_list++;
    centroids[number] = MeanOf(part, dimensions);
    numbers.insert(number);
    ahead
        .Put(core.database->family(kPostings), ToSlice(ListKey(space.id, number)), ToSlice(ListBytes(part, dimensions)))
        .PermitUncheckedError();
    if (ahead.GetDataSize() < kBytesAWrite) continue;
    FRESHET_RETURN_IF_ERROR(core.database->Write(ahead, Durability::kBuffered));
    ahead.Clear();
  }
  FRESHET_RETURN_IF_ERROR(core.database->Write(ahead, Durability::kBuffered));
  batch.PutCentroids(space, VectorLists::Make(dimensions, std::move(centroids)), numbers);
  return OkStatus();
}

}  // namespace freshet::store

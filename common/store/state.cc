#include "common/store/state.h"

#include <algorithm>

namespace freshet::store {

std::vector<Space*> State::SpacesOf(const CollectionName& collection) const {
  std::vector<Space*> found;
  for (const auto& [id, space] : spaces) {
    if (space->record.collection == collection) found.push_back(space.get());
  }
  return found;
}

Space* State::FindSpace(const CollectionName& collection, uint32_t generation) const {
  for (Space* space : SpacesOf(collection)) {
    if (space->id.generation == generation) return space;
  }
  return nullptr;
}

const Space* State::Served(const CollectionName& collection) const {
  const std::vector<Space*> found = SpacesOf(collection);
  return found.empty() ? nullptr : found.front();
}

Time State::WatermarkOf(SourceNumber source, Stream stream, uint32_t partitions) const {
  Time oldest = Time::max();
  for (uint32_t partition = 0; partition < partitions; ++partition) {
    const auto found = watermarks.find({source, stream, Partition(partition)});
    if (found == watermarks.end()) return Time();
    oldest = std::min(oldest, found->second);
  }
  return oldest;
}

}  // namespace freshet::store

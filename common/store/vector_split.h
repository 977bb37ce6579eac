// How inverted lists are clustered: two-means, and means.
//
//   Centroid centroid = MeanOf(entries, 384);
//   auto [left, right] = SplitInTwo(entries, 384);       // neither has less than an eighth
//
// Deterministic: the same entries in the same order part alike. Entries' codes are lent. Plain functions.
#pragma once

#include <array>

#include "common/store/vector_list.h"

namespace freshet::store {

using ListEntries = std::vector<ListEntry>;

// Of no entries: zero.
Centroid MeanOf(const ListEntries& entries, uint32_t dimensions);

// At least two entries.
std::array<ListEntries, 2> SplitInTwo(const ListEntries& entries, uint32_t dimensions);

// Parts until each has at most `most` entries (at least 1); no part is empty.
std::vector<ListEntries> Cluster(ListEntries entries, size_t most, uint32_t dimensions);

// Half the square of the distance, but for half the square of the entry's own length.
float DistanceTo(const ListEntry& entry, const Centroid& centroid, float half_square);

}  // namespace freshet::store

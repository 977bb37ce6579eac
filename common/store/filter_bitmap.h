// Filter::Bitmap: the documents that a filter lets through, as both searches test them: one bit a document.
//
//   if (filter.bitmap()->Contains(document)) ...
//
// Immutable once made: any thread.
#pragma once

#include <cstdint>
#include <roaring/roaring.hh>
#include <vector>

#include "common/store/view.h"

namespace freshet::store {

struct Filter::Bitmap {
  explicit Bitmap(Roaring let_through);

  bool Contains(DocumentOrdinal document) const {
    const uint32_t ordinal = document.value;
    if (dense) return ordinal < 64 * bits.size() && ((bits[ordinal / 64] >> (ordinal % 64)) & 1) != 0;
    return documents.contains(ordinal);
  }

  Roaring documents;
  bool dense = false;  // `bits` says the same, quicker; not made where ordinals have grown very large
  std::vector<uint64_t> bits;
};

}  // namespace freshet::store

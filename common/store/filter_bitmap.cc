#include "common/store/filter_bitmap.h"

namespace freshet::store {
namespace {

constexpr uint32_t kDenseLimit = 1u << 26;  // 8 MiB of bits

}  // namespace

Filter::Bitmap::Bitmap(Roaring let_through) : documents(std::move(let_through)) {
  if (documents.isEmpty()) {
    dense = true;
    return;
  }
  if (documents.maximum() >= kDenseLimit) return;
  dense = true;
  bits.resize(documents.maximum() / 64 + 1);
  documents.iterate(
      [](uint32_t ordinal, void* out) {
        static_cast<uint64_t*>(out)[ordinal / 64] |= uint64_t{1} << (ordinal % 64);
        return true;
      },
      bits.data());
}

uint64_t Filter::count() const { return bitmap_ == nullptr ? 0 : bitmap_->documents.cardinality(); }

}  // namespace freshet::store

#include "common/store/ordinal_set.h"

namespace freshet::store {

void OrdinalSet::Add(uint32_t ordinal) {
  if (many_ != nullptr) {
    many_->add(ordinal);
  } else if (!single_) {
    single_ = ordinal;
  } else if (*single_ != ordinal) {
    many_ = std::make_unique<Roaring>();
    many_->add(*single_);
    many_->add(ordinal);
    single_.reset();
  }
}

void OrdinalSet::Remove(uint32_t ordinal) {
  if (single_ == ordinal) single_.reset();
  if (many_ == nullptr) return;
  many_->remove(ordinal);
  if (many_->cardinality() > 1) return;
  if (!many_->isEmpty()) single_ = many_->minimum();
  many_.reset();
}

Roaring OrdinalSet::AsBitmap() const {
  if (many_ != nullptr) return *many_;
  Roaring bitmap;
  if (single_) bitmap.add(*single_);
  return bitmap;
}

}  // namespace freshet::store

// OrdinalSet: a set of ordinals that is most often of one: a Roaring bitmap only from the second on, since a bitmap of
// one costs some two hundred bytes and there may be a million of them. PagedArray: a value per ordinal, in pages, so
// that growing copies nothing.
//
//   OrdinalSet set;  set.Add(7);  set.ForEach([](uint32_t ordinal) { ... });   bitmap -= set.AsBitmap();
//
// Plain values: not for concurrent writing.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <roaring/roaring.hh>
#include <vector>

namespace freshet::store {

class OrdinalSet {
 public:
  void Add(uint32_t ordinal);
  void Remove(uint32_t ordinal);
  bool empty() const { return !single_.has_value() && many_ == nullptr; }
  Roaring AsBitmap() const;

  template <class Visit>
  void ForEach(Visit visit) const {
    if (single_) visit(*single_);
    if (many_ == nullptr) return;
    for (const uint32_t ordinal : *many_) visit(ordinal);
  }

 private:
  std::optional<uint32_t> single_;
  std::unique_ptr<Roaring> many_;  // of two and more
};

template <class Value>
class PagedArray {
 public:
  void Set(uint32_t ordinal, Value value) {
    const size_t page = ordinal / kPageSize;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (pages_[page] == nullptr) pages_[page] = std::make_unique<Page>();
    (*pages_[page])[ordinal % kPageSize] = value;
  }
  // Value{} where none was set.
  Value Get(uint32_t ordinal) const {
    const size_t page = ordinal / kPageSize;
    return page < pages_.size() && pages_[page] != nullptr ? (*pages_[page])[ordinal % kPageSize] : Value{};
  }

 private:
  static constexpr size_t kPageSize = 4096;
  using Page = std::array<Value, kPageSize>;
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace freshet::store

// The form of inverted lists of vectors and of their centroids in RocksDB (the postings family).
//
//   AppendListEntry(operand, {.chunk = 7, .document = 3, .scale = scale, .codes = codes});   // for Merge, or a list
//   ListValue list(value, 384);
//   for (size_t i = 0; i < list.size(); ++i) ... list.chunk(i), list.document(i), list.codes(i) ...
//
//   list     := entry*                               appending is putting bytes behind one another
//   entry    := chunk(4) document(4) scale(4) code(1)*dimensions      numbers little-endian, scale as binary32
//   centroid := 1 entries scale(4) zero(4) code(1)*dimensions         1 and entries are varints (wire.h)
//
// A chunk may stand in a list more than once (a follower's merges may count an operand twice), or after it has gone:
// readers skip both. Decoding a centroid: corrupt_store. A list's torn end is not read. Any thread.
#pragma once

#include <rocksdb/merge_operator.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet::store {

struct ListEntry {
  uint32_t chunk = 0;
  uint32_t document = 0;
  float scale = 0;  // of the codes
  const int8_t* codes = nullptr;
};
// A vector's 8-bit codes; one that holds what is no number is zero.
struct VectorCodes {
  explicit VectorCodes(std::span<const uint16_t> half);
  std::vector<int8_t> codes;
  float scale = 0;
};
void AppendListEntry(std::string& list, const ListEntry& entry, uint32_t dimensions);

class ListValue {
 public:
  static constexpr size_t kHeadBytes = 12;
  static size_t EntryBytes(uint32_t dimensions) { return kHeadBytes + dimensions; }

  // `bytes` must outlive this.
  ListValue(std::string_view bytes, uint32_t dimensions)
      : bytes_(bytes.data()), stride_(EntryBytes(dimensions)), size_(bytes.size() / stride_) {}

  size_t size() const { return size_; }
  size_t stride() const { return stride_; }
  uint32_t chunk(size_t i) const { return Read<uint32_t>(i, 0); }
  uint32_t document(size_t i) const { return Read<uint32_t>(i, 4); }
  float scale(size_t i) const { return Read<float>(i, 8); }
  const int8_t* codes(size_t i) const { return reinterpret_cast<const int8_t*>(bytes_ + i * stride_ + kHeadBytes); }
  ListEntry entry(size_t i) const { return {chunk(i), document(i), scale(i), codes(i)}; }

 private:
  template <class Number>
  Number Read(size_t i, size_t offset) const {
    Number number;
    std::memcpy(&number, bytes_ + i * stride_ + offset, sizeof(number));
    return number;
  }

  const char* bytes_;
  size_t stride_;
  size_t size_;
};

// The mean of a list's vectors.
struct Centroid {
  float scale = 0;
  std::vector<int8_t> codes;
  uint64_t entries = 0;  // that the list had when this was written
};
// Half the square of its length.
float HalfSquare(const Centroid& centroid);
std::string Encode(const Centroid& centroid);
Result<Centroid> DecodeCentroid(std::string_view value, uint32_t dimensions);

// Puts operands behind the value.
std::shared_ptr<rocksdb::MergeOperator> AppendingMerge();

}  // namespace freshet::store

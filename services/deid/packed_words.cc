#include "services/deid/packed_words.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace freshet::deid {
namespace {

static_assert(std::endian::native == std::endian::little, "a rest is the leading bytes of a word");

constexpr size_t kBucketWords = 16;

uint32_t BucketBits(size_t size, uint32_t bits) {
  return std::min(static_cast<uint32_t>(std::bit_width(size / kBucketWords)), bits - 1);
}

}  // namespace

PackedWords::PackedWords(std::span<const uint64_t> ascending, uint32_t bits)
    : size_(ascending.size()),
      bucket_bits_(BucketBits(size_, bits)),
      rest_bits_(bits - bucket_bits_),
      width_((rest_bits_ + 7) / 8),
      begins_(std::make_unique<uint32_t[]>(buckets() + 1)),
      bytes_(std::make_unique<uint8_t[]>(size_ * width_ + kSlack)) {
  for (size_t place = 0; place < size_; ++place) {
    ++begins_[BucketOf(ascending[place]) + 1];
    std::memcpy(bytes_.get() + place * width_, &ascending[place], width_);
  }
  for (size_t bucket = 0; bucket < buckets(); ++bucket) begins_[bucket + 1] += begins_[bucket];
}

uint64_t PackedWords::RestAt(size_t place) const {
  uint64_t rest;
  std::memcpy(&rest, bytes_.get() + place * width_, sizeof(rest));
  return rest_bits_ >= 64 ? rest : rest & ((uint64_t{1} << rest_bits_) - 1);
}

size_t PackedWords::LowerBound(size_t bucket, uint64_t word) const {
  size_t begin = begins_[bucket], end = begins_[bucket + 1];
  while (begin < end) {
    const size_t middle = begin + (end - begin) / 2;
    if (WordAt(bucket, middle) < word) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

std::optional<uint64_t> PackedWords::FirstWithin(uint64_t low, uint64_t high) const {
  for (size_t bucket = BucketOf(low); bucket <= BucketOf(high); ++bucket) {
    const size_t place = LowerBound(bucket, low);
    if (place == begins_[bucket + 1]) continue;
    const uint64_t word = WordAt(bucket, place);
    return word <= high ? std::optional(word) : std::nullopt;
  }
  return std::nullopt;
}

size_t PackedWords::Count(uint64_t word) const {
  const size_t bucket = BucketOf(word);
  size_t place = LowerBound(bucket, word);
  const size_t begin = place;
  while (place < begins_[bucket + 1] && WordAt(bucket, place) == word) ++place;
  return place - begin;
}

}  // namespace freshet::deid

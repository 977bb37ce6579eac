// PackedWords: an immutable sorted multiset of numbers, in as few bytes as their spread allows.
//
//   PackedWords packed(ascending, 64);
//   packed.FirstWithin(low, high)        // the least word in [low, high]
//   packed.Count(word)                   // how often it is there
//
// Words go by their leading bits into buckets of some sixteen; a bucket's words are stored without those bits, each in
// as many bytes as the rest needs (15,000 of 64 bits: 7), in order:
//   begins := place(4)[2^k + 1]      bytes := rest(width)[size]
// A search is one look into the directory and a binary search in a bucket. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace freshet::deid {

class PackedWords {
 public:
  // `ascending` may repeat itself; no word has more than `bits` bits (1 to 64).
  PackedWords(std::span<const uint64_t> ascending, uint32_t bits);

  size_t size() const { return size_; }
  size_t MemoryBytes() const { return sizeof(*this) + (buckets() + 1) * sizeof(uint32_t) + size_ * width_ + kSlack; }

  std::optional<uint64_t> FirstWithin(uint64_t low, uint64_t high) const;
  size_t Count(uint64_t word) const;

  // In ascending order.
  template <class Each>
  void ForEach(const Each& each) const {
    for (size_t bucket = 0; bucket < buckets(); ++bucket) {
      for (size_t place = begins_[bucket]; place < begins_[bucket + 1]; ++place) each(WordAt(bucket, place));
    }
  }

 private:
  static constexpr size_t kSlack = 8;  // a word is read by eight bytes

  size_t buckets() const { return size_t{1} << bucket_bits_; }
  size_t BucketOf(uint64_t word) const { return rest_bits_ >= 64 ? 0 : word >> rest_bits_; }
  uint64_t RestAt(size_t place) const;
  uint64_t WordAt(size_t bucket, size_t place) const {
    return (rest_bits_ >= 64 ? 0 : uint64_t{bucket} << rest_bits_) | RestAt(place);
  }
  // The first place in the word's bucket that is not below it.
  size_t LowerBound(size_t bucket, uint64_t word) const;

  size_t size_;
  uint32_t bucket_bits_;
  uint32_t rest_bits_;
  uint32_t width_;
  std::unique_ptr<uint32_t[]> begins_;
  std::unique_ptr<uint8_t[]> bytes_;
};

}  // namespace freshet::deid

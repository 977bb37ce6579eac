#include "common/store/database_manifest.h"

#include <gtest/gtest.h>

#include <random>

#include "common/store/lexical_files.h"

namespace freshet::store {
namespace {

constexpr size_t kBlock = 32 << 10;
constexpr size_t kHead = 7;

// A manifest, written as the grammar says.
class Manifest {
 public:
  void Append(std::string_view record) {
    for (bool first = true; first || !record.empty(); first = false) {
      size_t left = kBlock - bytes_.size() % kBlock;
      if (left < kHead) {
        bytes_.append(left, '\0');
        left = kBlock;
      }
      const std::string_view piece = record.substr(0, left - kHead);
      record.remove_prefix(piece.size());
      AppendPiece(record.empty() ? (first ? 1 : 4) : (first ? 2 : 3), piece);
    }
  }
  const std::string& bytes() const { return bytes_; }
  // Where the piece begins that holds this byte.
  size_t StartOf(size_t at) const { return *std::prev(starts_.upper_bound(at)); }

 private:
  void AppendPiece(char type, std::string_view piece) {
    starts_.insert(bytes_.size());
    const uint32_t sum = Crc32c(std::string(1, type) + std::string(piece));
    const uint32_t masked = ((sum >> 15) | (sum << 17)) + 0xa282ead8u;
    for (int i = 0; i < 4; ++i) bytes_.push_back(static_cast<char>(masked >> (8 * i)));
    for (int i = 0; i < 2; ++i) bytes_.push_back(static_cast<char>(piece.size() >> (8 * i)));
    bytes_.push_back(type);
    bytes_.append(piece);
  }

  std::string bytes_;
  std::set<size_t> starts_;
};

// Sizes about a block's end, and records that end in zeros of their own.
Manifest RandomManifest(uint64_t seed) {
  std::mt19937_64 random(seed);
  Manifest manifest;
  for (size_t count = 1 + random() % 40; count > 0; --count) {
    std::string record(random() % 5 == 0 ? random() % 70'000 : random() % 300, '\0');
    for (char& byte : record) byte = static_cast<char>(random() % 3);
    if (random() % 3 == 0) record += std::string(random() % 20, '\0');
    manifest.Append(record);
  }
  return manifest;
}

TEST(Manifest, IsReadWholeWhereItIsWholeOrCut) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const std::string bytes = RandomManifest(seed).bytes();
    EXPECT_EQ(WithoutTornEnd(bytes), bytes.size()) << seed;
    const size_t cut = std::mt19937_64(seed)() % bytes.size();
    EXPECT_EQ(WithoutTornEnd(bytes.substr(0, cut)), cut) << seed;
  }
  EXPECT_EQ(WithoutTornEnd(""), 0u);
}

// Whatever of the last record has become zeros, it is gone, and nothing before it.
TEST(Manifest, EndsBeforeTheRecordThatZerosBeginIn) {
  size_t torn = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const Manifest manifest = RandomManifest(seed);
    std::string bytes = manifest.bytes();
    const size_t last = manifest.StartOf(bytes.size() - 1);
    const size_t from = last + std::mt19937_64(seed)() % (bytes.size() - last);
    std::fill(bytes.begin() + from, bytes.end(), '\0');
    const bool changed = bytes != manifest.bytes();
    EXPECT_EQ(WithoutTornEnd(bytes), changed ? last : bytes.size()) << seed;
    torn += changed;
  }
  EXPECT_GT(torn, 200u);
}

TEST(Manifest, DamageBeforeItsEndIsLeftForRocksDbToTell) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Manifest manifest = RandomManifest(seed);
    manifest.Append("the last record, which is whole");
    std::string bytes = manifest.bytes();
    bytes[std::mt19937_64(seed)() % (bytes.size() - 40)] ^= 1;
    EXPECT_EQ(WithoutTornEnd(bytes), bytes.size()) << seed;
  }
}

}  // namespace
}  // namespace freshet::store

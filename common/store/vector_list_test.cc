#include "common/store/vector_list.h"

#include <gtest/gtest.h>

#include <cmath>

#include "common/model/half.h"
#include "common/store/database.h"
#include "common/store/keys.h"
#include "tests/support/crash_fs.h"

namespace freshet::store {
namespace {

constexpr uint32_t kDimensions = 5;

std::string EntryOf(uint32_t number) {
  const std::vector<int8_t> codes = {static_cast<int8_t>(number), -128, 127, 0, -1};
  std::string bytes;
  AppendListEntry(bytes, {number, 10 * number, 0.5f * static_cast<float>(number), codes.data()}, kDimensions);
  return bytes;
}

std::vector<uint32_t> ChunksOf(std::string_view bytes) {
  const ListValue list(bytes, kDimensions);
  std::vector<uint32_t> chunks;
  for (size_t i = 0; i < list.size(); ++i) chunks.push_back(list.chunk(i));
  return chunks;
}

TEST(VectorList, EntriesAreReadBackFromAnyAddress) {
  const std::string bytes = "x" + EntryOf(1) + EntryOf(2);  // not aligned
  const ListValue list(std::string_view(bytes).substr(1), kDimensions);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list.chunk(1), 2u);
  EXPECT_EQ(list.document(1), 20u);
  EXPECT_EQ(list.scale(1), 1.0f);
  EXPECT_EQ(std::vector<int8_t>(list.codes(1), list.codes(1) + kDimensions),
            (std::vector<int8_t>{2, -128, 127, 0, -1}));
  EXPECT_EQ(list.codes(1) - list.codes(0), static_cast<ptrdiff_t>(list.stride()));
}

TEST(VectorList, ATornEndIsNotRead) {
  const std::string bytes = EntryOf(1) + EntryOf(2);
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(ListValue(std::string_view(bytes).substr(0, cut), kDimensions).size(),
              cut / ListValue::EntryBytes(kDimensions));
  }
}

TEST(VectorList, CentroidsAreReadBackAndTruncationIsRefused) {
  const Centroid centroid{.scale = 0.25f, .codes = {1, -2, 3, -4, 5}, .entries = 300};
  const std::string value = Encode(centroid);
  const Result<Centroid> read = DecodeCentroid(value, kDimensions);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->scale, centroid.scale);
  EXPECT_EQ(read->codes, centroid.codes);
  EXPECT_EQ(read->entries, centroid.entries);
  EXPECT_FLOAT_EQ(HalfSquare(centroid), 55 * 0.0625f / 2);
  for (size_t size = 0; size < value.size(); ++size) {
    EXPECT_EQ(DecodeCentroid(value.substr(0, size), kDimensions).status().code(), Code::kCorruptStore) << size;
  }
  EXPECT_FALSE(DecodeCentroid(value + "x", kDimensions).ok());
  EXPECT_FALSE(DecodeCentroid(value, kDimensions + 1).ok());
}

TEST(VectorList, CodesOfWhatIsNoNumberAreZero) {
  std::vector<uint16_t> half(kDimensions, model::HalfFromFloat(0.5f));
  EXPECT_NEAR(VectorCodes(half).scale * 127, 0.5f, 1e-3);
  for (const uint16_t bad : {0x7C00, 0xFC00, 0x7E00}) {  // infinities, not a number
    half[3] = bad;
    EXPECT_EQ(VectorCodes(half).scale, 0);
    EXPECT_EQ(VectorCodes(half).codes, std::vector<int8_t>(kDimensions, 0));
  }
}

// Merges, flushed in between in every way, give what appending in that order gives; a put in between begins anew.
TEST(VectorList, MergesAppendInOrderThroughFlushesAndReopening) {
  for (const uint32_t flushes : {0u, 3u, 10u, 21u, 31u}) {
    test::CrashDisk disk(flushes + 1);
    const std::string key = ListKey({1, 1}, 7);
    const auto open = [&] {
      return *Database::Open({.path = "/lists", .families = FamilyNames(), .env = disk.env(), .tune = TuneFamily});
    };
    auto database = open();
    std::vector<uint32_t> expected;
    for (uint32_t i = 0; i < 5; ++i) {
      rocksdb::WriteBatch batch;
      if (i == 2 && flushes % 3 == 0) {
        batch.Put(database->family(kPostings), key, EntryOf(90));
        expected = {90};
      }
      batch.Merge(database->family(kPostings), key, EntryOf(i));
      batch.Merge(database->family(kPostings), key, EntryOf(50 + i));
      expected.insert(expected.end(), {i, 50 + i});
      ASSERT_TRUE(database->Write(batch, Durability::kBuffered).ok());
      if ((flushes >> i & 1) != 0) {
        ASSERT_TRUE(database->db().Flush({}, database->family(kPostings)).ok());
      }
    }
    if (flushes % 2 == 1) {
      ASSERT_TRUE(database->db().CompactRange({}, database->family(kPostings), nullptr, nullptr).ok());
    }
    database.reset();
    database = open();
    rocksdb::PinnableSlice value;
    const Result<bool> found = database->GetPinned(kPostings, key, nullptr, value);
    ASSERT_TRUE(found.ok() && *found);
    EXPECT_EQ(ChunksOf(ToView(value)), expected);
    EXPECT_FALSE(*database->GetPinned(kPostings, ListKey({1, 1}, 8), nullptr, value));
  }
}

}  // namespace
}  // namespace freshet::store

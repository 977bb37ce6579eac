#include "common/store/vector_list_cache.h"

#include <gtest/gtest.h>

#include <thread>

namespace freshet::store {
namespace {

constexpr uint32_t kDimensions = 6;
constexpr SpaceId kSpace{1, 1};

// Entries of these chunks, of which the rest follows.
std::string Entries(uint32_t begin, uint32_t end) {
  std::string bytes;
  for (uint32_t chunk = begin; chunk < end; ++chunk) {
    const std::vector<int8_t> codes(kDimensions, static_cast<int8_t>(chunk));
    AppendListEntry(bytes, {chunk, 2 * chunk, 0.5f * static_cast<float>(chunk), codes.data()}, kDimensions);
  }
  return bytes;
}

std::shared_ptr<const ResidentList> Put(VectorListCache& cache, const VectorListCache::Id& id, uint64_t commit,
                                        const std::string& bytes) {
  return cache.Put(id, commit, ListValue(bytes, kDimensions), kDimensions);
}

void Append(VectorListCache& cache, const VectorListCache::Id& id, uint64_t commit, const std::string& bytes) {
  cache.Append(id, commit, ListValue(bytes, kDimensions));
}

// How many there are, each of them whole and in order.
size_t SizeOf(const ResidentList& list) {
  const size_t size = list.size();
  for (size_t i = 0; i < size; ++i) {
    EXPECT_EQ(list.chunk(i), i);
    EXPECT_EQ(list.document(i), 2 * i);
    EXPECT_EQ(list.scale(i), 0.5f * static_cast<float>(i));
    EXPECT_EQ(std::vector<int8_t>(list.codes(i), list.codes(i) + kDimensions),
              std::vector<int8_t>(kDimensions, static_cast<int8_t>(i)));
  }
  return size;
}

TEST(VectorListCache, GivesWhatWasPutAndWhatWasAppended) {
  VectorListCache cache(1 << 20);
  const VectorListCache::Id id{kSpace, 7};
  EXPECT_EQ(cache.Find(id, 5), nullptr);
  const auto before = Put(cache, id, 5, Entries(0, 3));
  EXPECT_EQ(SizeOf(*before), 3u);
  EXPECT_EQ(cache.Find(id, 5), before);
  for (uint32_t chunk = 3; chunk < 100; ++chunk) {
    Append(cache, id, 3 + chunk, Entries(chunk, chunk + 1));
    const auto now = cache.Find(id, 3 + chunk);
    ASSERT_NE(now, nullptr);
    ASSERT_EQ(SizeOf(*now), chunk + 1);
  }
  EXPECT_GE(SizeOf(*before), 3u) << "who has it still may read it";
  EXPECT_EQ(SizeOf(*cache.Find(id, 5)), 100u) << "an older search leaves out what came later";
  EXPECT_EQ(cache.Find({kSpace, 8}, 5), nullptr);
  EXPECT_EQ(cache.Find({{1, 2}, 7}, 5), nullptr);
}

TEST(VectorListCache, WhatWasReadBeforeAChangeIsNotKept) {
  VectorListCache cache(1 << 20);
  const VectorListCache::Id id{kSpace, 7};
  Append(cache, id, 6, Entries(3, 4));  // while somebody reads as of 5
  EXPECT_EQ(SizeOf(*Put(cache, id, 5, Entries(0, 3))), 3u);
  EXPECT_EQ(cache.Find(id, 5), nullptr);
  EXPECT_EQ(cache.Find(id, 6), nullptr);
  Put(cache, id, 6, Entries(0, 4));
  EXPECT_EQ(SizeOf(*cache.Find(id, 6)), 4u);
}

TEST(VectorListCache, AListWrittenAnewIsReadAnewAndNotByOlderSearches) {
  VectorListCache cache(1 << 20);
  const VectorListCache::Id id{kSpace, 7};
  Put(cache, id, 5, Entries(0, 9));
  cache.Drop(id, 6);
  EXPECT_EQ(cache.Find(id, 6), nullptr);
  EXPECT_EQ(SizeOf(*Put(cache, id, 5, Entries(0, 9))), 9u);
  EXPECT_EQ(cache.Find(id, 6), nullptr) << "what an older search read";
  Put(cache, id, 6, Entries(0, 2));
  EXPECT_EQ(cache.Find(id, 5), nullptr) << "what is there now is not what was there then";
  EXPECT_EQ(SizeOf(*cache.Find(id, 7)), 2u);
}

TEST(VectorListCache, OfAListThatIsGoneEachOlderSearchReadsItsOwnState) {
  VectorListCache cache(1 << 20);
  const VectorListCache::Id id{kSpace, 7};
  cache.Forget(id);  // by commit 12
  EXPECT_EQ(SizeOf(*Put(cache, id, 9, Entries(0, 9))), 9u);
  EXPECT_EQ(cache.Find(id, 11), nullptr) << "which has more entries";
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(VectorListCache, WhatWasReadLastStaysWithinTheBound) {
  const size_t one = ResidentList(ListValue(Entries(0, 100), kDimensions), kDimensions).MemoryBytes();
  VectorListCache cache(3 * one);
  for (uint32_t list = 0; list < 3; ++list) Put(cache, {kSpace, list}, 5, Entries(0, 100));
  EXPECT_EQ(cache.bytes(), 3 * one);
  EXPECT_NE(cache.Find({kSpace, 0}, 5), nullptr);
  Put(cache, {kSpace, 3}, 5, Entries(0, 100));
  EXPECT_EQ(cache.bytes(), 3 * one);
  EXPECT_EQ(cache.Find({kSpace, 1}, 5), nullptr);
  for (const uint32_t list : {0u, 2u, 3u}) EXPECT_NE(cache.Find({kSpace, list}, 5), nullptr) << list;
  Append(cache, {kSpace, 2}, 6, Entries(100, 101));
  EXPECT_LE(cache.bytes(), 3 * one);
  EXPECT_EQ(SizeOf(*Put(cache, {kSpace, 9}, 6, Entries(0, 1000))), 1000u) << "more than there is room for";
  EXPECT_LE(cache.bytes(), 3 * one);
  Put(cache, {kSpace, 1}, 5, Entries(0, 100));
  cache.Forget({kSpace, 1});
  cache.Forget(kSpace);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(VectorListCache, ReadersSeeWholeEntriesBesideTheWriter) {
  VectorListCache cache(1 << 20);
  const VectorListCache::Id id{kSpace, 7};
  Put(cache, id, 0, "");
  std::atomic<uint32_t> committed = 0;
  std::jthread writer([&] {
    for (uint32_t chunk = 0; chunk < 3000; ++chunk) {
      if (chunk % 1000 == 999) {
        cache.Drop(id, chunk + 1);
      } else {
        Append(cache, id, chunk + 1, Entries(chunk, chunk + 1));
      }
      committed = chunk + 1;
    }
  });
  size_t searches = 0;
  for (uint32_t commit = 0; commit < 3000; ++searches) {
    commit = committed;
    auto list = cache.Find(id, commit);
    if (list == nullptr) list = Put(cache, id, commit, Entries(0, commit));
    ASSERT_GE(SizeOf(*list), commit);
  }
  EXPECT_GE(searches, 1u);
}

}  // namespace
}  // namespace freshet::store

#include "common/store/vector_list_cache.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
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

// Searches one after the other, each as of the newest commit, as readers do beside the one that writes.
class Searches {
 public:
  Searches(VectorListCache& cache, const VectorListCache::Id& id, const std::atomic<uint32_t>& committed)
      : cache_(cache), id_(id), committed_(committed) {}

  void RunUntil(uint32_t last) {
    for (uint32_t commit = 0; commit < last;) {
      commit = committed_;
      auto list = cache_.Find(id_, commit);
      if (list == nullptr) list = Put(cache_, id_, commit, Entries(0, commit));
      const size_t size = SizeOf(*list);
      EXPECT_GE(size, commit) << "a state from before the search";
      EXPECT_LE(size, committed_ + 1) << "entries that nobody has written";
      states_.insert(size);
      searched_ = commit;
    }
  }
  uint32_t searched() const { return searched_; }
  const std::set<size_t>& states() const { return states_; }

 private:
  VectorListCache& cache_;
  const VectorListCache::Id id_;
  const std::atomic<uint32_t>& committed_;
  std::atomic<uint32_t> searched_ = 0;  // as of which commit the newest search was
  std::set<size_t> states_;             // how many entries were seen
};

// The writer waits now and then for both readers, so that each sees several of its states.
TEST(VectorListCache, ReadersSeeWholeEntriesBesideTheWriter) {
  constexpr uint32_t kCommits = 3000;
  constexpr uint32_t kWaitEvery = 500;
  VectorListCache cache(1 << 20);
  const VectorListCache::Id id{kSpace, 7};
  Put(cache, id, 0, "");
  std::atomic<uint32_t> committed = 0;
  std::array<Searches, 2> readers{Searches(cache, id, committed), Searches(cache, id, committed)};
  {
    std::jthread first([&] { readers[0].RunUntil(kCommits); });
    std::jthread second([&] { readers[1].RunUntil(kCommits); });
    for (uint32_t commit = 1; commit <= kCommits; ++commit) {
      if (commit % 1000 == 0) {
        cache.Drop(id, commit);
      } else {
        Append(cache, id, commit, Entries(commit - 1, commit));
      }
      committed = commit;
      while (commit % kWaitEvery == 0 && (readers[0].searched() < commit || readers[1].searched() < commit)) {
        std::this_thread::yield();
      }
    }
  }
  for (const Searches& reader : readers) {
    EXPECT_GE(reader.states().size(), kCommits / kWaitEvery) << "the list was read while it grew";
    EXPECT_EQ(*reader.states().rbegin(), kCommits);
  }
}

}  // namespace
}  // namespace freshet::store

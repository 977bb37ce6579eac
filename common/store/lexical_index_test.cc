#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "common/store/testing/lexical_test_index.h"

namespace freshet::store {
namespace {

TEST_F(LexicalIndexTest, ShowsWhatWasAddedFromReopenOn) {
  const auto index = Open();
  EXPECT_EQ(index->CommittedNumber(), 0u);
  EXPECT_FALSE(index->was_rebuilt());
  const auto empty = Reopen(*index, 3);
  EXPECT_EQ(empty->commit(), 3u);
  EXPECT_EQ(empty->entries(), 0u);
  Add(*index, 0, 5);
  EXPECT_TRUE(ChunksIn(*empty).empty());
  const auto five = Reopen(*index, 4);
  Add(*index, 5, 9);
  EXPECT_EQ(ChunksIn(*five), Range(0, 5));
  EXPECT_EQ(ChunksIn(*Reopen(*index)), Range(0, 9));
  EXPECT_EQ(ChunksIn(*five), Range(0, 5));
  EXPECT_EQ(index->BytesOnDisk(), 0u);  // nothing was committed
}

TEST_F(LexicalIndexTest, AddingAgainChangesNothing) {
  const auto index = Open();
  for (int round = 0; round < 3; ++round) {
    Add(*index, 0, 10);
    EXPECT_EQ(ChunksIn(*Reopen(*index)), Range(0, 10));
    ASSERT_TRUE(index->Commit(1 + round).ok());
  }
  const auto again = Open();
  Add(*again, 0, 10);
  EXPECT_EQ(Reopen(*again)->entries(), 10u);
}

TEST_F(LexicalIndexTest, CommitsSurviveTheProcessAndPowerLoss) {
  {
    const auto index = Open();
    Add(*index, 0, 20);
    ASSERT_TRUE(index->Commit(7).ok());
    EXPECT_EQ(index->CommittedNumber(), 7u);
    Add(*index, 20, 30);
    Reopen(*index);
  }
  {
    const auto index = Open();
    EXPECT_EQ(index->CommittedNumber(), 7u);
    EXPECT_FALSE(index->was_rebuilt());
    EXPECT_EQ(ChunksIn(*Reopen(*index)), Range(0, 20));
    Add(*index, 20, 25);
    ASSERT_TRUE(index->Commit(9).ok());
  }
  disk_.Crash();
  const auto index = Open();
  EXPECT_EQ(index->CommittedNumber(), 9u);
  EXPECT_EQ(ChunksIn(*Reopen(*index)), Range(0, 25));
  EXPECT_GT(index->BytesOnDisk(), 0u);
}

TEST_F(LexicalIndexTest, SearchesEqualTheFormulaAcrossCommitsAndMerges) {
  const auto index = Open({.buffer_mb = 0});
  std::vector<TestEntry> entries;
  std::mt19937 random(5);
  for (uint32_t chunk = 0; chunk < 1500; ++chunk) {
    entries.push_back(EntryOf(chunk));
    ASSERT_TRUE(index->Add(entries.back()).ok());
    if (random() % 10 == 0) Reopen(*index);
    if (random() % 60 == 0) {
      ASSERT_TRUE(index->Commit(chunk).ok());
    }
  }
  const ReferenceBm25 reference(entries);
  const auto reader = Reopen(*index);
  for (int round = 0; round < 30; ++round) {
    const std::string query = RandomText(random, 4, kVocabulary);
    ExpectSameHits(reader->Search(query, 20, {}), reference.Search(query, [](const TestEntry&) { return true; }), 20);
  }
}

TEST_F(LexicalIndexTest, RemovedEntriesGoFromDiskAndReadersKeepTheirs) {
  const auto index = Open();
  Add(*index, 0, 200);
  ASSERT_TRUE(index->Commit(1).ok());
  Add(*index, 200, 210);
  const auto before = Reopen(*index, 2);
  for (uint32_t chunk = 0; chunk < 150; ++chunk) ASSERT_TRUE(index->Remove(ChunkOrdinal(chunk)).ok());
  ASSERT_TRUE(index->Remove(ChunkOrdinal(205)).ok());
  ASSERT_TRUE(index->Remove(ChunkOrdinal(999999)).ok());  // never was there
  ASSERT_TRUE(index->Commit(3).ok());
  EXPECT_EQ(ChunksIn(*before), Range(0, 210));
  std::set<uint32_t> left = Range(150, 210);
  left.erase(205);
  EXPECT_EQ(ChunksIn(*Reopen(*index, 3)), left);
  EXPECT_EQ(ChunksIn(*Reopen(*Open(), 3)), left);
}

TEST_F(LexicalIndexTest, FewRemovalsAreRememberedUntilAMerge) {
  {
    const auto index = Open();
    Add(*index, 0, 100);
    ASSERT_TRUE(index->Commit(1).ok());
    ASSERT_TRUE(index->Remove(ChunkOrdinal(3)).ok());
    ASSERT_TRUE(index->Commit(2).ok());
    EXPECT_EQ(Reopen(*index)->entries(), 100u);  // lazily
  }
  const auto index = Open();
  for (uint32_t chunk = 4; chunk < 50; ++chunk) ASSERT_TRUE(index->Remove(ChunkOrdinal(chunk)).ok());
  ASSERT_TRUE(index->Commit(3).ok());
  std::set<uint32_t> left = Range(50, 100);
  for (const uint32_t chunk : {0u, 1u, 2u}) left.insert(chunk);
  EXPECT_EQ(ChunksIn(*Reopen(*index)), left);
}

TEST_F(LexicalIndexTest, ACommitAboveTheOwnersIsThrownAway) {
  {
    const auto index = Open();
    Add(*index, 0, 5);
    ASSERT_TRUE(index->Commit(12).ok());
  }
  const auto index = Open({.newest_commit = 11});
  EXPECT_EQ(index->CommittedNumber(), 0u);
  EXPECT_TRUE(index->was_rebuilt());
  EXPECT_EQ(index->BytesOnDisk(), 0u);
  Add(*index, 0, 3);
  ASSERT_TRUE(index->Commit(4).ok());
  EXPECT_EQ(ChunksIn(*Reopen(*Open())), Range(0, 3));
}

class LexicalIndexOnDisk : public testing::Test {
 protected:
  LexicalIndexOnDisk()
      : path_(std::filesystem::temp_directory_path() /
              ("freshet-lexical-" + std::to_string(::getpid()) + "-" +
               testing::UnitTest::GetInstance()->current_test_info()->name())) {}
  ~LexicalIndexOnDisk() override { std::filesystem::remove_all(path_); }

  const std::filesystem::path path_;
};

TEST_F(LexicalIndexOnDisk, MakesItsDirectoryAndFindsItAgain) {
  const std::string path = path_ / "a" / "b";
  for (uint32_t round = 0; round < 20; ++round) {
    auto index = LexicalIndex::Open({.path = path});
    ASSERT_TRUE(index.ok()) << index.status().ToString();
    EXPECT_EQ((*index)->CommittedNumber(), round);
    EXPECT_EQ(ChunksIn(**(*index)->Reopen(round)), Range(0, 10 * round));
    for (uint32_t i = 0; i < 10; ++i) ASSERT_TRUE((*index)->Add(EntryOf(10 * round + i)).ok());
    ASSERT_TRUE((*index)->Commit(round + 1).ok());
  }
  std::ofstream(path + "/segments_zz") << "torn";
  EXPECT_EQ((*LexicalIndex::Open({.path = path}))->CommittedNumber(), 20u);
  EXPECT_FALSE(std::filesystem::exists(path + "/segments_zz"));
}

// One writer that adds, removes, commits, reopens; searches beside it, each of which must see one state whole.
TEST_F(LexicalIndexOnDisk, SearchersSeeWholeStatesBesideTheWriter) {
  auto index = *LexicalIndex::Open({.path = path_, .buffer_mb = 1});
  std::mutex mutex;
  std::shared_ptr<const LexicalReader> current = *index->Reopen(0);
  std::atomic<bool> done = false;
  std::atomic<uint64_t> searches = 0;
  std::vector<std::thread> searchers;
  for (int i = 0; i < 4; ++i) {
    searchers.emplace_back([&, i] {
      std::mt19937 random(i);
      while (!done || searches < 200) {
        std::shared_ptr<const LexicalReader> reader;
        {
          const std::lock_guard lock(mutex);
          reader = current;
        }
        // The reader of commit n has chunks 0 .. n - 1, but for those removed by an earlier commit: multiples of 5.
        size_t others = 0;
        for (const Hit& hit : reader->Search("everyone", 100000, {})) others += hit.chunk.value % 5 != 0 ? 1 : 0;
        EXPECT_EQ(others, reader->commit() - (reader->commit() + 4) / 5);
        reader->Search(RandomText(random, 6, kVocabulary), 20, {});
        ++searches;
      }
    });
  }
  for (uint32_t chunk = 0; chunk < 3000; ++chunk) {
    ASSERT_TRUE(index->Add(EntryOf(chunk)).ok());
    if (chunk % 5 == 0) {
      ASSERT_TRUE(index->Remove(ChunkOrdinal(chunk)).ok());
    }
    if (chunk % 100 == 99) {
      ASSERT_TRUE(index->Commit(chunk).ok());
    }
    if (chunk % 7 != 0) continue;
    auto reader = *index->Reopen(chunk + 1);
    const std::lock_guard lock(mutex);
    current = std::move(reader);
  }
  done = true;
  for (std::thread& searcher : searchers) searcher.join();
  EXPECT_GE(searches, 200u);
}

}  // namespace
}  // namespace freshet::store

// A random history of an owner who adds, removes, commits and loses power, against a list of what should be there.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "common/store/lexical.h"
#include "common/store/lexical_directory.h"
#include "common/store/lexical_test_corpus.h"
#include "tests/support/crash_directory.h"

namespace freshet::store {
namespace {

constexpr uint32_t kVocabulary = 120;

TestEntry EntryOf(uint32_t chunk) {
  std::mt19937 random(chunk * 7919 + 1);
  TestEntry entry = RandomEntry(random, chunk, kVocabulary);
  entry.text += " everyone";
  return entry;
}

class Owner {
 public:
  explicit Owner(uint64_t seed) : seed_(seed), random_(seed), disk_(seed) { Open(); }

  void Step() {
    ++commit_;
    const uint64_t dice = random_() % 100;
    if (dice < 60)
      Add();
    else if (dice < 75)
      Remove();
    else if (dice < 90)
      Commit();
    else if (dice < 95)
      LosePower();
    else
      Search();
  }

 private:
  void Open() {
    auto index = LexicalIndex::Open({.path = "/l",
                                     .open_directory = test::CrashDirectories(disk_),
                                     .newest_commit = commit_,
                                     .merge_thread = seed_ % 2 ? MergeThread::kWriter : MergeThread::kOwn});
    ASSERT_TRUE(index.ok()) << index.status().ToString();
    index_ = std::move(*index);
  }

  void Add() {
    const auto chunk = static_cast<uint32_t>(added_.size());
    added_.emplace_back(commit_, chunk);
    ASSERT_TRUE(index_->Add(EntryOf(chunk)).ok());
  }

  void Remove() {
    if (added_.empty()) return;
    const uint32_t chunk = added_[random_() % added_.size()].second;
    removed_.emplace(chunk, commit_);
    ASSERT_TRUE(index_->Remove(ChunkOrdinal(chunk)).ok());
  }

  void Commit() {
    if (random_() % 4 == 0) disk_.volume().CutPowerAfter(random_() % 30);
    ASSERT_TRUE(index_->Commit(commit_).ok());
    ASSERT_EQ(index_->CommittedNumber(), commit_);
    if (disk_.volume().powered()) promised_ = commit_;
  }

  void LosePower() {
    if (random_() % 2 == 0) index_.reset();
    disk_.Crash();
    Open();
    const uint64_t committed = index_->CommittedNumber();
    ASSERT_GE(committed, promised_);
    promised_ = committed;
    for (const auto& [when, chunk] : added_) {
      if (when > committed) {
        ASSERT_TRUE(index_->Add(EntryOf(chunk)).ok());
      }
    }
    for (const auto& [chunk, when] : removed_) {
      if (when > committed) {
        ASSERT_TRUE(index_->Remove(ChunkOrdinal(chunk)).ok());
      }
    }
  }

  void Search() {
    const auto reader = *index_->Reopen(commit_);
    const auto live = [&](ChunkOrdinal chunk, DocumentOrdinal) { return !removed_.contains(chunk.value); };
    std::set<uint32_t> expected, found;
    for (const auto& [when, chunk] : added_) {
      if (!removed_.contains(chunk)) expected.insert(chunk);
    }
    for (const Hit& hit : reader->Search("everyone", 1000, {.live = live})) found.insert(hit.chunk.value);
    ASSERT_EQ(found, expected);
  }

  const uint64_t seed_;
  std::mt19937_64 random_;
  test::CrashDisk disk_;
  std::unique_ptr<LexicalIndex> index_;
  std::vector<std::pair<uint64_t, uint32_t>> added_;  // (commit, chunk)
  std::map<uint32_t, uint64_t> removed_;
  uint64_t commit_ = 1;
  uint64_t promised_ = 0;
};

TEST(LexicalIndexCrash, NothingCommittedIsLostAndReplaysChangeNothing) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    Owner owner(seed);
    for (int step = 0; step < 120; ++step) {
      owner.Step();
      ASSERT_FALSE(testing::Test::HasFatalFailure()) << "seed " << seed << ", step " << step;
    }
  }
}

}  // namespace
}  // namespace freshet::store

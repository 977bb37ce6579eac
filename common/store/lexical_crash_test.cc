// What the lexical index makes of damaged files, full disks, failing calls and lost power.
#include <gtest/gtest.h>

#include <map>

#include "common/store/lexical_directory.h"
#include "common/store/testing/lexical_test_index.h"

namespace freshet::store {
namespace {

TEST_F(LexicalIndexTest, EveryFlippedByteIsNoticed) {
  {
    const auto index = Open();
    Add(*index, 0, 5);
    ASSERT_TRUE(index->Commit(5).ok());
    ASSERT_TRUE(index->Remove(ChunkOrdinal(1)).ok());
    ASSERT_TRUE(index->Commit(6).ok());
  }
  const std::string directory = "/store/lexical/1/";
  const auto names = disk_.volume().List(directory.substr(0, directory.size() - 1));
  ASSERT_TRUE(names.ok());
  std::map<std::string, std::string> good;
  for (const std::string& name : *names) good[name] = disk_.volume().Contents(*disk_.volume().Open(directory + name));
  const auto restore = [&] {
    const auto present = disk_.volume().List(directory.substr(0, directory.size() - 1));
    for (const std::string& name : *present) ASSERT_TRUE(disk_.volume().Remove(directory + name).ok());
    for (const auto& [name, bytes] : good) {
      ASSERT_TRUE(disk_.volume().Append(*disk_.volume().Create(directory + name), bytes).ok());
    }
  };
  size_t kinds = 0;  // a commit, a segment, its dead rows
  for (const auto& [name, bytes] : good) {
    if (name == "segments.gen") continue;  // Lucene++ leaves it for others
    ++kinds;
    for (size_t at = 0; at < bytes.size(); ++at) {
      restore();
      std::string bad = bytes;
      bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
      ASSERT_TRUE(disk_.volume().Append(*disk_.volume().Create(directory + name), bad).ok());
      const auto index = Open();
      const bool noticed = index->was_rebuilt() && index->CommittedNumber() == 0;
      EXPECT_EQ(index->damaged(), noticed ? name : "") << at;
      Add(*index, 10, 11);
      for (const uint32_t chunk : {0, 2, 3}) ASSERT_TRUE(index->Remove(ChunkOrdinal(chunk)).ok());
      const Status merged = index->Commit(8);  // reads the positions as well
      EXPECT_TRUE(noticed || merged.code() == Code::kCorruptStore) << name << " at " << at;
      if (noticed) {
        EXPECT_EQ(ChunksIn(*Reopen(*index)), Range(10, 11));
      }
    }
  }
  EXPECT_EQ(kinds, 3u);
  for (const auto& [name, bytes] : good) {
    if (name == "segments.gen") continue;
    restore();
    ASSERT_TRUE(disk_.volume().Remove(directory + name).ok());
    const auto index = Open();
    EXPECT_EQ(index->CommittedNumber(), 0u) << name;
    // Without its commit there is no index at all: its owner knows that there was one.
    EXPECT_EQ(index->damaged(), name.starts_with("segments_") ? "" : name);
  }
}

TEST_F(LexicalIndexTest, AFullDiskLosesNothing) {
  const auto index = Open();
  Add(*index, 0, 50);
  ASSERT_TRUE(index->Commit(1).ok());
  Add(*index, 50, 400);
  disk_.volume().SetCapacity(disk_.volume().UsedBytes() + 1000);
  EXPECT_EQ(index->Commit(2).code(), Code::kDiskFull);
  EXPECT_EQ(index->CommittedNumber(), 1u);
  EXPECT_EQ(ChunksIn(*Reopen(*index)), Range(0, 400));
  EXPECT_EQ(index->Commit(2).code(), Code::kDiskFull);
  disk_.volume().SetCapacity(UINT64_MAX);
  ASSERT_TRUE(index->Commit(3).ok());
  EXPECT_EQ(ChunksIn(*Reopen(*Open())), Range(0, 400));
}

TEST_F(LexicalIndexTest, AFailureAnywhereIsToldAndLosesNothing) {
  for (const auto operation : {test::DiskOperation::kWrite, test::DiskOperation::kSync, test::DiskOperation::kName}) {
    for (uint64_t after = 0; after < 12; ++after) {
      disk_.Crash();
      const auto index = Open();
      const auto committed = static_cast<uint32_t>(index->CommittedNumber());
      Add(*index, 0, committed + 4);
      disk_.volume().Inject({.operation = operation, .after = after});
      const Status status = index->Commit(committed + 4);
      disk_.volume().Heal();
      EXPECT_EQ(index->CommittedNumber(), status.ok() ? committed + 4 : committed);
      EXPECT_EQ(ChunksIn(*Reopen(*index)), Range(0, committed + 4));
      if (!status.ok()) {
        ASSERT_TRUE(index->Commit(committed + 4).ok());
      }
      disk_.Crash();
      const auto again = Open();
      EXPECT_EQ(again->CommittedNumber(), committed + 4);
      EXPECT_EQ(ChunksIn(*Reopen(*again)), Range(0, committed + 4));
    }
  }
}

TEST_F(LexicalIndexTest, AnUnreadableDiskIsAnErrorAndNoReasonToStartAnew) {
  {
    const auto index = Open();
    Add(*index, 0, 5);
    ASSERT_TRUE(index->Commit(1).ok());
  }
  class Unreadable final : public LexicalFiles {
   public:
    Result<std::vector<std::string>> List() override { return std::vector<std::string>{"segments_1"}; }
    Result<std::unique_ptr<LexicalOutput>> Create(const std::string&) override { return Status(Code::kIoError); }
    Result<std::shared_ptr<LexicalInput>> Open(const std::string&) override { return Status(Code::kIoError); }
    Status Remove(const std::string&) override {
      ADD_FAILURE() << "removes what it could not read";
      return OkStatus();
    }
    Status Sync(const std::string&) override { return OkStatus(); }
  };
  const auto opened = LexicalIndex::Open({.path = "/x", .open_directory = [](const std::string&) {
                                            return HideDirectory(NewLexicalDirectory(std::make_unique<Unreadable>()));
                                          }});
  EXPECT_EQ(opened.code(), Code::kIoError);
}

// An owner who adds, removes, commits and loses power at random, against a list of what should be there.
class Owner {
 public:
  explicit Owner(uint64_t seed) : seed_(seed), random_(seed), disk_(seed) { Open(); }

  void Step() {
    ++commit_;
    const uint64_t dice = random_() % 100;
    if (dice < 60) {
      Add();
    } else if (dice < 75) {
      Remove();
    } else if (dice < 90) {
      Commit();
    } else if (dice < 95) {
      LosePower();
    } else {
      Look();
    }
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
    added_.push_back(commit_);
    ASSERT_TRUE(index_->Add(EntryOf(static_cast<uint32_t>(added_.size() - 1))).ok());
  }

  void Remove() {
    if (added_.empty()) return;
    const auto chunk = static_cast<uint32_t>(random_() % added_.size());
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
    ASSERT_GE(index_->CommittedNumber(), promised_);
    promised_ = index_->CommittedNumber();
    for (uint32_t chunk = 0; chunk < added_.size(); ++chunk) {
      if (added_[chunk] > promised_) {
        ASSERT_TRUE(index_->Add(EntryOf(chunk)).ok());
      }
    }
    for (const auto& [chunk, when] : removed_) {
      if (when > promised_) {
        ASSERT_TRUE(index_->Remove(ChunkOrdinal(chunk)).ok());
      }
    }
  }

  void Look() {
    const auto reader = *index_->Reopen(commit_);
    const auto live = [&](ChunkOrdinal chunk, DocumentOrdinal) { return !removed_.contains(chunk.value); };
    std::set<uint32_t> expected = Range(0, static_cast<uint32_t>(added_.size()));
    for (const auto& [chunk, when] : removed_) expected.erase(chunk);
    std::set<uint32_t> found;
    for (const Hit& hit : reader->Search("everyone", 1000, {.live = live})) found.insert(hit.chunk.value);
    ASSERT_EQ(found, expected);
  }

  const uint64_t seed_;
  std::mt19937_64 random_;
  test::CrashDisk disk_;
  std::unique_ptr<LexicalIndex> index_;
  std::vector<uint64_t> added_;           // by chunk, the commit that added it
  std::map<uint32_t, uint64_t> removed_;  // the commit that removed it
  uint64_t commit_ = 1;
  uint64_t promised_ = 0;
};

TEST(LexicalCrash, NothingCommittedIsLostAndReplaysChangeNothing) {
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

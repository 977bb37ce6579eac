#include "tests/support/crash_fs.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <chrono>
#include <thread>

namespace freshet::test {
namespace {

constexpr uint64_t kSeeds = 200;

CrashVolume::File MakeFile(CrashVolume& volume, const std::string& path) {
  Result<CrashVolume::File> file = volume.Create(path);
  EXPECT_TRUE(file.ok()) << file.status().ToString();
  return *file;
}

std::string ContentsOf(CrashVolume& volume, const std::string& path) {
  Result<CrashVolume::File> file = volume.Open(path);
  return file.ok() ? volume.Contents(*file) : "<missing>";
}

TEST(CrashVolume, SyncedFileInSyncedDirectorySurvivesWhole) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    CrashDisk disk(seed);
    const auto file = MakeFile(disk.volume(), "/a");
    ASSERT_TRUE(disk.volume().Append(file, "durable").ok());
    ASSERT_TRUE(disk.volume().Sync(file).ok());
    ASSERT_TRUE(disk.volume().SyncDirectory("/").ok());
    disk.Crash();
    ASSERT_EQ(ContentsOf(disk.volume(), "/a"), "durable");
  }
}

TEST(CrashVolume, UnsyncedTailIsKeptInPartAsPrefixOrZeros) {
  std::set<size_t> lengths;
  bool zeros = false;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    CrashDisk disk(seed);
    const auto file = MakeFile(disk.volume(), "/a");
    ASSERT_TRUE(disk.volume().Append(file, "safe").ok());
    ASSERT_TRUE(disk.volume().Sync(file).ok());
    ASSERT_TRUE(disk.volume().SyncDirectory("/").ok());
    ASSERT_TRUE(disk.volume().Append(file, "0123456789").ok());
    disk.Crash();
    const std::string left = ContentsOf(disk.volume(), "/a");
    ASSERT_TRUE(left.starts_with("safe")) << left;
    lengths.insert(left.size());
    const size_t zero = std::min(left.find('\0'), left.size());
    zeros |= zero < left.size();
    ASSERT_EQ(left.substr(0, zero), std::string("safe0123456789").substr(0, zero));
    ASSERT_EQ(left.find_first_not_of('\0', zero), std::string::npos);
  }
  EXPECT_EQ(*lengths.begin(), 4u);
  EXPECT_EQ(*lengths.rbegin(), 14u);
  EXPECT_GT(lengths.size(), 5u);
  EXPECT_TRUE(zeros);
}

TEST(CrashVolume, UnsyncedNamesMayBeUndoneInOrder) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    CrashDisk disk(seed);
    const auto old = MakeFile(disk.volume(), "/current");
    ASSERT_TRUE(disk.volume().Append(old, "old").ok());
    ASSERT_TRUE(disk.volume().Sync(old).ok());
    ASSERT_TRUE(disk.volume().SyncDirectory("/").ok());
    const auto fresh = MakeFile(disk.volume(), "/temporary");
    ASSERT_TRUE(disk.volume().Append(fresh, "new").ok());
    ASSERT_TRUE(disk.volume().Sync(fresh).ok());
    ASSERT_TRUE(disk.volume().Rename("/temporary", "/current").ok());
    disk.Crash();
    std::string outcome = ContentsOf(disk.volume(), "/current");
    if (disk.volume().Exists("/temporary")) outcome += "+temporary";
    outcomes.insert(outcome);
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"old", "old+temporary", "new"}));
}

TEST(CrashVolume, DeleteMayComeBackUntilDirectoryIsSynced) {
  std::set<bool> seen;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    CrashDisk disk(seed);
    MakeFile(disk.volume(), "/a");
    MakeFile(disk.volume(), "/b");
    ASSERT_TRUE(disk.volume().SyncDirectory("/").ok());
    ASSERT_TRUE(disk.volume().Remove("/a").ok());
    ASSERT_TRUE(disk.volume().SyncDirectory("/").ok());
    ASSERT_TRUE(disk.volume().Remove("/b").ok());
    disk.Crash();
    ASSERT_FALSE(disk.volume().Exists("/a"));
    seen.insert(disk.volume().Exists("/b"));
  }
  EXPECT_EQ(seen.size(), 2u);
}

TEST(CrashVolume, DirectoryGoesWithItsFilesUnlessItsParentIsSynced) {
  std::set<bool> seen;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    CrashDisk disk(seed);
    ASSERT_TRUE(disk.volume().MakeDirectory("/d").ok());
    const auto file = MakeFile(disk.volume(), "/d/a");
    ASSERT_TRUE(disk.volume().Sync(file).ok());
    ASSERT_TRUE(disk.volume().SyncDirectory("/d").ok());
    disk.Crash();
    ASSERT_EQ(disk.volume().Exists("/d"), disk.volume().Exists("/d/a"));
    seen.insert(disk.volume().Exists("/d"));
  }
  EXPECT_EQ(seen.size(), 2u);
}

TEST(CrashVolume, UnsyncedOverwriteIsUndoneOrKept) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    CrashDisk disk(seed);
    const auto file = MakeFile(disk.volume(), "/a");
    ASSERT_TRUE(disk.volume().Append(file, "abcdef").ok());
    ASSERT_TRUE(disk.volume().Sync(file).ok());
    ASSERT_TRUE(disk.volume().SyncDirectory("/").ok());
    ASSERT_TRUE(disk.volume().WriteAt(file, 0, "XY").ok());
    ASSERT_TRUE(disk.volume().WriteAt(file, 1, "Z").ok());
    disk.Crash();
    outcomes.insert(ContentsOf(disk.volume(), "/a"));
  }
  EXPECT_EQ(outcomes, (std::set<std::string>{"abcdef", "XYcdef", "XZcdef"}));
}

TEST(CrashVolume, FailedSyncLosesTheBytesForGood) {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    CrashDisk disk(seed);
    const auto file = MakeFile(disk.volume(), "/a");
    ASSERT_TRUE(disk.volume().SyncDirectory("/").ok());
    ASSERT_TRUE(disk.volume().Append(file, "x").ok());
    disk.volume().Inject({.operation = DiskOperation::kSync});
    ASSERT_EQ(disk.volume().Sync(file).code(), Code::kIoError);
    ASSERT_TRUE(disk.volume().Sync(file).ok()) << "as Linux: the error is told once";
    disk.Crash();
    if (ContentsOf(disk.volume(), "/a").empty()) return;
  }
  FAIL() << "the bytes always survived";
}

TEST(CrashVolume, FaultsHitTheCountedOperationOnceOrUntilHealed) {
  CrashVolume volume(1);
  const auto file = MakeFile(volume, "/a");
  volume.Inject({.operation = DiskOperation::kWrite, .after = 1, .code = Code::kDiskFull});
  EXPECT_TRUE(volume.Append(file, "1").ok());
  EXPECT_EQ(volume.Append(file, "2").code(), Code::kDiskFull);
  EXPECT_TRUE(volume.Append(file, "3").ok());
  volume.Inject({.sticky = true});
  EXPECT_EQ(volume.Append(file, "4").code(), Code::kIoError);
  EXPECT_EQ(volume.Create("/b").code(), Code::kIoError);
  volume.Heal();
  EXPECT_TRUE(volume.Append(file, "5").ok());
  EXPECT_EQ(volume.Contents(file), "135");
}

TEST(CrashVolume, CapacityWritesWhatFitsAndDeletingMakesRoom) {
  CrashVolume volume(1);
  const auto file = MakeFile(volume, "/a");
  volume.SetCapacity(4);
  EXPECT_EQ(volume.Append(file, "123456").code(), Code::kDiskFull);
  EXPECT_EQ(volume.Contents(file), "1234");
  EXPECT_EQ(volume.FreeBytes(), 0u);
  EXPECT_TRUE(volume.Remove("/a").ok());
  EXPECT_EQ(volume.FreeBytes(), 4u);
  EXPECT_TRUE(volume.Append(MakeFile(volume, "/b"), "1234").ok());
  EXPECT_EQ(volume.UsedBytes(), 4u);
}

TEST(CrashVolume, PowerGoesOffDuringTheCountedOperationAndNobodyNotices) {
  std::set<std::string> contents;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    CrashVolume volume(seed);
    const auto file = MakeFile(volume, "/a");
    ASSERT_TRUE(volume.SyncDirectory("/").ok());
    ASSERT_TRUE(volume.Append(file, "1").ok());
    volume.CutPowerAfter(1);
    ASSERT_TRUE(volume.Append(file, "2").ok());
    ASSERT_TRUE(volume.powered());
    ASSERT_TRUE(volume.Sync(file).ok());
    ASSERT_FALSE(volume.powered()) << "so this sync is no acknowledgement";
    ASSERT_TRUE(volume.Append(file, "3").ok());
    ASSERT_TRUE(volume.Sync(file).ok());
    ASSERT_EQ(volume.Contents(file), "123");
    const auto next = volume.AfterPowerLoss();
    const std::string left = ContentsOf(*next, "/a");
    if (left.find('\0') == std::string::npos) contents.insert(left);
  }
  EXPECT_EQ(contents, (std::set<std::string>{"", "1", "12"})) << "the operation itself may or may not take effect";
}

TEST(CrashVolume, NamesAndPlacesThatCannotBe) {
  CrashVolume volume(1);
  EXPECT_EQ(volume.Open("/a").code(), Code::kNotFound);
  EXPECT_EQ(volume.Create("/d/a").code(), Code::kNotFound);
  EXPECT_EQ(volume.Remove("/a").code(), Code::kNotFound);
  ASSERT_TRUE(volume.MakeDirectory("/d").ok());
  EXPECT_TRUE(volume.MakeDirectory("/d").ok());
  EXPECT_EQ(volume.Create("/d").code(), Code::kIoError);
  MakeFile(volume, "/d//a");
  EXPECT_EQ(volume.Remove("/d").code(), Code::kIoError) << "not empty";
  EXPECT_EQ(volume.Rename("/d/a", "/a").code(), Code::kIoError) << "across directories";
  EXPECT_EQ(*volume.List("/d/"), (std::vector<std::string>{"a"}));
  EXPECT_TRUE(volume.Remove("/d/a").ok());
  EXPECT_TRUE(volume.Remove("/d").ok());
}

TEST(CrashDisk, OldHandlesCannotTouchTheNewLife) {
  CrashDisk disk(7);
  CrashVolume& before = disk.volume();
  const auto file = MakeFile(before, "/a");
  ASSERT_TRUE(before.Append(file, "1").ok());
  ASSERT_TRUE(before.Sync(file).ok());
  ASSERT_TRUE(before.SyncDirectory("/").ok());
  rocksdb::Env* old_env = disk.env();
  disk.Crash();
  EXPECT_NE(disk.env(), old_env);
  EXPECT_FALSE(before.powered());
  EXPECT_TRUE(before.Append(file, "2").ok());
  EXPECT_TRUE(before.Sync(file).ok());
  EXPECT_TRUE(old_env->DeleteFile("/a").ok());
  EXPECT_EQ(ContentsOf(disk.volume(), "/a"), "1");
  EXPECT_EQ(disk.crashes(), 1u);
}

rocksdb::Status OpenRocks(const CrashDisk& disk, std::unique_ptr<rocksdb::DB>& db) {
  rocksdb::Options options;
  options.env = disk.env();
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, "/db", &opened);
  db.reset(opened);
  return status;
}

// The old database object is destroyed before the new one opens, or after it has, and its lock dies with its life.
TEST(CrashDisk, RocksDbKeepsWhatItSynced) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    CrashDisk disk(seed);
    ASSERT_TRUE(disk.volume().MakeDirectory("/db").ok());
    ASSERT_TRUE(disk.volume().SyncDirectory("/").ok());
    std::unique_ptr<rocksdb::DB> db;
    ASSERT_TRUE(OpenRocks(disk, db).ok());
    rocksdb::WriteOptions sync;
    sync.sync = true;
    ASSERT_TRUE(db->Put(sync, "k", "durable").ok());
    ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), "l", "perhaps").ok());
    disk.Crash();
    std::unique_ptr<rocksdb::DB> again;
    if (seed % 2 == 0) db.reset();
    const rocksdb::Status status = OpenRocks(disk, again);
    ASSERT_TRUE(status.ok()) << status.ToString() << " seed=" << seed;
    std::string value;
    ASSERT_TRUE(again->Get(rocksdb::ReadOptions(), "k", &value).ok());
    ASSERT_EQ(value, "durable");
    if (db != nullptr) {
      ASSERT_TRUE(db->Put(sync, "k", "from the past").ok());
    }
    ASSERT_TRUE(again->Get(rocksdb::ReadOptions(), "k", &value).ok());
    ASSERT_EQ(value, "durable");
    db.reset();
    ASSERT_TRUE(again->Put(sync, "k", "on").ok());
  }
}

TEST(CrashDisk, SecondOpenInOneLifeIsRefused) {
  CrashDisk disk(1);
  ASSERT_TRUE(disk.volume().MakeDirectory("/db").ok());
  std::unique_ptr<rocksdb::DB> db;
  std::unique_ptr<rocksdb::DB> second;
  ASSERT_TRUE(OpenRocks(disk, db).ok());
  EXPECT_TRUE(OpenRocks(disk, second).IsIOError());
}

}  // namespace
}  // namespace freshet::test

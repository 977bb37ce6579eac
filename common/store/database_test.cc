#include "common/store/database.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/support/crash_fs.h"

namespace freshet::store {
namespace {

using test::CrashDisk;
using test::CrashVolume;
using test::DiskOperation;

DatabaseOptions Options(const CrashDisk& disk) {
  return {.path = "/data/db", .families = {"one", "two"}, .env = disk.env(), .write_buffer_bytes = 64 << 10};
}

Status Put(Database& database, size_t family, std::string_view key, std::string_view value, Durability durability) {
  rocksdb::WriteBatch batch;
  EXPECT_TRUE(batch.Put(database.family(family), ToSlice(key), ToSlice(value)).ok());
  return database.Write(batch, durability);
}

std::string Incompressible(uint64_t seed, size_t size) {
  std::mt19937_64 random(seed);
  std::string bytes(size, '\0');
  for (size_t at = 0; at + 8 <= size; at += 8) {
    const uint64_t number = random();
    std::memcpy(bytes.data() + at, &number, 8);
  }
  return bytes;
}

std::string Value(Database& database, size_t family, std::string_view key) {
  auto value = database.Get(family, key);
  if (!value.ok()) return value.status().ToString();
  return value->value_or("<nothing>");
}

std::string ManifestOf(const CrashDisk& disk) {
  return "/data/db/" +
         disk.volume().Contents(*disk.volume().Open("/data/db/CURRENT")).substr(0, sizeof("MANIFEST-000001") - 1);
}

TEST(Database, KeepsFamiliesApartAndReadsSnapshots) {
  CrashDisk disk(1);
  auto database = Database::Open(Options(disk));
  ASSERT_TRUE(database.ok()) << database.status().ToString();
  ASSERT_TRUE(Put(**database, 0, "k", "a", Durability::kBuffered).ok());
  ASSERT_TRUE(Put(**database, 1, "k", "b", Durability::kSync).ok());
  EXPECT_EQ(Value(**database, 0, "k"), "a");
  EXPECT_EQ(Value(**database, 1, "k"), "b");
  EXPECT_EQ(Value(**database, 1, "other"), "<nothing>");
  const rocksdb::Snapshot* snapshot = (*database)->db().GetSnapshot();
  ASSERT_TRUE(Put(**database, 0, "k", "c", Durability::kBuffered).ok());
  EXPECT_EQ(**(*database)->Get(0, "k", snapshot), "a");
  (*database)->db().ReleaseSnapshot(snapshot);
  EXPECT_GT((*database)->BytesOnDisk(), 0u);
}

TEST(Database, OpensOnTheRealFileSystemAndRefusesASecondOpener) {
  const auto root = std::filesystem::temp_directory_path() / ("database_test." + std::to_string(getpid()));
  const DatabaseOptions options{.path = (root / "new" / "db").string(), .families = {"one"}};
  {
    auto database = Database::Open(options);
    ASSERT_TRUE(database.ok()) << database.status().ToString();
    ASSERT_TRUE(Put(**database, 0, "k", "v", Durability::kSync).ok());
    EXPECT_EQ(Database::Open(options).code(), Code::kConfiguration);
  }
  auto again = Database::Open(options);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(Value(**again, 0, "k"), "v");
  again->reset();
  EXPECT_EQ(Database::Open({.path = options.path, .families = {}}).code(), Code::kConfiguration);
  std::filesystem::remove_all(root);
}

TEST(Database, DamagedFileIsCorruptStore) {
  CrashDisk disk(1);
  {
    auto database = Database::Open(Options(disk));
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE(Put(**database, 0, "k", std::string(1000, 'v'), Durability::kSync).ok());
    ASSERT_TRUE((*database)->db().Flush(rocksdb::FlushOptions(), (*database)->family(0)).ok());
  }
  const auto names = disk.volume().List("/data/db");
  for (const std::string& name : *names) {
    if (name.ends_with(".sst")) {
      ASSERT_TRUE(disk.volume().WriteAt(*disk.volume().Open("/data/db/" + name), 10, "damage").ok());
    }
  }
  auto database = Database::Open(Options(disk));
  const Code code = database.ok() ? (*database)->Get(0, "k").code() : database.code();
  EXPECT_EQ(code, Code::kCorruptStore);
}

// DESIGN §4.4: what a synced write acknowledged is there; buffered writes are lost from the tail only, over families
// and over several write-ahead log files; a batch is there whole or not at all.
TEST(Database, PowerLossTakesOnlyATailOfBufferedWrites) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    CrashDisk disk(seed);
    std::mt19937_64 random(seed);
    int written = 0;
    int synced = 0;
    {
      auto database = Database::Open(Options(disk));
      ASSERT_TRUE(database.ok()) << database.status().ToString();
      disk.volume().CutPowerAfter(random() % 600);
      while (true) {
        rocksdb::WriteBatch batch;
        const std::string key = std::to_string(written);
        ASSERT_TRUE(batch.Put((*database)->family(0), key, std::string(random() % 2000, 'x')).ok());
        ASSERT_TRUE(batch.Put((*database)->family(1), key, "y").ok());
        const auto durability = random() % 50 == 0 ? Durability::kSync : Durability::kBuffered;
        ASSERT_TRUE((*database)->Write(batch, durability).ok());
        if (!disk.volume().powered()) break;
        ++written;
        if (durability == Durability::kSync) synced = written;
        if (random() % 100 != 0) continue;
        ASSERT_TRUE((*database)->Sync().ok());
        if (!disk.volume().powered()) break;
        synced = written;
      }
      disk.Crash();
    }
    auto database = Database::Open(Options(disk));
    ASSERT_TRUE(database.ok()) << database.status().ToString() << " seed=" << seed;
    int found = 0;
    while (Value(**database, 1, std::to_string(found)) == "y") ++found;
    ASSERT_GE(found, synced) << "seed=" << seed;
    for (int i = 0; i <= written + 1; ++i) {
      const std::string key = std::to_string(i);
      ASSERT_EQ((*database)->Get(0, key)->has_value(), i < found) << "seed=" << seed << " key=" << i;
      ASSERT_EQ((*database)->Get(1, key)->has_value(), i < found) << "seed=" << seed << " key=" << i;
    }
  }
}

TEST(Database, PowerLossDuringOpenLeavesADatabaseThatOpens) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    CrashDisk disk(seed);
    disk.volume().CutPowerAfter(seed);
    {
      auto database = Database::Open(Options(disk));
      ASSERT_TRUE(database.ok()) << "nobody notices";
      ASSERT_TRUE(Put(**database, 0, "k", "v", Durability::kSync).ok());
    }
    disk.Crash();
    auto database = Database::Open(Options(disk));
    ASSERT_TRUE(database.ok()) << database.status().ToString() << " seed=" << seed;
    ASSERT_TRUE(Put(**database, 0, "k", "v", Durability::kSync).ok());
  }
}

// A manifest grows by a record a flush, and power may go when the file has its new size and not yet all of its bytes.
// That record was nobody's word yet: the write-ahead log has it all. Damage elsewhere stays damage.
TEST(Database, OpensWhenPowerLossTookTheEndOfItsManifest) {
  for (const size_t torn : std::vector<size_t>{1, 2, 5, 17, 40, 80}) {
    CrashDisk disk(torn);
    std::string manifest;
    size_t before = 0;
    {
      auto database = Database::Open(Options(disk));
      ASSERT_TRUE(database.ok()) << database.status().ToString();
      ASSERT_TRUE(Put(**database, 0, "k", "v", Durability::kSync).ok());
      ASSERT_TRUE(Put(**database, 1, "not flushed", "w", Durability::kSync).ok());
      manifest = ManifestOf(disk);
      before = disk.volume().SizeOf(*disk.volume().Open(manifest));
      ASSERT_TRUE((*database)->db().Flush(rocksdb::FlushOptions(), (*database)->family(0)).ok());
    }
    const CrashVolume::File file = *disk.volume().Open(manifest);
    const size_t size = disk.volume().SizeOf(file);
    ASSERT_GT(size, before + torn);
    ASSERT_TRUE(disk.volume().WriteAt(file, size - torn, std::string(torn, '\0')).ok());
    auto database = Database::Open(Options(disk));
    ASSERT_TRUE(database.ok()) << database.status().ToString() << " torn=" << torn;
    EXPECT_EQ(Value(**database, 0, "k"), "v") << torn;
    EXPECT_EQ(Value(**database, 1, "not flushed"), "w") << torn;
  }
}

TEST(Database, DamagedManifestIsCorruptStore) {
  CrashDisk disk(1);
  ASSERT_TRUE(Database::Open(Options(disk)).ok());
  const CrashVolume::File file = *disk.volume().Open(ManifestOf(disk));
  ASSERT_TRUE(disk.volume().WriteAt(file, disk.volume().SizeOf(file) / 2, std::string(4, '\0')).ok());
  EXPECT_EQ(Database::Open(Options(disk)).code(), Code::kCorruptStore);
}

// A write or sync that failed may have left anything: it is not acknowledged. Later writes go on as soon as the cause
// is gone, and what was acknowledged survives, whichever operation it was that failed.
TEST(Database, WritesGoOnAfterAFaultAndSurvive) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    CrashDisk disk(seed);
    std::map<std::string, std::string> expected;
    {
      auto database = Database::Open(Options(disk));
      ASSERT_TRUE(database.ok());
      disk.volume().Inject(
          {.after = seed % 40, .code = seed % 2 == 0 ? Code::kIoError : Code::kDiskFull, .sticky = seed % 3 == 0});
      for (int i = 0; i < 60; ++i) {
        const std::string key = std::to_string(i % 20);
        const std::string value(100, static_cast<char>('a' + i % 26));
        const Status status = Put(**database, i % 2, key, value, Durability::kSync);
        if (i == 40) disk.volume().Heal();
        if (status.ok()) expected[key] = value;
        if (!status.ok()) expected.erase(key);
        if (i <= 40) continue;
        ASSERT_TRUE(status.ok()) << status.ToString() << " seed=" << seed << " i=" << i;
      }
      disk.Crash();
    }
    auto database = Database::Open(Options(disk));
    ASSERT_TRUE(database.ok()) << database.status().ToString() << " seed=" << seed;
    for (const auto& [key, value] : expected) {
      ASSERT_EQ(Value(**database, std::stoul(key) % 2, key), value) << "seed=" << seed;
    }
  }
}

// Nothing is in memory, so RocksDB alone has nothing to flush and would go on with the damaged write-ahead log file.
TEST(Database, WritesGoOnAfterTheFirstRecordOfAWriteAheadLogFailed) {
  for (const DiskOperation operation : {DiskOperation::kSync, DiskOperation::kWrite}) {
    CrashDisk disk(1);
    auto database = Database::Open(Options(disk));
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE(Put(**database, 0, "before", "v", Durability::kSync).ok());
    for (rocksdb::ColumnFamilyHandle* family :
         {(*database)->family(0), (*database)->family(1), (*database)->db().DefaultColumnFamily()}) {
      ASSERT_TRUE((*database)->db().Flush(rocksdb::FlushOptions(), family).ok());
    }
    disk.volume().Inject({.operation = operation, .sticky = true});
    ASSERT_EQ(Put(**database, 0, "k", "failed", Durability::kSync).code(), Code::kIoError);
    EXPECT_EQ((*database)->Sync().code(), Code::kIoError);
    disk.volume().Heal();
    ASSERT_TRUE(Put(**database, 0, "k", "after", Durability::kSync).ok());
    database->reset();
    disk.Crash();
    database = Database::Open(Options(disk));
    ASSERT_TRUE(database.ok());
    EXPECT_EQ(Value(**database, 0, "before"), "v");
    EXPECT_EQ(Value(**database, 0, "k"), "after");
  }
}

TEST(Database, FullDiskIsDiskFullUntilThereIsRoomAgain) {
  CrashDisk disk(3);
  auto database = Database::Open(Options(disk));
  ASSERT_TRUE(database.ok());
  disk.volume().SetCapacity(disk.volume().UsedBytes() + 12'000'000);
  int written = 0;
  Status status;
  while (
      (status = Put(**database, 0, std::to_string(written), Incompressible(written, 1000), Durability::kSync)).ok()) {
    ++written;
  }
  EXPECT_EQ(status.code(), Code::kDiskFull) << status.ToString();
  EXPECT_GT(written, 500);
  disk.volume().SetCapacity(disk.volume().UsedBytes() + 1'000'000);  // compaction may have made room
  EXPECT_EQ(Put(**database, 0, "still", "v", Durability::kSync).code(), Code::kDiskFull);
  EXPECT_EQ(Value(**database, 0, "0"), Incompressible(0, 1000)) << "reading goes on";
  disk.volume().Heal();
  status = Put(**database, 0, "after", "v", Durability::kSync);
  ASSERT_TRUE(status.ok()) << status.ToString();
  database->reset();
  disk.Crash();
  database = Database::Open(Options(disk));
  ASSERT_TRUE(database.ok());
  for (int i = 0; i < written; ++i) ASSERT_EQ(Value(**database, 0, std::to_string(i)), Incompressible(i, 1000));
  EXPECT_EQ(Value(**database, 0, "after"), "v");
}

TEST(Database, CodesOfRocksDbStatuses) {
  using rocksdb::Status;
  EXPECT_TRUE(FromRocks(Status::OK()).ok());
  EXPECT_EQ(FromRocks(Status::NoSpace()).code(), Code::kDiskFull);
  EXPECT_EQ(FromRocks(Status::IOError("x")).code(), Code::kIoError);
  EXPECT_EQ(FromRocks(Status::Corruption("x")).code(), Code::kCorruptStore);
  EXPECT_EQ(FromRocks(Status::NotFound()).code(), Code::kNotFound);
  EXPECT_EQ(FromRocks(Status::Busy()).code(), Code::kUnavailable);
  EXPECT_EQ(FromRocks(Status::InvalidArgument("x")).code(), Code::kInternalError);
  EXPECT_EQ(FromRocks(Status::Corruption("key of patient")).ToString().find("patient"), std::string::npos);
}

}  // namespace
}  // namespace freshet::store

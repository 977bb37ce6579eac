// A document's key is destroyed in deid's state whichever way the document goes (DESIGN §8): by a delete, by a snapshot
// that did not mention it, and before it was ever indexed; in every process that keeps originals.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "common/log/embedded_log.h"
#include "common/model/factory.h"
#include "schemas/codec.h"
#include "services/deid/rocks_originals.h"
#include "services/runtime/runtime.h"
#include "tests/support/crash_directory.h"
#include "tests/support/crash_fs.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;

const TenantName kTenant("t");
constexpr uint32_t kPartitions = 2;

class ShreddingTest : public testing::Test {
 protected:
  ShreddingTest() {
    log_ = std::move(*log::EmbeddedLog::Open({.path = "/log", .env = disk_.env(), .clock = &clock_}));
    EXPECT_TRUE(log_->CreateTopics(TopicSpecs(kTenant, kPartitions, {})).ok());
    embedder_ = *model::MakeEmbedder({.kind = "hashing"});
    tokens_ = *model::MakeTokenCounter({.kind = "hashing"});
    runtime_ = Make("", {Step::kDeid, Step::kChunk, Step::kEmbed, Step::kIndex});
  }

  std::unique_ptr<Runtime> Make(std::string data_dir, std::set<Step> steps) {
    RuntimeOptions options{
        .tenant = kTenant, .data_dir = std::move(data_dir), .partitions = kPartitions, .env = disk_.env()};
    options.plan.fused.clear();
    options.steps = std::move(steps);
    options.store.open_directory = test::CrashDirectories(disk_);
    auto made = Runtime::Make(std::move(options), {*log_, keys_, clock_, metrics_, embedder_, tokens_});
    EXPECT_TRUE(made.ok()) << made.status().ToString();
    return std::move(*made);
  }

  static ChangeEvent EventOf(std::string_view document, uint64_t position, Change change) {
    return {.origin = {.source = SourceName("ehr"),
                       .collection = CollectionName("notes"),
                       .document = DocumentId(document),
                       .version = {.epoch = 1, .position = position}},
            .change = std::move(change)};
  }
  void Publish(const ChangeEvent& event, Lane lane, std::optional<Partition> partition = {}) {
    const std::string key = RecordKey(event);
    const log::NewRecord record{TopicName(kTenant, TopicOf(event.change, lane)),
                                partition.value_or(PartitionFor(key, kPartitions)), key, *EncodeChange(event, *keys_)};
    ASSERT_TRUE(log_->Append({&record, 1}).ok());
  }
  void Put(std::string_view document, uint64_t position, Lane lane = Lane::kLive) {
    Publish(EventOf(document, position, Upsert{.content = "A note.", .media_type = "text/plain"}), lane);
  }
  // A snapshot that began at `begin` and mentions these.
  void Snapshot(uint64_t begin, const std::vector<std::string>& mentioned) {
    Edge(begin, SnapshotEdge::Side::kBegin);
    for (const std::string& document : mentioned) Publish(EventOf(document, begin, Present{}), Lane::kBackfill);
    Edge(begin, SnapshotEdge::Side::kEnd);
  }
  void Edge(uint64_t begin, SnapshotEdge::Side side) {
    for (uint32_t i = 0; i < kPartitions; ++i) {
      Publish(EventOf("", begin, SnapshotEdge{side, {.epoch = 1, .position = begin}}), Lane::kBackfill, Partition(i));
    }
  }
  void Drain(Runtime& runtime) {
    for (int i = 0; i < 100; ++i) {
      for (const NamedWorker& row : runtime.workers()) ASSERT_TRUE(row.worker->Step().ok());
      clock_.Advance(50ms);
    }
  }
  void Drain() { Drain(*runtime_); }

  // The documents whose originals can still be opened below data_dir; ends the runtime that has them open.
  std::string Kept(std::unique_ptr<Runtime>& runtime, const std::string& data_dir) {
    runtime.reset();
    auto originals = deid::OpenOriginals({.path = data_dir + "/originals", .keys = keys_, .env = disk_.env()});
    EXPECT_TRUE(originals.ok()) << originals.status().ToString();
    std::string kept;
    EXPECT_TRUE((*originals)
                    ->ForEach(CollectionName("notes"),
                              [&](const Origin& origin, const Upsert&) {
                                kept += origin.document.value + " ";
                                return OkStatus();
                              })
                    .ok());
    return kept;
  }
  std::string Kept() { return Kept(runtime_, ""); }

  test::CrashDisk disk_{1};
  ManualClock clock_{Time(1'000'000s)};
  MetricRegistry metrics_{kTenant};
  std::shared_ptr<const KeyRing> keys_ = std::make_shared<const KeyRing>(*KeyRing::Parse(KeyRing::NewKeyLine()));
  std::unique_ptr<log::Log> log_;
  std::shared_ptr<const model::Embedder> embedder_;
  std::shared_ptr<const model::TokenCounter> tokens_;
  std::unique_ptr<Runtime> runtime_;
};

TEST_F(ShreddingTest, ADeleteDestroysWhatWasKept) {
  Put("a", 1);
  Put("b", 1);
  Publish(EventOf("a", 2, Delete{}), Lane::kUrgent);
  Drain();
  EXPECT_EQ(Kept(), "b ");
}

TEST_F(ShreddingTest, WhatASnapshotDoesNotMentionIsDestroyed) {
  for (const char* document : {"a", "b", "c"}) Put(document, 1);
  Drain();
  Snapshot(5, {"b"});
  Drain();
  EXPECT_EQ(Kept(), "b ");
}

TEST_F(ShreddingTest, WhatCameInAgainAfterTheSnapshotStays) {
  Put("a", 1);
  Drain();
  Snapshot(5, {});
  Drain();
  Put("a", 7);
  Drain();
  EXPECT_EQ(Kept(), "a ");
}

TEST_F(ShreddingTest, AStragglerThatASnapshotOutranIsDestroyedToo) {
  Put("a", 1);
  Drain();
  Snapshot(5, {"a"});
  Drain();
  Put("late", 3, Lane::kBackfill);
  Drain();
  EXPECT_EQ(Kept(), "a ");
}

TEST_F(ShreddingTest, WhatTheGuardHoldsIsKeptUntilAPersonConfirms) {
  std::string all;
  for (char name = 'a'; name < 'a' + 20; ++name) {
    Put(std::string(1, name), 1);
    all += std::string(1, name) + " ";
  }
  Drain();
  Snapshot(5, {});
  Drain();
  EXPECT_EQ(Kept(), all);
  runtime_ = Make("", {Step::kDeid, Step::kChunk, Step::kEmbed, Step::kIndex});
  Publish(EventOf("", 5, Confirm{}), Lane::kUrgent);
  Drain();
  EXPECT_EQ(Kept(), "");
}

// What the sink has deleted and nobody has been told of yet is not forgotten by a power loss.
TEST_F(ShreddingTest, IsToldAfterACrashToo) {
  Put("a", 1);
  Drain();
  Snapshot(5, {});
  for (int i = 0; i < 10; ++i) {  // too soon for the maintenance that tells of it
    for (const NamedWorker& row : runtime_->workers()) ASSERT_TRUE(row.worker->Step().ok());
    clock_.Advance(10ms);
  }
  disk_.volume().CutPower();
  runtime_.reset();
  log_.reset();
  disk_.Crash();
  log_ = std::move(*log::EmbeddedLog::Open({.path = "/log", .env = disk_.env(), .clock = &clock_}));
  runtime_ = Make("", {Step::kDeid, Step::kChunk, Step::kEmbed, Step::kIndex});
  Drain();
  EXPECT_EQ(Kept(), "");
}

// Partitions move between the members of a group, and a document's original stays where it was kept: so each process
// follows all deletes.
TEST_F(ShreddingTest, EveryProcessThatKeepsOriginalsFollowsAllDeletes) {
  auto second = Make("/second", {Step::kDeid});
  std::vector<std::string> documents;
  for (char name = 'a'; name < 'a' + 16; ++name) documents.emplace_back(1, name);
  for (const std::string& document : documents) Put(document, 1);
  for (int i = 0; i < 10; ++i) {
    Drain();
    Drain(*second);
  }
  for (const std::string& document : documents) Publish(EventOf(document, 2, Delete{}), Lane::kUrgent);
  for (int i = 0; i < 10; ++i) {
    Drain();
    Drain(*second);
  }
  EXPECT_EQ(Kept(), "");
  EXPECT_EQ(Kept(second, "/second"), "");
}

// On the operating system's files, since this is about what a thief of the disk would find.
class ShreddedDiskTest : public ShreddingTest {
 protected:
  ShreddedDiskTest() {
    runtime_.reset();
    std::filesystem::remove_all(directory_);
    Open();
  }
  ~ShreddedDiskTest() override {
    runtime_.reset();
    std::filesystem::remove_all(directory_);
  }
  void Open() {
    RuntimeOptions options{.tenant = kTenant, .data_dir = directory_, .partitions = kPartitions};
    options.steps = {Step::kDeid};
    options.plan.fused.clear();
    auto made = Runtime::Make(std::move(options), {*log_, keys_, clock_, metrics_, embedder_, tokens_});
    ASSERT_TRUE(made.ok()) << made.status().ToString();
    runtime_ = std::move(*made);
  }
  // The end of the one document's key, as it is kept: sealed, and of no use to whoever lacks the tenant's.
  std::string KeyOnDisk() {
    runtime_.reset();
    auto database = store::Database::Open({.path = Originals(), .families = {"originals", "keys", "patients", "maps"}});
    EXPECT_TRUE(database.ok());
    const std::unique_ptr<rocksdb::Iterator> at((*database)->db().NewIterator({}, (*database)->family(1)));
    at->SeekToFirst();
    EXPECT_TRUE(at->Valid());
    const std::string wrapped = at->value().ToString();
    return wrapped.substr(wrapped.size() - 24);
  }
  bool DiskHolds(const std::string& bytes) const {
    for (const auto& file : std::filesystem::recursive_directory_iterator(Originals())) {
      std::ifstream in(file.path(), std::ios::binary);
      if (std::string(std::istreambuf_iterator<char>(in), {}).find(bytes) != std::string::npos) return true;
    }
    return false;
  }
  std::string Originals() const { return directory_ + "/originals"; }

  const std::string directory_ = testing::TempDir() + "shredded";
};

TEST_F(ShreddedDiskTest, ADestroyedKeyLeavesTheDiskByItself) {
  Put("a", 1);
  Drain();
  const std::string key = KeyOnDisk();
  Open();
  ASSERT_TRUE(DiskHolds(key)) << "the search itself works";
  Publish(EventOf("a", 2, Delete{}), Lane::kUrgent);
  Drain();
  EXPECT_TRUE(DiskHolds(key)) << "not rewritten for every delete";
  clock_.Advance(2h);
  for (int tries = 0; tries < 300 && DiskHolds(key); ++tries) {
    ASSERT_TRUE(runtime_->workers().front().worker->Step().ok());
    std::this_thread::sleep_for(100ms);
  }
  EXPECT_FALSE(DiskHolds(key));
}

}  // namespace
}  // namespace freshet

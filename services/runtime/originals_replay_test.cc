// Whatever the index has after power loss, the originals have too (DESIGN §4.4, §8), though they do not wait for the
// disk; and where they ran a batch behind, the log still has it.
#include <gtest/gtest.h>

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

// One machine with everything fused: what it holds ends with its power, the disk stays.
class Machine {
 public:
  Machine(test::CrashDisk& disk, ManualClock& clock, std::shared_ptr<const KeyRing> keys)
      : keys_(std::move(keys)), clock_(clock) {
    log_ = std::move(*log::EmbeddedLog::Open({.path = "/log", .env = disk.env(), .clock = &clock}));
    const auto specs = TopicSpecs(kTenant, kPartitions, {.time = 1ms});
    EXPECT_TRUE(log_->CreateTopics(specs).ok());
    RuntimeOptions options{.tenant = kTenant, .data_dir = "", .partitions = kPartitions, .env = disk.env()};
    options.store.open_directory = test::CrashDirectories(disk);
    auto made = Runtime::Make(std::move(options), {*log_, keys_, clock, metrics_, embedder_, tokens_});
    EXPECT_TRUE(made.ok()) << made.status().ToString();
    runtime_ = std::move(*made);
  }

  void Put(std::string_view document, uint64_t position) {
    const ChangeEvent event{.origin = {.source = SourceName("ehr"),
                                       .collection = CollectionName("notes"),
                                       .document = DocumentId(document),
                                       .version = {.epoch = 1, .position = position}},
                            .change = Upsert{.content = "A note.", .media_type = "text/plain"}};
    const std::string key = RecordKey(event);
    const log::NewRecord record{TopicName(kTenant, Topic::kChangesLive), PartitionFor(key, kPartitions), key,
                                *EncodeChange(event, *keys_)};
    (void)log_->Append({&record, 1});  // the power may be gone
  }

  // False where a worker found the disk gone.
  bool Drain(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      for (const NamedWorker& row : runtime_->workers()) {
        if (!row.worker->Step().ok()) return false;
      }
      clock_.Advance(100ms);
      (void)log_->Maintain();
    }
    return true;
  }

 private:
  const std::shared_ptr<const KeyRing> keys_;
  ManualClock& clock_;
  MetricRegistry metrics_{kTenant};
  std::shared_ptr<const model::Embedder> embedder_ = *model::MakeEmbedder({.kind = "hashing"});
  std::shared_ptr<const model::TokenCounter> tokens_ = *model::MakeTokenCounter({.kind = "hashing"});
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<Runtime> runtime_;
};

class OriginalsReplayTest : public testing::Test {
 protected:
  std::string Kept(test::CrashDisk& disk) {
    auto originals = deid::OpenOriginals({.path = "/originals", .keys = keys_, .env = disk.env()});
    EXPECT_TRUE(originals.ok()) << originals.status().ToString();
    std::string kept;
    const auto visit = [&](const Origin& origin, const Upsert&) {
      kept += origin.document.value + " ";
      return OkStatus();
    };
    EXPECT_TRUE((*originals)->ForEach(CollectionName("notes"), visit).ok());
    return kept;
  }

  ManualClock clock_{Time(1'000'000s)};
  std::shared_ptr<const KeyRing> keys_ = std::make_shared<const KeyRing>(*KeyRing::Parse(KeyRing::NewKeyLine()));
};

TEST_F(OriginalsReplayTest, PowerLossAtAnyWriteLosesNoOriginal) {
  size_t cuts = 0;
  for (uint64_t writes = 0; writes < 30; ++writes) {
    test::CrashDisk disk(writes + 1);
    auto machine = std::make_unique<Machine>(disk, clock_, keys_);
    machine->Put("before", 1);
    machine->Drain(15);
    for (const char* document : {"a", "b", "c"}) machine->Put(document, 1);
    disk.volume().CutPowerAfter(writes);
    for (int i = 0; i < 3 && machine->Drain(12); ++i) machine->Put("c", i + 2);
    cuts += disk.volume().powered() ? 0 : 1;
    disk.volume().CutPower();
    machine.reset();
    disk.Crash();
    machine = std::make_unique<Machine>(disk, clock_, keys_);
    ASSERT_TRUE(machine->Drain(15));
    machine.reset();
    ASSERT_EQ(Kept(disk), "a b before c ") << "cut after " << writes << " writes";
  }
  EXPECT_GT(cuts, 10u) << "most histories must end in a power loss";
}

}  // namespace
}  // namespace freshet

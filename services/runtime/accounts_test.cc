// Every input is accounted for at every stage (DESIGN §4.6): in = forwarded + control + skipped by code, what a stage
// forwards is what the next takes in, and the counts are those of what was published, also after a restart.
#include <gtest/gtest.h>

#include "common/log/embedded_log.h"
#include "common/model/factory.h"
#include "schemas/codec.h"
#include "services/runtime/runtime.h"
#include "tests/support/crash_directory.h"
#include "tests/support/crash_fs.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;

const TenantName kTenant("t");
constexpr uint32_t kPartitions = 2;

class AccountsTest : public testing::TestWithParam<bool> {
 protected:
  AccountsTest() {
    log_ = std::move(*log::EmbeddedLog::Open({.path = "/log", .env = disk_.env(), .clock = &clock_}));
    EXPECT_TRUE(log_->CreateTopics(TopicSpecs(kTenant, kPartitions, {})).ok());
    embedder_ = *model::MakeEmbedder({.kind = "hashing"});
    tokens_ = *model::MakeTokenCounter({.kind = "hashing"});
    Make();
  }
  void Make() {
    runtime_.reset();
    RuntimeOptions options{.tenant = kTenant, .partitions = kPartitions, .env = disk_.env()};
    if (!GetParam()) options.plan.fused.clear();
    options.store.open_directory = test::CrashDirectories(disk_);
    auto made = Runtime::Make(std::move(options), {*log_, keys_, clock_, metrics_, embedder_, tokens_});
    ASSERT_TRUE(made.ok()) << made.status().ToString();
    runtime_ = std::move(*made);
  }
  void Publish(std::string_view document, std::string content) {
    ChangeEvent event{.origin = {.source = SourceName("ehr"),
                                 .collection = CollectionName("notes"),
                                 .document = DocumentId(document),
                                 .version = {.epoch = 1, .position = ++version_}},
                      .change = Upsert{.content = std::move(content), .media_type = "text/plain"}};
    const std::string key = RecordKey(event);
    const log::NewRecord record{TopicName(kTenant, Topic::kChangesLive), PartitionFor(key, kPartitions), key,
                                *EncodeChange(event, *keys_)};
    ASSERT_TRUE(log_->Append({&record, 1}).ok());
  }
  void Drain() {
    for (int i = 0; i < 60; ++i) {
      for (const NamedWorker& row : runtime_->workers()) ASSERT_TRUE(row.worker->Step().ok());
      clock_.Advance(50ms);
    }
  }
  // "deid 5: control 0, forwarded 3, ...", and that the sum is right.
  std::string Of(Step step) const {
    const StageTotals totals = runtime_->Totals().at({step, Lane::kLive});
    std::string text = std::to_string(totals.inputs) + " in";
    uint64_t sum = 0;
    for (const auto& [outcome, count] : totals.outcomes) {
      sum += count;
      if (count > 0) text += ", " + std::to_string(count) + " " + outcome;
    }
    EXPECT_EQ(sum, totals.inputs) << NameOf(step);
    return text;
  }

  test::CrashDisk disk_{1};
  ManualClock clock_{Time(1'000'000s)};
  MetricRegistry metrics_{kTenant};
  std::shared_ptr<const KeyRing> keys_ = std::make_shared<const KeyRing>(*KeyRing::Parse(KeyRing::NewKeyLine()));
  std::unique_ptr<log::Log> log_;
  std::shared_ptr<const model::Embedder> embedder_;
  std::shared_ptr<const model::TokenCounter> tokens_;
  std::unique_ptr<Runtime> runtime_;
  uint64_t version_ = 0;
};

TEST_P(AccountsTest, EveryInputOfEveryStageHasOneOutcome) {
  for (int i = 0; i < 5; ++i) Publish("good" + std::to_string(i), "A note.");
  Publish("broken", "\xff\xfe");
  Publish("empty", "");
  Publish("empty too", " ");
  Drain();
  EXPECT_EQ(Of(Step::kDeid), "8 in, 2 empty_document, 5 forwarded, 1 invalid_utf8");
  EXPECT_EQ(Of(Step::kChunk), "8 in, 5 forwarded, 3 skipped_before");
  EXPECT_EQ(Of(Step::kEmbed), "8 in, 5 forwarded, 3 skipped_before");
  ASSERT_TRUE(runtime_->Flush().ok());
  Make();
  Publish("good5", "A note.");
  Publish("broken too", "\xff");
  for (int i = 0; i < 8; ++i) Publish("more" + std::to_string(i), "So that each partition is read.");
  Drain();
  EXPECT_EQ(Of(Step::kDeid), "18 in, 2 empty_document, 14 forwarded, 2 invalid_utf8") << "counted on";
  EXPECT_EQ(Of(Step::kChunk), "18 in, 14 forwarded, 4 skipped_before");
}

INSTANTIATE_TEST_SUITE_P(Plans, AccountsTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Fused" : "Durable"; });

// Steps that share a run share its account; each is told its own part.
TEST(StageTotals, AreOfTheStep) {
  StageAccount account{.forwarded = 5, .control = 2};
  account.skipped = {{{Step::kDeid, Code::kQuarantined}, 3}, {{Step::kEmbed, Code::kRetriesExhausted}, 1}};
  using Outcomes = std::map<std::string, uint64_t>;
  EXPECT_EQ(TotalsOf(Step::kDeid, account).outcomes, (Outcomes{{"control", 2}, {"forwarded", 6}, {"quarantined", 3}}));
  EXPECT_EQ(TotalsOf(Step::kChunk, account).outcomes,
            (Outcomes{{"control", 2}, {"forwarded", 6}, {"skipped_before", 3}}));
  EXPECT_EQ(TotalsOf(Step::kEmbed, account).outcomes,
            (Outcomes{{"control", 2}, {"forwarded", 5}, {"retries_exhausted", 1}, {"skipped_before", 3}}));
  for (const Step step : {Step::kDeid, Step::kChunk, Step::kEmbed}) EXPECT_EQ(TotalsOf(step, account).inputs, 11u);
}

}  // namespace
}  // namespace freshet

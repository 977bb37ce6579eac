// Retention takes nothing that a step of this runtime has not made durable, however old it is (DESIGN §4.4).
#include <gtest/gtest.h>

#include "common/log/embedded_log.h"
#include "common/model/factory.h"
#include "services/runtime/runtime.h"
#include "tests/support/crash_directory.h"
#include "tests/support/crash_fs.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;

const TenantName kTenant("t");

class RetentionTest : public testing::TestWithParam<bool> {
 protected:
  RetentionTest() {
    log_ = std::move(*log::EmbeddedLog::Open({.path = "/log", .env = disk_.env(), .clock = &clock_}));
    EXPECT_TRUE(log_->CreateTopics(TopicSpecs(kTenant, 1, {.time = 1h})).ok());
    embedder_ = *model::MakeEmbedder({.kind = "hashing"});
    tokens_ = *model::MakeTokenCounter({.kind = "hashing"});
  }

  Result<std::unique_ptr<Runtime>> Make() {
    RuntimeOptions options{.tenant = kTenant, .partitions = 1, .env = disk_.env()};
    if (!GetParam()) options.plan.fused.clear();
    options.store.open_directory = test::CrashDirectories(disk_);
    return Runtime::Make(options, {*log_, keys_, clock_, metrics_, embedder_, tokens_});
  }
  void Append(Topic topic) {
    const log::NewRecord record{TopicName(kTenant, topic), Partition(0), "key", "no record, but one that counts"};
    ASSERT_TRUE(log_->Append({&record, 1}).ok());
  }
  uint64_t First(Topic topic) { return log_->Range({TopicName(kTenant, topic), Partition(0)})->first.value; }

  test::CrashDisk disk_{1};
  ManualClock clock_{Time(1'000'000s)};
  MetricRegistry metrics_{kTenant};
  std::shared_ptr<const KeyRing> keys_ = std::make_shared<const KeyRing>(*KeyRing::Parse(KeyRing::NewKeyLine()));
  std::unique_ptr<log::Log> log_;
  std::shared_ptr<const model::Embedder> embedder_;
  std::shared_ptr<const model::TokenCounter> tokens_;
};

TEST_P(RetentionTest, WhatNobodyHasReadStaysHoweverOld) {
  std::vector<Topic> topics = {Topic::kChangesUrgent, Topic::kChangesLive, Topic::kChangesBackfill};
  if (!GetParam()) topics.insert(topics.end(), {Topic::kCleanLive, Topic::kChunksBackfill, Topic::kEmbeddedLive});
  for (const Topic topic : topics) Append(topic);
  clock_.Advance(48h);
  const auto runtime = Make();
  ASSERT_TRUE(runtime.ok()) << runtime.status().ToString();
  ASSERT_TRUE(log_->Maintain().ok()) << "before any step has run";
  for (const Topic topic : topics) EXPECT_EQ(First(topic), 0u) << RowOf(topic).suffix;
}

TEST_P(RetentionTest, WhatEverybodyHasReadGoes) {
  const auto runtime = Make();
  ASSERT_TRUE(runtime.ok());
  Append(Topic::kChangesUrgent);
  for (int i = 0; i < 200; ++i) {
    for (const NamedWorker& row : (*runtime)->workers()) ASSERT_TRUE(row.worker->Step().ok());
    clock_.Advance(50ms);
  }
  clock_.Advance(48h);
  Append(Topic::kChangesUrgent);
  for (const NamedWorker& row : (*runtime)->workers()) ASSERT_TRUE(row.worker->Step().ok());
  ASSERT_TRUE(log_->Maintain().ok());
  EXPECT_EQ(First(Topic::kChangesUrgent), 1u);
}

INSTANTIATE_TEST_SUITE_P(Plans, RetentionTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "Fused" : "Durable"; });

}  // namespace
}  // namespace freshet

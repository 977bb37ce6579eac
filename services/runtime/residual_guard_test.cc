// What follows from what the scan before indexing finds: withheld and listed; too much of it halts the source.
#include "services/runtime/residual_guard.h"

#include <gtest/gtest.h>

#include "tests/support/clean_documents.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;

class ResidualGuardTest : public ::testing::Test {
 protected:
  ResidualGuardTest() {
    guard_ = std::make_unique<ResidualGuard>(
        ResidualGuard::Parts{.policies = &policies_,
                             .clock = &clock_,
                             .on_halted = [this](const SourceName& source) { halted_ += source.value + " "; },
                             .limits = {.documents = 3, .share = 0.10, .window = 1h}});
  }
  Code Look(std::string_view text, std::string_view source = "ehr", std::string_view collection = "notes") {
    const Origin origin{.source = SourceName(source),
                        .collection = CollectionName(collection),
                        .document = DocumentId(std::to_string(++documents_))};
    return guard_->Look(origin, testing::MakeClean(testing::Outline(text), origin));
  }
  void LookAtGood(int count, std::string_view source = "ehr") {
    for (int i = 0; i < count; ++i) ASSERT_EQ(Look("All is well.\n", source), Code::kOk);
  }

  static constexpr const char* kBad = "A number, 078-05-1120, was left.\n";
  ManualClock clock_{Time(1'000'000s)};
  std::map<CollectionName, std::shared_ptr<const deid::Policy>> policies_{
      {CollectionName("policies"), *deid::FindPolicy("none")}};
  std::unique_ptr<ResidualGuard> guard_;
  std::string halted_;
  int documents_ = 0;
};

TEST_F(ResidualGuardTest, WithholdsWhatHasResidueAndNothingElse) {
  LookAtGood(5);
  EXPECT_EQ(Look(kBad), Code::kQuarantined);
  LookAtGood(1);
  EXPECT_EQ(Look(kBad, "ehr", "policies"), Code::kOk) << "about nobody";
  EXPECT_EQ(halted_, "");
}

TEST_F(ResidualGuardTest, HaltsASourceThatHasTooMuchOnce) {
  LookAtGood(5, "other");
  EXPECT_EQ(Look(kBad), Code::kQuarantined);
  EXPECT_EQ(Look(kBad), Code::kQuarantined);
  LookAtGood(1);
  EXPECT_EQ(Look(kBad), Code::kQuarantined);
  EXPECT_TRUE(guard_->IsHalted(SourceName("ehr")));
  EXPECT_EQ(Look("All is well.\n"), Code::kQuarantined) << "nothing of the source goes on";
  EXPECT_EQ(Look(kBad), Code::kQuarantined);
  clock_.Advance(48h);
  EXPECT_EQ(Look("All is well.\n"), Code::kQuarantined) << "time mends nothing";
  EXPECT_EQ(halted_, "ehr ");
  LookAtGood(3, "other");
}

TEST_F(ResidualGuardTest, AFewAmongManyHaltNothing) {
  LookAtGood(60);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Look(kBad), Code::kQuarantined);
  EXPECT_FALSE(guard_->IsHalted(SourceName("ehr")));
}

TEST_F(ResidualGuardTest, WhatIsLongAgoDoesNotCount) {
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Look(kBad), Code::kQuarantined);
    clock_.Advance(40min);
  }
  EXPECT_FALSE(guard_->IsHalted(SourceName("ehr"))) << "never three within an hour";
}

}  // namespace
}  // namespace freshet

#include "services/deid/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace freshet::deid {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kTexts =
    "{\"id\": 1, \"text\": \"Mrs. Quillfeather was seen on 3/31/2021.\"}\n"
    "{\"id\": 2, \"text\": \"Call 617-555-0100.\"}\n"
    "{\"id\": 3, \"text\": \"Metformin 500 mg.\"}\n"
    "{\"id\": 4, \"text\": \"x\", \"media_type\": \"image/png\"}\n";

Result<PolicyPlan> Plan(const std::string& next, std::string_view texts = kTexts) {
  std::istringstream in{std::string(texts)};
  return PlanPolicy(in, {.next = next});
}

TEST(PlanTest, CountsDocumentsAndKindsThatChange) {
  const auto plan = Plan("limited_data_set");
  ASSERT_TRUE(plan.ok()) << plan.status().message();
  EXPECT_EQ(plan->current, "safe_harbor@1");
  EXPECT_EQ(plan->next, "limited_data_set@1");
  EXPECT_EQ(plan->documents, 4u);
  EXPECT_EQ(plan->changed, 1u);
  EXPECT_EQ(plan->unreadable, 1u);
  EXPECT_EQ(plan->by_kind.at("DATE").current_gone, 1u);
  EXPECT_EQ(plan->by_kind.at("DATE").next_gone, 0u);
  EXPECT_EQ(plan->by_kind.at("NAME").next_gone, 1u);
}

TEST(PlanTest, NamesTheRulesThatDiffer) {
  const std::string path = testing::TempDir() + "/next.yaml";
  std::ofstream(path) << "name: next\nversion: 2\nidentifiers: {phone: {action: remove}, mrn: {threshold: 0.9}}\n";
  const auto plan = Plan(path);
  ASSERT_TRUE(plan.ok()) << plan.status().message();
  EXPECT_THAT(plan->rules,
              ElementsAre("PHONE: placeholder 0.50 -> remove 0.50", "MRN: placeholder 0.50 -> placeholder 0.90"));
  EXPECT_EQ(plan->changed, 1u);
}

TEST(PlanTest, TheSamePolicyChangesNothing) {
  const auto plan = Plan("safe_harbor");
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->changed, 0u);
  EXPECT_TRUE(plan->rules.empty());
}

TEST(PlanTest, RefusesWhatItCannotRead) {
  EXPECT_EQ(Plan("no_such").code(), Code::kConfiguration);
  EXPECT_EQ(Plan("safe_harbor", "{}\n").code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace freshet::deid

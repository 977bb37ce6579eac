#include "services/deid/evaluate.h"

#include <gtest/gtest.h>

#include <sstream>

namespace freshet::deid {
namespace {

Result<DeidFigures> Evaluate(const std::string& gold, const std::string& policy = "safe_harbor") {
  std::istringstream in(gold);
  return EvaluateDeid(in, {.policy = policy});
}

TEST(EvaluateTest, CountsWhatIsFoundAndWhatIsNot) {
  const auto figures = Evaluate(
      R"({"id": "a", "text": "Dr. Quill called 617-555-0100.", "phi": [{"type": "NAME", "value": "Quill"}, {"type": "PHONE", "value": "617-555-0100"}]})"
      "\n\n"
      R"({"id": "b", "text": "Metformin 500 mg twice a day for 3 weeks.", "phi": []})"
      "\n"
      R"({"id": "c", "text": "The word metformin is said to be secret.", "phi": [{"type": "ID", "value": "metformin"}]})");
  ASSERT_TRUE(figures.ok()) << figures.status().message();
  EXPECT_EQ(figures->documents, 3u);
  EXPECT_EQ(figures->all.gold, 3u);
  EXPECT_EQ(figures->all.found, 2u);
  EXPECT_EQ(figures->all.strict, 2u);
  EXPECT_EQ(figures->by_type.at("NAME").found, 1u);
  EXPECT_EQ(figures->by_type.at("ID").found, 0u);
  EXPECT_EQ(figures->leaked, 1u);
  EXPECT_EQ(figures->negatives, 1u);
  EXPECT_EQ(figures->negatives_changed, 0u);
  ASSERT_EQ(figures->errors.size(), 1u);
  EXPECT_TRUE(figures->errors[0].missed);
  EXPECT_EQ(figures->errors[0].id, "c");
  EXPECT_EQ(figures->errors[0].text, "metformin");
}

TEST(EvaluateTest, CountsWhatIsRemovedWithoutNeed) {
  const auto figures = Evaluate(R"({"id": "n", "text": "Call 617-555-0100 today.", "phi": []})");
  ASSERT_TRUE(figures.ok());
  EXPECT_EQ(figures->OverRedaction(), 1);
  EXPECT_EQ(figures->all.predicted, 1u);
  EXPECT_EQ(figures->all.Precision(), 0);
  ASSERT_EQ(figures->errors.size(), 1u);
  EXPECT_FALSE(figures->errors[0].missed);
  EXPECT_EQ(figures->errors[0].text, "617-555-0100");
  EXPECT_FALSE(figures->errors[0].detector.empty());
}

// An organisation's name may stay and may go: neither way does it count.
TEST(EvaluateTest, WhatIsOptionalCountsNeitherWay) {
  const auto figures = Evaluate(
      R"({"id": "o", "text": "Ring 617-555-0100 or www.example.org.", "phi": [{"type": "ORGANIZATION", "value": "617-555-0100"}, {"type": "URL", "value": "www.example.org"}]})");
  ASSERT_TRUE(figures.ok());
  EXPECT_EQ(figures->all.gold, 1u);
  EXPECT_EQ(figures->all.predicted, 1u);
  EXPECT_EQ(figures->all.Precision(), 1);
  EXPECT_EQ(figures->negatives, 0u);
  EXPECT_TRUE(figures->errors.empty());
}

// A policy that lets all stay leaks everything: the figures must say so.
TEST(EvaluateTest, SeesALeak) {
  const auto figures =
      Evaluate(R"({"id": "a", "text": "Admitted 3/4/2021.", "phi": [{"type": "DATE", "value": "3/4/2021"}]})",
               "limited_data_set");
  ASSERT_TRUE(figures.ok());
  EXPECT_EQ(figures->LeakRate(), 1);
  EXPECT_EQ(figures->all.Recall(), 0);
}

TEST(EvaluateTest, F2WeighsRecallFourTimes) {
  EXPECT_DOUBLE_EQ((TypeFigures{.gold = 10, .found = 10, .predicted = 20, .right = 10}.F2()), 5 * .5 / 3.0);
  EXPECT_DOUBLE_EQ((TypeFigures{.gold = 10, .found = 5, .predicted = 5, .right = 5}.F2()), 5 * .5 / 4.5);
  EXPECT_EQ((TypeFigures{.gold = 1, .predicted = 1}.F2()), 0);
}

TEST(EvaluateTest, RefusesGoldThatCannotBeMeant) {
  for (const char* line : {"[]", "{\"id\": \"1\"}", R"({"id": "1", "text": "x", "phi": {}})",
                           R"({"id": "1", "text": "x", "phi": [{"type": "NAME", "value": "y"}]})",
                           R"({"id": "1", "text": "x", "phi": [{"type": "NOBODY", "value": "x"}]})",
                           R"({"id": "1", "text": "x", "phi": [{"type": "NAME", "value": ""}]})"}) {
    EXPECT_EQ(Evaluate(line).code(), Code::kInvalidArgument) << line;
  }
  EXPECT_EQ(Evaluate("", "nonsense").code(), Code::kConfiguration);
}

}  // namespace
}  // namespace freshet::deid

#include "services/query/gate.h"

#include <gtest/gtest.h>

namespace freshet::query {
namespace {

// Forty questions, each with one document of its number, and one that only says what is forbidden.
std::vector<GoldenQuestion> Golden() {
  std::vector<GoldenQuestion> golden;
  for (int i = 0; i < 40; ++i) {
    const std::string number = std::to_string(i);
    golden.push_back({.id = number, .question = "q", .relevant = {{number, 1.0}}});
  }
  golden.push_back({.id = "f", .question = "q", .forbidden = {"secret"}});
  return golden;
}

// Finds all but the first so many.
GateAsk Missing(int count) {
  return [count](const GoldenQuestion& question) -> Result<std::vector<std::string>> {
    if (question.relevant.empty()) return std::vector<std::string>{"public"};
    return std::stoi(question.id) < count ? std::vector<std::string>{"other"} : std::vector{question.id};
  };
}

GateFigures Judged(const GateAsk& served, const GateAsk& candidate, double allowed_loss = 0.02) {
  const auto figures = JudgeCandidate(Golden(), {.served = served, .candidate = candidate}, allowed_loss);
  EXPECT_TRUE(figures.ok());
  return figures.ok() ? *figures : GateFigures{};
}

TEST(Gate, AsGoodOrBetterMayBeServed) {
  const GateFigures same = Judged(Missing(4), Missing(4));
  EXPECT_TRUE(same.failures.empty());
  EXPECT_EQ(same.questions, 40u);
  EXPECT_DOUBLE_EQ(same.recall, 0.9);
  EXPECT_DOUBLE_EQ(same.served_recall, 0.9);
  EXPECT_TRUE(Judged(Missing(4), Missing(0)).failures.empty());
}

TEST(Gate, ALowerRecallMayNot) {
  const GateFigures worse = Judged(Missing(0), Missing(4));
  ASSERT_EQ(worse.failures.size(), 1u);
  EXPECT_EQ(worse.failures[0], "Recall at 10 is too low: 0.900, of the served one 1.000.");
  EXPECT_TRUE(Judged(Missing(0), Missing(4), 0.2).failures.empty()) << "as much was allowed";
}

TEST(Gate, WhatIsForbiddenIsShownToNobody) {
  const GateAsk leaking = [](const GoldenQuestion& question) -> Result<std::vector<std::string>> {
    return std::vector{question.id, std::string("secret")};
  };
  const GateFigures figures = Judged(Missing(0), leaking);
  EXPECT_EQ(figures.shown_forbidden, 1u);
  ASSERT_EQ(figures.failures.size(), 1u);
  EXPECT_EQ(figures.failures[0], "Shown though forbidden: 1 document.");
}

TEST(Gate, ASetThatJudgesNothingIsRefused) {
  EXPECT_EQ(Judged(Missing(40), Missing(40)).failures.size(), 1u);
  const std::vector<GoldenQuestion> only_forbidden = {{.id = "f", .question = "q", .forbidden = {"secret"}}};
  const GateSides sides{.served = Missing(0), .candidate = Missing(0)};
  EXPECT_EQ(JudgeCandidate(only_forbidden, sides, 0).code(), Code::kInvalidArgument);
}

TEST(Gate, AnEngineThatFailsIsAnError) {
  const GateAsk fails = [](const GoldenQuestion&) -> Result<std::vector<std::string>> {
    return Status(Code::kCorruptStore);
  };
  EXPECT_EQ(JudgeCandidate(Golden(), {.served = Missing(0), .candidate = fails}, 0).code(), Code::kCorruptStore);
  EXPECT_EQ(JudgeCandidate(Golden(), {.served = fails, .candidate = Missing(0)}, 0).code(), Code::kCorruptStore);
}

}  // namespace
}  // namespace freshet::query

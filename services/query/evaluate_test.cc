#include "services/query/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <sstream>

namespace freshet::query {
namespace {

using Names = std::vector<std::string>;

GoldenQuestion Of(std::map<std::string, double> relevant, std::set<std::string> forbidden = {}) {
  return {.id = "q", .question = "?", .relevant = std::move(relevant), .forbidden = std::move(forbidden)};
}

TEST(Evaluate, AGoldenSetIsReadLineByLine) {
  std::istringstream in(R"({"id": "a", "question": "who?", "relevant": ["x", "y"], "caller": "ada"}

{"question": "what?", "relevant": {"x": 2, "y": 0}, "forbidden": ["z"], "collections": ["policies"]}
)");
  const auto golden = ReadGolden(in);
  ASSERT_TRUE(golden.ok()) << golden.status().ToString();
  ASSERT_EQ(golden->size(), 2u);
  EXPECT_EQ((*golden)[0].relevant, (std::map<std::string, double>{{"x", 1}, {"y", 1}}));
  EXPECT_EQ((*golden)[0].caller, "ada");
  EXPECT_EQ((*golden)[1].id, "3") << "the line's number";
  EXPECT_EQ((*golden)[1].relevant, (std::map<std::string, double>{{"x", 2}}));
  EXPECT_EQ((*golden)[1].forbidden, std::set<std::string>{"z"});
  EXPECT_EQ((*golden)[1].collections, Names{"policies"});
}

TEST(Evaluate, WhatIsNoQuestionIsNamedByItsLine) {
  for (const char* line :
       {"[]", "{", R"({"question": "x"})", R"({"relevant": ["x"]})", R"({"question": 1, "relevant": []})",
        R"({"question": "x", "relevant": []})", R"({"question": "x", "relevant": [1]})",
        R"({"question": "x", "relevant": {"x": "y"}})", R"({"question": "x", "relevant": {"x": 99}})",
        R"({"question": "x", "relevant": ["a"], "forbidden": "b"})"}) {
    std::istringstream in(std::string("{\"question\": \"x\", \"relevant\": [\"x\"]}\n") + line + "\n");
    const auto golden = ReadGolden(in);
    EXPECT_EQ(golden.status().code(), Code::kMalformedDocument) << line;
    EXPECT_THAT(golden.status().ToString(), testing::HasSubstr("line 2")) << line;
  }
}

TEST(Evaluate, FiguresAreThoseOfTheDefinitions) {
  const GoldenQuestion question = Of({{"a", 2}, {"b", 1}, {"c", 1}});
  const QuestionFigures figures = Judge(question, Names{"x", "b", "x", "b", "a", "y"}, 3);
  // b at rank 2, a at rank 3: what is met again has no rank.
  const double ideal = 3 / std::log2(2) + 1 / std::log2(3) + 1 / std::log2(4);
  EXPECT_NEAR(figures.ndcg, (1 / std::log2(3) + 3 / std::log2(4)) / ideal, 1e-12);
  EXPECT_NEAR(figures.recall, 2.0 / 3, 1e-12);
  EXPECT_EQ(figures.reciprocal_rank, 0.5);
  EXPECT_EQ(figures.first, 0);
  EXPECT_EQ(Judge(question, Names{"a", "b", "c"}, 10).ndcg, 1);
  EXPECT_EQ(Judge(question, Names{"a"}, 10).first, 1);
  EXPECT_EQ(Judge(question, Names{"x", "y", "a"}, 2).recall, 0) << "beyond k";
  EXPECT_EQ(Judge(question, {}, 10).ndcg, 0);
}

TEST(Evaluate, WhatIsForbiddenCountsHoweverDeep) {
  const GoldenQuestion question = Of({{"a", 1}}, {"s", "t"});
  EXPECT_EQ(Judge(question, Names{"a", "b", "c", "s", "s"}, 1).leaks, 1u);
  EXPECT_EQ(Judge(question, Names{"a", "b"}, 1).leaks, 0u);
}

TEST(Evaluate, IntervalsHoldTheTrueMeanAboutAsOftenAsTheySay) {
  std::mt19937_64 random(5);
  std::bernoulli_distribution hit(0.4);
  int held = 0;
  for (uint64_t round = 0; round < 200; ++round) {
    std::vector<double> values;
    for (int i = 0; i < 150; ++i) values.push_back(hit(random) ? 1 : 0);
    const Interval interval = Bootstrap(values, round);
    EXPECT_LE(interval.low, interval.mean);
    EXPECT_LE(interval.mean, interval.high);
    held += interval.low <= 0.4 && 0.4 <= interval.high ? 1 : 0;
  }
  EXPECT_GE(held, 176);
  EXPECT_LE(held, 200);
  EXPECT_EQ(Bootstrap({}, 1).high, 0);
}

TEST(Evaluate, ADifferenceIsToldFromChance) {
  std::mt19937_64 random(6);
  std::vector<double> before, same, worse;
  for (int i = 0; i < 300; ++i) {
    before.push_back(static_cast<double>(random() % 100) / 100);
    same.push_back(before.back() + (i % 2 == 0 ? 0.1 : -0.1));
    worse.push_back(before.back() - (i % 3 == 0 ? 0.2 : 0));
  }
  EXPECT_LT(BootstrapDifference(worse, before, 1).high, 0);
  EXPECT_GE(BootstrapDifference(same, before, 1).high, 0);
  EXPECT_GT(BootstrapDifference(before, worse, 1).low, 0);
}

TEST(Evaluate, QuantilesAreOfTheValues) {
  EXPECT_EQ(Quantile({}, 0.5), 0);
  EXPECT_EQ(Quantile({3, 1, 2}, 0.5), 2);
  EXPECT_EQ(Quantile({3, 1, 2}, 0.95), 3);
  EXPECT_EQ(Quantile({3, 1, 2}, 0), 1);
}

}  // namespace
}  // namespace freshet::query

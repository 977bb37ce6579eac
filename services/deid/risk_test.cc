// Risk: what guesses that were left in are worth.
#include "services/deid/risk.h"

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include "services/deid/cleaner.h"
#include "services/deid/detector_test_util.h"
#include "services/deid/gold.h"
#include "services/deid/parse/parser.h"

namespace freshet::deid {
namespace {

Finding Guess(uint32_t begin, uint32_t end, float score, std::string_view detector = "model/name") {
  return {begin, end, IdentifierType::kName, score, detector};
}

TEST(Risk, NothingGuessedIsNoRisk) { EXPECT_EQ(RiskOf({}), 0); }

TEST(Risk, GrowsWithEachGuessAndItsScore) {
  const Finding low = Guess(0, 5, 0.1f), high = Guess(10, 15, 0.45f);
  EXPECT_LT(WorthOf(low), WorthOf(high));
  EXPECT_GT(WorthOf(low), 0);
  EXPECT_LT(WorthOf(high), 1);
  const std::vector<Finding> both = {high, low};
  EXPECT_FLOAT_EQ(RiskOf(std::vector<Finding>{high}), WorthOf(high));
  EXPECT_NEAR(RiskOf(both), 1 - (1 - WorthOf(low)) * (1 - WorthOf(high)), 1e-5);
  std::vector<Finding> many;
  for (uint32_t i = 0; i < 200; ++i) many.push_back(Guess(10 * i, 10 * i + 5, 0.45f));
  EXPECT_GT(RiskOf(many), RiskOf(std::vector<Finding>(many.begin(), many.begin() + 3)));
  EXPECT_FLOAT_EQ(RiskOf(many), RiskOf(std::vector<Finding>(many.begin(), many.begin() + 5)));
  EXPECT_LE(RiskOf(many), 1.0f);
}

TEST(Risk, WhatOverlapsIsOneGuess) {
  const std::vector<Finding> over = {Guess(0, 10, 0.2f), Guess(5, 15, 0.4f), Guess(12, 20, 0.3f)};
  EXPECT_FLOAT_EQ(RiskOf(over), WorthOf(over[1]));
}

// Sums of risks against documents that hold something: on texts that neither the name model nor the table was made of.
class Reliability {
 public:
  struct Bin {
    size_t texts = 0;
    double expected = 0;
    size_t leaked = 0;
  };

  void Add(const GoldText& gold) {
    const auto parsed = Parse("text/plain", gold.text);
    const CleanJob job{*DefaultPolicy(), {}, {}};
    const auto clean = TestCleaner().CleanText(parsed->text, parsed->blocks, job);
    if (!clean.ok()) return;
    bool leaked = false;
    for (const GoldPlace& place : gold.places) leaked |= place.needed && !IsGone(place, clean->findings);
    for (Bin* bin : {&all, clean->risk < 0.1f ? &low : &high}) {
      ++bin->texts;
      bin->expected += static_cast<double>(clean->risk);
      bin->leaked += leaked;
    }
  }

  Bin all, low, high;

 private:
  static bool IsGone(const GoldPlace& place, std::span<const Finding> gone) {
    return std::any_of(gone.begin(), gone.end(), [&](const Finding& one) {
      const uint32_t begin = std::max(one.begin, place.range.begin), end = std::min(one.end, place.range.end);
      return end > begin && 2 * (end - begin) >= place.range.end - place.range.begin;
    });
  }
};

TEST(Risk, IsCalibratedOnTextsThatItWasNotFittedTo) {
  Reliability reliability;
  for (const char* path :
       {"../shared/data/deid_presidio_synth/spans.jsonl", "../shared/data/deid_asq_phi/queries.jsonl"}) {
    std::ifstream file(path);
    if (!file) GTEST_SKIP() << "no " << path;
    std::string line;
    for (size_t number = 1; std::getline(file, line); ++number) {
      const auto gold = ReadGold(line, number);
      ASSERT_TRUE(gold.ok());
      if (number % 2 == 1) continue;  // odd lines are what the table was fitted to
      reliability.Add(*gold);
    }
  }
  const auto& [all, low, high] = std::tie(reliability.all, reliability.low, reliability.high);
  RecordProperty("texts", static_cast<int>(all.texts));
  const auto share = [](const Reliability::Bin& bin) {
    return static_cast<double>(bin.leaked) / static_cast<double>(std::max<size_t>(bin.texts, 1));
  };
  std::printf("risk below .1: %zu texts, expected %.1f, leaked %zu; above: %zu texts, expected %.1f, leaked %zu\n",
              low.texts, low.expected, low.leaked, high.texts, high.expected, high.leaked);
  ASSERT_GT(high.texts, 5u);
  EXPECT_GT(share(high), 4 * share(low)) << "a risky text leaks far more often";
  EXPECT_NEAR(static_cast<double>(high.leaked), high.expected, 0.5 * high.expected + 2) << "of those it doubts";
}

}  // namespace
}  // namespace freshet::deid

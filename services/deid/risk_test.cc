// Risk: what guesses that were left in are worth.
#include "services/deid/risk.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <vector>

#include "services/deid/cleaner.h"
#include "services/deid/detector_test_util.h"
#include "services/deid/gold.h"
#include "services/deid/parse/parser.h"
#include "services/deid/risk_traits.h"

namespace freshet::deid {
namespace {

Finding Guess(uint32_t begin, uint32_t end, float score, std::string_view detector = "model/name") {
  return {begin, end, IdentifierType::kName, score, detector};
}

TEST(Risk, NothingGuessedIsNoRisk) { EXPECT_EQ(RiskOf({}, Company::kMany), 0); }

TEST(Risk, GrowsWithEachGuessAndItsScore) {
  const Finding low = Guess(0, 5, 0.1f), high = Guess(10, 15, 0.45f);
  EXPECT_LT(WorthOf(low, Company::kMany), WorthOf(high, Company::kMany));
  EXPECT_GT(WorthOf(low, Company::kMany), 0);
  EXPECT_LT(WorthOf(high, Company::kMany), 1);
  const std::vector<Finding> both = {high, low};
  EXPECT_FLOAT_EQ(RiskOf(std::vector<Finding>{high}, Company::kMany), WorthOf(high, Company::kMany));
  EXPECT_NEAR(RiskOf(both, Company::kMany),
              1 - (1 - WorthOf(low, Company::kMany)) * (1 - WorthOf(high, Company::kMany)), 1e-5);
  std::vector<Finding> many;
  for (uint32_t i = 0; i < 200; ++i) many.push_back(Guess(10 * i, 10 * i + 5, 0.45f));
  EXPECT_GT(RiskOf(many, Company::kMany), RiskOf(std::vector<Finding>(many.begin(), many.begin() + 2), Company::kMany));
  EXPECT_FLOAT_EQ(RiskOf(many, Company::kMany),
                  RiskOf(std::vector<Finding>(many.begin(), many.begin() + 3), Company::kMany));
  EXPECT_LE(RiskOf(many, Company::kMany), 1.0f);
}

TEST(Risk, WhatOverlapsIsOneGuess) {
  const std::vector<Finding> over = {Guess(0, 10, 0.2f), Guess(5, 15, 0.4f), Guess(12, 20, 0.3f)};
  EXPECT_FLOAT_EQ(RiskOf(over, Company::kMany), WorthOf(over[1], Company::kMany));
}

TEST(Risk, WhatNothingGuessesAddsToIt) {
  const std::vector<Finding> guess = {Guess(0, 5, 0.4f)};
  const RiskTraits few = {1, 1, 0.001f}, many = {1, 1, 0.2f};
  EXPECT_NEAR(RiskOf({}, many), UnguessedOf(many), 1e-6);
  EXPECT_NEAR(RiskOf(guess, many), 1 - (1 - RiskOf(guess, Company::kMany)) * (1 - UnguessedOf(many)), 1e-6);
  EXPECT_NEAR(RiskOf(guess, few), 1 - (1 - RiskOf(guess, Company::kFew)) * (1 - UnguessedOf(few)), 1e-6);
}

TEST(Risk, AGuessIsWorthLessWhereHardlyAnythingWasRemoved) {
  const Finding guess = Guess(0, 5, 0.4f);
  EXPECT_LT(WorthOf(guess, Company::kFew), WorthOf(guess, Company::kMany));
  EXPECT_EQ(CompanyOf({1, 5, 0.9f / kMostDensity}), Company::kFew);
  EXPECT_EQ(CompanyOf({1, 5, 1.1f / kMostDensity}), Company::kMany);
}

TEST(Risk, TraitsAreOfWhatIsLeft) {
  const std::string source = "Żofie Quillfeather saw Maria about 4711-22 and KX47Q in 2021. The gown was Green.";
  const Text text(source);
  const auto find = [&](std::string_view what) {
    const auto at = static_cast<uint32_t>(source.find(what));
    return Finding{at, at + static_cast<uint32_t>(what.size()), IdentifierType::kName, 0.9f, "test"};
  };
  const RiskTraits all = TraitsOf(text, {});
  EXPECT_FLOAT_EQ(all[1], 0);
  EXPECT_FLOAT_EQ(all[4], std::log1p(2.0f)) << "Żofie and Maria";
  EXPECT_FLOAT_EQ(all[5], std::log1p(2.0f)) << "4711 and KX47Q; 22 is short, 2021 a year";
  EXPECT_FLOAT_EQ(all[6], 0);
  const std::vector<Finding> removed = {find("Quillfeather"), find("Maria"), find("4711-22")};
  const RiskTraits left = TraitsOf(text, removed);
  EXPECT_FLOAT_EQ(left[1], std::log1p(3.0f));
  EXPECT_GT(left[2], 0);
  EXPECT_LT(left[3], all[3]) << "Quillfeather is no unknown word left";
  EXPECT_FLOAT_EQ(left[4], std::log1p(1.0f));
  EXPECT_FLOAT_EQ(left[5], std::log1p(1.0f));
  EXPECT_FLOAT_EQ(TraitsOf(Text("no capitals in here"), {})[6], 1);
}

TEST(Risk, TraitsTellWhereWhatIsLeftStands) {
  const std::string source = "Żofie Quillfeather, 12 and 471 Elm Street. Seen at Quirrelmark.\nMaria left. Then Zofia.";
  const Text text(source);
  const auto find = [&](std::string_view what, IdentifierType type) {
    const auto at = static_cast<uint32_t>(source.find(what));
    return Finding{at, at + static_cast<uint32_t>(what.size()), type, 0.9f, "test"};
  };
  const RiskTraits all = TraitsOf(text, {});
  EXPECT_FLOAT_EQ(all[7], 0) << "beside nothing";
  EXPECT_FLOAT_EQ(all[8], 0);
  EXPECT_FLOAT_EQ(all[9], std::log1p(1.0f)) << "at Quirrelmark";
  EXPECT_FLOAT_EQ(all[10], std::log1p(2.0f)) << "the lines begin with Żofie and Maria";
  const std::vector<Finding> removed = {find("Quillfeather", IdentifierType::kName),
                                        find("Elm Street", IdentifierType::kAddress),
                                        find("Quirrelmark", IdentifierType::kFacility)};
  const RiskTraits left = TraitsOf(text, removed);
  EXPECT_FLOAT_EQ(left[7], std::log1p(2.0f)) << "Żofie, and Maria behind the place";
  EXPECT_FLOAT_EQ(left[8], std::log1p(1.0f)) << "471; 12 is next to a name, which has no numbers";
  EXPECT_FLOAT_EQ(left[9], 0);
}

TEST(Risk, APlainTextIsHardlyEverRisky) {
  EXPECT_LT(UnguessedOf(TraitsOf(Text("The gown was clean. It hung by the door."), {})), 0.02f);
}

TEST(Risk, ManyIdentifiersAloneAreNoReasonToHoldATextBack) {
  EXPECT_LE(UnguessedOf({1, 9, 1, 0, 9, 9, 1, 9, 9, 9, 9}), 0.3f);
  EXPECT_GT(UnguessedOf({1, 2}), UnguessedOf({1, 1}));
}

// Sums of risks against documents that hold something.
class Reliability {
 public:
  struct Bin {
    float below;
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
    for (const std::string& value : gold.values) leaked |= clean->text.find(value) != std::string::npos;
    Bin& bin = *std::find_if(bins.begin(), bins.end(), [&](const Bin& one) { return clean->risk < one.below; });
    ++bin.texts;
    bin.expected += static_cast<double>(clean->risk);
    bin.leaked += leaked;
  }

  std::array<Bin, 4> bins{{{.below = 0.01f}, {.below = 0.03f}, {.below = 0.1f}, {.below = 2}}};

 private:
  static bool IsGone(const GoldPlace& place, std::span<const Finding> gone) {
    return std::any_of(gone.begin(), gone.end(), [&](const Finding& one) {
      const uint32_t begin = std::max(one.begin, place.range.begin), end = std::min(one.end, place.range.end);
      return end > begin && 2 * (end - begin) >= place.range.end - place.range.begin;
    });
  }
};

// Of the lines of a set those that neither the name model nor the weights were made of (model/calibrate.py).
bool IsHeldOut(std::string_view line, size_t number) {
  constexpr std::string_view kTemplate = "\"template_id\": ";
  const size_t at = line.find(kTemplate);
  if (at != std::string_view::npos) number = std::strtoul(line.data() + at + kTemplate.size(), nullptr, 10);
  return number % 4 == 3;
}

TEST(Risk, IsCalibratedOnTextsThatNothingWasFittedTo) {
  Reliability reliability;
  for (const char* path :
       {"../shared/data/deid_presidio_synth/spans.jsonl", "../shared/data/deid_asq_phi/queries.jsonl"}) {
    std::ifstream file(path);
    if (!file) GTEST_SKIP() << "no " << path;
    std::string line;
    for (size_t number = 0; std::getline(file, line); ++number) {
      if (!IsHeldOut(line, number)) continue;
      const auto gold = ReadGold(line, number);
      ASSERT_TRUE(gold.ok());
      reliability.Add(*gold);
    }
  }
  double expected = 0, leaked = 0;
  for (const Reliability::Bin& bin : reliability.bins) {
    std::printf("risk below %.2f: %zu texts, expected %.1f, leaked %zu\n", static_cast<double>(bin.below), bin.texts,
                bin.expected, bin.leaked);
    // Three standard deviations of what would be counted, were every risk right.
    EXPECT_NEAR(static_cast<double>(bin.leaked), bin.expected, 3 * std::sqrt(bin.expected) + 1) << bin.below;
    expected += bin.expected;
    leaked += static_cast<double>(bin.leaked);
  }
  ASSERT_GT(leaked, 0);
  EXPECT_NEAR(leaked, expected, 2.5 * std::sqrt(expected) + 1);
  const auto share = [&](size_t first, size_t last) {
    size_t texts = 0, leaks = 0;
    for (size_t i = first; i <= last; ++i) {
      texts += reliability.bins[i].texts;
      leaks += reliability.bins[i].leaked;
    }
    return static_cast<double>(leaks) / static_cast<double>(std::max<size_t>(texts, 1));
  };
  EXPECT_GT(share(3, 3), 3 * share(0, 1)) << "a risky text leaks far more often";
}

}  // namespace
}  // namespace freshet::deid

#include "services/query/phrase.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <sstream>

#include "common/store/stemmer.h"

namespace freshet::query {
namespace {

float Share(std::string_view question, std::string_view text) {
  const std::array parts{text};
  return Phrases(question).ShareIn(parts);
}

// As ShareIn, by the plain way; of words that are all content.
float PlainShare(const std::string& question, const std::string& text) {
  const auto pairs_of = [](const std::string& of) {
    store::Stemmer stemmer;
    std::set<std::pair<std::string, std::string>> pairs;
    std::string before;
    std::istringstream words(of);
    for (std::string word; words >> word;) {
      std::string stem(stemmer.Stem(word));
      if (!before.empty()) pairs.emplace(before, stem);
      before = std::move(stem);
    }
    return pairs;
  };
  const auto asked = pairs_of(question), there = pairs_of(text);
  const auto found = std::count_if(asked.begin(), asked.end(), [&](const auto& pair) { return there.contains(pair); });
  return asked.empty() ? 0 : static_cast<float>(found) / static_cast<float>(asked.size());
}

TEST(Phrases, AreNeighboursInTheQuestion) {
  EXPECT_EQ(Share("signs of heart failure", "Heart failures are common."), 1) << "by their stems; one phrase";
  EXPECT_EQ(Share("signs of heart failure", "Failure of the heart, heart and failure."), 0);
  EXPECT_EQ(Share("heart failure treatment", "heart failure"), .5f);
}

TEST(Phrases, FunctionWordsPartThem) {
  EXPECT_TRUE(Phrases("failure of the heart").empty());
  EXPECT_EQ(Share("failure of the heart", "failure heart"), 0);
  EXPECT_TRUE(Phrases("").empty());
  EXPECT_TRUE(Phrases("asthma").empty());
}

TEST(Phrases, StandInOnePartOfAPassage) {
  const Phrases phrases("heart failure treatment");
  const std::array<std::string_view, 2> apart{"heart", "failure treatment"};
  EXPECT_EQ(phrases.ShareIn(apart), .5f) << "not across its title and its text";
}

TEST(Phrases, OnceIsEnough) {
  EXPECT_EQ(Share("lung cancer lung cancer", "lung cancer and lung cancer"), .5f) << "cancer lung is the other";
}

// Against every word stemmed: forms whose stems are not their beginnings among them.
TEST(Phrases, AreFoundAsWhereEveryWordIsStemmed) {
  const std::array<std::string_view, 24> words = {
      "dying",   "die",   "dies",      "relational", "relate", "related",   "sensibility", "sensible",
      "sky",     "skies", "frequency", "frequent",   "hope",   "hoping",    "tie",         "tying",
      "happily", "happy", "als",       "hba1c",      "x",      "operation", "operate",     "opera"};
  std::mt19937 random(5);
  const auto sentence = [&](size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += std::string(words[random() % words.size()]) + " ";
    return text;
  };
  size_t some = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string question = sentence(4), text = sentence(60);
    const float share = Share(question, text);
    EXPECT_EQ(share, PlainShare(question, text)) << question << "in " << text;
    some += share > 0 && share < 1 ? 1 : 0;
  }
  EXPECT_GT(some, 500u);
}

TEST(Phrases, AHugeQuestionIsBounded) {
  std::string question;
  for (int i = 0; i < 20'000; ++i) question += "word" + std::to_string(i) + " ";
  EXPECT_EQ(Share(question, question), 1);
}

}  // namespace
}  // namespace freshet::query

#include "services/query/phrase.h"

#include <gtest/gtest.h>

#include <array>

namespace freshet::query {
namespace {

float Share(std::string_view question, std::string_view text) {
  const std::array parts{text};
  return Phrases(question).ShareIn(parts);
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

TEST(Phrases, AHugeQuestionIsBounded) {
  std::string question;
  for (int i = 0; i < 20'000; ++i) question += "word" + std::to_string(i) + " ";
  EXPECT_EQ(Share(question, question), 1);
}

}  // namespace
}  // namespace freshet::query

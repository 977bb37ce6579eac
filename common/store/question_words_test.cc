#include "common/store/question_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::store {
namespace {

// Content words stand between stars.
std::string Read(std::string_view question) {
  std::string read;
  for (const QuestionWord& word : ReadQuestion(question)) {
    read += (read.empty() ? "" : " ") + (word.content ? "*" + word.word + "*" : word.word);
  }
  return read;
}

TEST(QuestionWords, FunctionWordsBuildSentences) {
  for (const char* word : {"a", "what", "of", "your", "not"}) EXPECT_TRUE(IsFunctionWord(word)) << word;
  for (const char* word : {"", "asthma", "left", "negative", "never", "What", "an "}) {
    EXPECT_FALSE(IsFunctionWord(word)) << word;
  }
}

TEST(QuestionWords, ContentIsWhatIsLeft) {
  EXPECT_EQ(Read("What is heart failure of the heart?"), "what is *heart* *failure* of the *heart*");
  EXPECT_EQ(Read(""), "");
}

TEST(QuestionWords, WhereThereIsNothingElseTheyCount) { EXPECT_EQ(Read("who am i"), "*who* *am* *i*"); }

TEST(QuestionWords, CapitalsAmongSmallLettersAreNames) {
  EXPECT_EQ(Read("the WHO guideline for ALL"), "the *who* *guideline* for *all*");
  EXPECT_EQ(Read("WHAT IS THE WHO GUIDELINE"), "what is the who *guideline*");
  EXPECT_EQ(Read("Is a cough a sign"), "is a *cough* a *sign*") << "a sentence's first letter tells nothing";
  EXPECT_EQ(Read("type A"), "*type* a") << "nor does a single one";
}

TEST(QuestionWords, WhatLiesFarBehindIsNotRead) {
  const std::string before(kMaxQueryBytes, ' ');
  EXPECT_EQ(Read(before + "asthma"), "");
}

}  // namespace
}  // namespace freshet::store

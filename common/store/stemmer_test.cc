#include "common/store/stemmer.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "common/store/abbreviations.h"
#include "common/store/lexical_buffer.h"
#include "common/store/lexical_search.h"

namespace freshet::store {
namespace {

std::string StemOf(std::string_view word) {
  Stemmer stemmer;
  return std::string(stemmer.Stem(word));
}

TEST(Stemmer, FormsOfAWordShareAStem) {
  for (const std::vector<std::string>& forms :
       {std::vector<std::string>{"infection", "infections", "infected", "infecting"},
        {"treatment", "treatments"},
        {"treat", "treats", "treated", "treating"},
        {"diagnosis", "diagnosis"},
        {"vaccinate", "vaccinated", "vaccination", "vaccinations"}}) {
    std::set<std::string> stems;
    for (const std::string& form : forms) stems.insert(StemOf(form));
    EXPECT_EQ(stems.size(), 1u) << forms.front();
  }
  EXPECT_NE(StemOf("operation"), StemOf("opera"));
}

TEST(Stemmer, CodesDosesShortWordsAndOtherLanguagesStay) {
  for (const char* word : {"", "as", "x", "b12s", "hba1c", "5mgs", "работы", "sjögrens", "糖"}) {
    EXPECT_EQ(StemOf(word), word);
  }
}

TEST(Stemmer, AbbreviationsStay) {
  for (const auto& [name, meanings] : Abbreviations::Known().all()) EXPECT_EQ(StemOf(name), name);
  EXPECT_EQ(StemOf("als"), "als");
}

// What services/query/phrase.cc spares itself most of the stemming by.
TEST(Stemmer, AStemIsItsWordsBeginningButForTwoLetters) {
  const std::vector<std::string> endings = {
      "",       "s",       "es",     "ies",     "ied",     "ed",      "eed",   "ing",     "ying",   "ingly", "edly",
      "y",      "ational", "tional", "ency",    "ancy",    "ably",    "izer",  "ization", "ally",   "ently", "ely",
      "ation",  "ator",    "alism",  "iveness", "fulness", "ousness", "ality", "ivity",   "bility", "logy",  "fully",
      "lessly", "icate",   "icity",  "ical",    "ative",   "ement",   "ment",  "ance",    "ible",   "est",   "ion"};
  std::mt19937 random(7);
  const auto letter = [&] { return std::string_view("aaeeiioouuybcdfghklmnprstvwx")[random() % 28]; };
  for (int i = 0; i < 50'000; ++i) {
    std::string word;
    for (size_t size = random() % 7; size > 0; --size) word += letter();
    word += endings[random() % endings.size()];
    const std::string stem = StemOf(word);
    ASSERT_LE(stem.size(), word.size()) << word;
    EXPECT_TRUE(word.starts_with(stem.substr(0, std::max<size_t>(stem.size(), 3) - 2))) << word << " " << stem;
  }
  for (const char* word : {"dying", "lying", "tying", "skies", "skis", "idly", "gently", "ugly", "early", "only"}) {
    const std::string stem = StemOf(word);
    EXPECT_EQ(std::string(word).substr(0, std::max<size_t>(stem.size(), 3) - 2),
              stem.substr(0, std::max<size_t>(stem.size(), 3) - 2));
  }
}

// Documents and queries meet: whatever a form of a word is written as finds the others.
TEST(Stemmer, SearchesFindOtherForms) {
  LexicalBuffer buffer;
  buffer.Add({ChunkOrdinal(0), DocumentOrdinal(0), "", "", "Infected wounds, treatments"});
  buffer.Add({ChunkOrdinal(1), DocumentOrdinal(1), "", "", "Treatment of an infection"});
  buffer.Add({ChunkOrdinal(2), DocumentOrdinal(2), "", "", "Nothing of the kind"});
  const LexicalSearcher searcher({buffer.Flush().segment});
  EXPECT_EQ(searcher.Search("infections", 10, {}).size(), 2u);
  EXPECT_EQ(searcher.Search("TREATMENTS", 10, {}).size(), 2u);
  EXPECT_EQ(searcher.Search("kinds", 10, {}).size(), 1u);
}

// Numbers of words outlive Flush, and their stems with them.
TEST(Stemmer, ABufferStemsTheSameAfterAFlush) {
  LexicalBuffer buffer;
  for (uint32_t round = 0; round < 3; ++round) {
    buffer.Add({ChunkOrdinal(round), DocumentOrdinal(round), "", "", "wounds wound wounded"});
    const LexicalSearcher searcher({buffer.Flush().segment});
    const std::vector<Hit> hits = searcher.Search("wounding", 10, {});
    ASSERT_EQ(hits.size(), 1u) << round;
    EXPECT_EQ(hits[0].chunk.value, round);
  }
}

}  // namespace
}  // namespace freshet::store

#include "common/store/analyzer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "common/base/utf8.h"

namespace freshet::store {
namespace {

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  WordReader reader(text);
  std::string_view word;
  while (reader.Next(word)) words.emplace_back(word);
  return words;
}

using Words = std::vector<std::string>;

TEST(Analyzer, PartsAtWhatIsNoLetterOrDigit) {
  EXPECT_EQ(WordsOf("What is (are) X-linked HbA1c, 7.5%?"),
            (Words{"what", "is", "are", "x", "linked", "hba1c", "7", "5"}));
  EXPECT_EQ(WordsOf(""), Words{});
  EXPECT_EQ(WordsOf(" .,;!?\t\n\x01\x7F"), Words{});
}

TEST(Analyzer, FoldsCaseAccentsAndCompatibilityForms) {
  EXPECT_EQ(WordsOf("Sjögren SJÖGREN Sjo\u0308gren"), (Words{"sjogren", "sjogren", "sjogren"}));
  EXPECT_EQ(WordsOf("Straße Løvås ﬁnal Œdème"), (Words{"strasse", "lovas", "final", "oedeme"}));
  EXPECT_EQ(WordsOf("ΑΣΘΜΑ άσθμα"), (Words{"ασθμα", "ασθμα"}));
  EXPECT_EQ(WordsOf("Ёлка ЁЛКА"), (Words{"елка", "елка"}));
  EXPECT_EQ(WordsOf("ＡＢＣ１２"), (Words{"abc12"}));
}

TEST(Analyzer, TypographicMarksPartWords) {
  EXPECT_EQ(WordsOf("Crohn’s–disease“ok”\u00A0x"), (Words{"crohn", "s", "disease", "ok", "x"}));
  EXPECT_EQ(WordsOf("5\u00B5g 10²"), (Words{"5μg", "10"}));
}

TEST(Analyzer, ScriptsWithoutSpacesGiveOneWordACharacter) {
  EXPECT_EQ(WordsOf("糖尿病type2"), (Words{"糖", "尿", "病", "type2"}));
  EXPECT_EQ(WordsOf("ab糖"), (Words{"ab", "糖"}));
}

TEST(Analyzer, MarksThatAreNoAccentsStay) { EXPECT_EQ(WordsOf("हिन्दी"), (Words{"हिन्दी"})); }

TEST(Analyzer, LongWordsCountByTheirBeginning) {
  const std::string ascii(1000, 'A');
  EXPECT_EQ(WordsOf(ascii + " b"), (Words{std::string(kMaxWordBytes, 'a'), "b"}));
  std::string umlauts;
  for (int i = 0; i < 5000; ++i) umlauts += "я";
  const Words words = WordsOf("x" + umlauts + " b");
  ASSERT_EQ(words.size(), 2u);
  EXPECT_LE(words[0].size(), kMaxWordBytes);
  EXPECT_TRUE(IsValidUtf8(words[0]));
  EXPECT_EQ(words[1], "b");
}

TEST(Analyzer, BrokenUtf8PartsWordsAndNothingElse) {
  EXPECT_EQ(WordsOf("a\xFF"
                    "b \xC3 c\xE2\x82"),
            (Words{"a", "b", "c"}));
}

TEST(Analyzer, AnyBytesGiveShortValidWords) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 64, ' ');
    for (char& c : text) c = static_cast<char>(random() % 4 == 0 ? random() : "aZ9 \xC3\xA4\xE2"[random() % 7]);
    for (const std::string& word : WordsOf(text)) {
      ASSERT_FALSE(word.empty());
      ASSERT_LE(word.size(), kMaxWordBytes);
      ASSERT_TRUE(IsValidUtf8(word));
    }
  }
}

TEST(Analyzer, FoldingAgainChangesNothing) {
  for (const std::string text : {"Sjögren", "ŁÓDŹ", "ﬁ½ⅷ", "Ⓐ", "İstanbul", "ΌΣΟΣ"}) {
    const Words once = WordsOf(text);
    Words twice;
    for (const std::string& word : once) {
      for (const std::string& again : WordsOf(word)) twice.push_back(again);
    }
    EXPECT_EQ(once, twice) << text;
  }
}

}  // namespace
}  // namespace freshet::store

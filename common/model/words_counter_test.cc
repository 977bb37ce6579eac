#include "common/model/words_counter.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

#include "common/base/utf8.h"

namespace freshet::model {
namespace {

// "Give|5|mg": the text cut at its token ends, whitespace at the front of a token left off.
std::string Cut(std::string_view text) {
  std::vector<uint32_t> ends;
  WordsCounter().TokenEnds(text, ends);
  std::string out;
  size_t begin = 0;
  for (const uint32_t end : ends) {
    std::string_view token = text.substr(begin, end - begin);
    while (!token.empty() && (token[0] == ' ' || token[0] == '\n')) token.remove_prefix(1);
    out += (begin == 0 ? "" : "|") + std::string(token);
    begin = end;
  }
  return out;
}

TEST(WordsCounterTest, CutsWordsPiecesAndPunctuation) {
  EXPECT_EQ(Cut("Give 5 mg q.i.d."), "Give|5|mg|q|.|i|.|d|.");
  EXPECT_EQ(Cut("hydranencephaly"), "hydran|enceph|aly");
  EXPECT_EQ(Cut("sixsix sevense"), "sixsix|sevens|e");
  EXPECT_EQ(Cut("BP 120/80, ok_"), "BP|120|/|80|,|ok|_");
  EXPECT_EQ(Cut("Fièvre naïve"), "Fièvre|naïve");
  EXPECT_EQ(Cut("発熱 38℃"), "発|熱|38|℃");
  EXPECT_EQ(Cut("열이 있다"), "열|이|있|다");
  EXPECT_EQ(Cut("лихорадка"), "лихора|дка");
}

TEST(WordsCounterTest, WhitespaceAndControlsAreNoTokens) {
  for (const char* text : {"", " ", "\n\t \r", "\x01\x02", "\u00A0\u2003\u200B\uFEFF"}) {
    EXPECT_EQ(WordsCounter().Count(text), 0u);
  }
}

TEST(WordsCounterTest, ACombiningMarkBelongsToItsWord) { EXPECT_EQ(Cut("e\u0301te\u0301"), "e\u0301te\u0301"); }

std::string RandomText(std::mt19937& random) {
  static constexpr char32_t kAlphabet[] = {'a',  'b',  'Z',   '7',    ' ',    ' ',     '.',   '-',
                                           '\n', 0xE9, 0x301, 0x4E2D, 0xAC00, 0x1F600, 0x200B};
  std::string text;
  for (size_t i = random() % 60; i > 0; --i) AppendUtf8(text, kAlphabet[random() % std::size(kAlphabet)]);
  return text;
}

TEST(WordsCounterTest, EndsAreAsManyAsCountedAscendOnCodePointsAndLeaveOnlySpaceBehind) {
  std::mt19937 random(3);
  const WordsCounter counter;
  std::vector<uint32_t> ends;
  for (int round = 0; round < 3000; ++round) {
    const std::string text = RandomText(random);
    counter.TokenEnds(text, ends);
    ASSERT_EQ(ends.size(), counter.Count(text));
    uint32_t before = 0;
    for (const uint32_t end : ends) {
      ASSERT_GT(end, before);
      ASSERT_TRUE(IsValidUtf8(std::string_view(text).substr(before, end - before)));
      before = end;
    }
    ASSERT_EQ(counter.Count(std::string_view(text).substr(before)), 0u);
  }
}

TEST(WordsCounterTest, CountsAddUpAcrossWhitespace) {
  std::mt19937 random(4);
  const WordsCounter counter;
  for (int round = 0; round < 1000; ++round) {
    const std::string a = RandomText(random) + " ", b = RandomText(random);
    ASSERT_EQ(counter.Count(a + b), counter.Count(a) + counter.Count(b));
  }
}

// The approximation is used where no model is: it must neither run over a model's limit often nor waste half of it.
TEST(WordsCounterTest, IsNearAModelsOwnCountOnPublicText) {
  std::ifstream file("../shared/fixtures/minilm_reference.jsonl");
  if (!file) GTEST_SKIP() << "no ../shared/fixtures/minilm_reference.jsonl";
  double ours = 0, theirs = 0;
  for (std::string line; std::getline(file, line);) {
    const auto row = nlohmann::json::parse(line);
    const size_t ids = row["ids"].size();
    if (row["group"] != "medquad" || ids >= 256) continue;
    ours += static_cast<double>(WordsCounter().Count(row["text"].get<std::string>()));
    theirs += static_cast<double>(ids - 2);
  }
  ASSERT_GT(theirs, 500);
  RecordProperty("ratio", std::to_string(ours / theirs));
  EXPECT_GT(ours / theirs, 0.95);
  EXPECT_LT(ours / theirs, 1.25);
}

}  // namespace
}  // namespace freshet::model

#include "common/model/wordpiece.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "common/base/utf8.h"
#include "common/model/bert_text.h"
#include "common/model/model_dir.h"

namespace freshet::model {
namespace {

constexpr std::string_view kLines =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nfe\n##ver\nfever\n##s\na\n##b\n.\n,\n-\ns\n##jo\n##gren\n'\n中\n##中\nnaive\n["
    "\n]\nsep\n";

std::unique_ptr<WordPiece> Small() {
  auto vocabulary = Vocabulary::Parse(kLines);
  EXPECT_TRUE(vocabulary.ok());
  return std::move(WordPiece::Make(std::move(vocabulary).value())).value();
}

// "fever[0,5) ##s[5,6)": the tokens of a text with their places.
std::string Print(std::string_view text, size_t max_tokens = 256) {
  std::vector<std::string> names;
  for (std::string_view rest = kLines; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
    names.emplace_back(rest.substr(0, rest.find('\n')));
  }
  std::vector<WordPiece::Token> tokens;
  Small()->Encode(text, max_tokens, tokens);
  std::string out;
  for (const auto& token : tokens) {
    out += (out.empty() ? "" : " ") + names[token.id];
    if (token.end > 0) out += "[" + std::to_string(token.begin) + "," + std::to_string(token.end) + ")";
  }
  return out;
}

TEST(WordPieceTest, TakesTheLongestPieceFromTheLeft) {
  EXPECT_EQ(Print("Fevers fever"), "[CLS] fever[0,5) ##s[5,6) fever[7,12) [SEP]");
  EXPECT_EQ(Print("ab a.b"), "[CLS] a[0,1) ##b[1,2) a[3,4) .[4,5) [UNK][5,6) [SEP]");
  EXPECT_EQ(Print(""), "[CLS] [SEP]");
}

TEST(WordPieceTest, AWordThatCannotBeMadeIsUnknownAsAWhole) {
  EXPECT_EQ(Print("feverx a"), "[CLS] [UNK][0,6) a[7,8) [SEP]");
  EXPECT_EQ(Print("a" + std::string(99, 'b')).substr(0, 12), "[CLS] a[0,1)");
  EXPECT_EQ(Print("a" + std::string(100, 'b')), "[CLS] [UNK][0,101) [SEP]");
}

TEST(WordPieceTest, PlacesAreBytesOfTheSource) {
  EXPECT_EQ(Print("Sjögren's"), "[CLS] s[0,1) ##jo[1,4) ##gren[4,8) '[8,9) s[9,10) [SEP]");
  EXPECT_EQ(Print("nai\u0308ve"), "[CLS] naive[0,7) [SEP]");
  EXPECT_EQ(Print("a中b"), "[CLS] a[0,1) 中[1,4) [UNK][4,5) [SEP]");
  EXPECT_EQ(Print("fe\u200Bver"), "[CLS] fever[0,8) [SEP]");
}

TEST(WordPieceTest, NamesOfSpecialTokensAreThoseTokens) {
  EXPECT_EQ(Print("a[SEP]a"), "[CLS] a[0,1) [SEP][1,6) a[6,7) [SEP]");
  EXPECT_EQ(Print("[sep] [SE"), "[CLS] [[0,1) sep[1,4) ][4,5) [[6,7) [UNK][7,9) [SEP]");
}

TEST(WordPieceTest, TruncatesWithTheSpecialTokensInside) {
  EXPECT_EQ(Print("a a a a", 4), "[CLS] a[0,1) a[2,3) [SEP]");
  EXPECT_EQ(Print("fevers a", 3), "[CLS] fever[0,5) [SEP]");
  EXPECT_EQ(Print("a", 2), "[CLS] [SEP]");
}

TEST(WordPieceTest, NoVocabularyIsModelMissing) {
  EXPECT_EQ(WordPiece::Load("/nonexistent/vocab.txt").code(), Code::kModelMissing);
  EXPECT_EQ(Vocabulary::Parse("a\nb\n").code(), Code::kModelMissing);
  EXPECT_EQ(Vocabulary::Parse("").code(), Code::kModelMissing);
}

TEST(VocabularyTest, FindsEveryLineItWasMadeOfAndNoOther) {
  std::mt19937 random(2);
  std::map<std::string, uint32_t> ids;
  std::string lines = "[UNK]\n[CLS]\n[SEP]\n";
  uint32_t next = 3;
  while (next < 5000) {
    std::string line = random() % 2 ? "##" : "";
    for (size_t i = 1 + random() % 5; i > 0; --i) line.push_back(static_cast<char>('a' + random() % 6));
    if (!ids.emplace(line, next).second) continue;
    lines += line + (next % 2 ? "\r\n" : "\n");
    ++next;
  }
  const auto vocabulary = Vocabulary::Parse(lines);
  ASSERT_TRUE(vocabulary.ok());
  EXPECT_EQ(vocabulary->size(), next);
  for (const auto& [line, id] : ids) EXPECT_EQ(vocabulary->IdOf(line), id);
  EXPECT_EQ(vocabulary->IdOf("abcdefgh"), std::nullopt);
  EXPECT_EQ(vocabulary->IdOf(""), std::nullopt);
}

TEST(WordPieceTest, AnyTextGivesPlacesInOrderOnCodePoints) {
  static constexpr char32_t kAlphabet[] = {'a',    'B',    ' ',    '.',     '[',   0x301, 0xE9,  0x4E2D,
                                           0xAC00, 0x200B, 0xFFFD, 0x1F600, 0x130, 0x344, 0x37E, 0x85};
  std::mt19937 random(3);
  const auto tokenizer = Small();
  const WordPieceCounter counter(*tokenizer);
  std::vector<WordPiece::Token> tokens;
  std::vector<uint32_t> ends;
  for (int round = 0; round < 5000; ++round) {
    std::string text = random() % 8 == 0 ? "[SEP]" : "";
    for (size_t i = random() % 30; i > 0; --i) AppendUtf8(text, kAlphabet[random() % std::size(kAlphabet)]);
    tokenizer->Tokenize(text, tokens);
    uint32_t begin = 0, end = 0;
    for (const auto& token : tokens) {
      ASSERT_GE(token.begin, begin);
      ASSERT_GE(token.end, end);
      ASSERT_GT(token.end, token.begin);
      ASSERT_TRUE(IsValidUtf8(std::string_view(text).substr(token.begin, token.end - token.begin)));
      begin = token.begin;
      end = token.end;
    }
    counter.TokenEnds(text, ends);
    ASSERT_EQ(ends.size(), counter.Count(text));
  }
}

std::string VocabularyPath() { return FindModelDir({}) / "vocab.txt"; }

TEST(WordPieceTest, AgreesExactlyWithTheReferenceImplementation) {
  std::ifstream file("../shared/fixtures/minilm_reference.jsonl");
  if (!file) GTEST_SKIP() << "no ../shared/fixtures/minilm_reference.jsonl";
  if (!std::filesystem::exists(VocabularyPath())) GTEST_SKIP() << "no model at " << FindModelDir({});
  const auto tokenizer = WordPiece::Load(VocabularyPath());
  ASSERT_TRUE(tokenizer.ok());
  size_t rows = 0;
  for (std::string line; std::getline(file, line); ++rows) {
    const auto row = nlohmann::json::parse(line);
    std::vector<WordPiece::Token> tokens;
    (*tokenizer)->Encode(row["text"].get<std::string>(), 256, tokens);
    std::vector<uint32_t> ids;
    std::vector<std::vector<uint32_t>> offsets;
    for (const auto& token : tokens) {
      ids.push_back(token.id);
      offsets.push_back({token.begin, token.end});
    }
    EXPECT_EQ(ids, row["ids"].get<std::vector<uint32_t>>()) << row["group"] << " in line " << rows + 1;
    EXPECT_EQ(offsets, row["offsets"].get<std::vector<std::vector<uint32_t>>>())
        << row["group"] << " in line " << rows + 1;
  }
  EXPECT_GT(rows, 100u);
}

}  // namespace
}  // namespace freshet::model

#include "services/chunk/units.h"

#include <gtest/gtest.h>

#include "common/base/utf8.h"
#include "common/model/words_counter.h"
#include "services/chunk/long_units.h"
#include "services/chunk/strength.h"
#include "services/chunk/visible.h"
#include "tests/support/clean_documents.h"

namespace freshet::chunk {
namespace {

using testing::Outline;

constexpr uint32_t kRoom = 100;

UnitList Build(const CleanFields& fields, uint32_t room = kRoom) {
  const model::WordsCounter counter;
  UnitList list;
  BuildUnits(
      {.text = fields.text, .blocks = fields.blocks, .counter = counter, .room = [&](const auto&) { return room; }},
      list);
  return list;
}

// One line a section: its path, then its units; a table's header row stands before '^'.
std::string Print(const CleanFields& fields) {
  const UnitList list = Build(fields);
  const auto text = [&](uint32_t begin, uint32_t end) { return fields.text.substr(begin, end - begin); };
  const auto block = [&](uint32_t i) { return text(fields.blocks[i].begin, fields.blocks[i].end); };
  std::string out;
  for (const Section& section : list.sections) {
    for (const uint32_t heading : section.path) out += block(heading) + "/";
    for (size_t i = section.unit_begin; i < section.unit_end; ++i) {
      const Unit& unit = list.units[i];
      out +=
          " [" + (unit.header_row == kNoBlock ? "" : block(unit.header_row) + "^") + text(unit.begin, unit.end) + "]";
    }
    out += "\n";
  }
  return out;
}

TEST(UnitsTest, SectionsItemsRowsAndSentences) {
  const CleanFields fields = Outline(
      "Admitted today. Afebrile.\n\n# Plan\n\nRest. Fluids.\n\n- aspirin 81 mg. daily\n- none. Really.\n\n"
      "## Labs\n\n| test | value\n| INR | 2.5\n| K | 3.9\n\n# Code\n\n    line one\n    line two\n");
  EXPECT_EQ(Print(fields),
            " [Admitted today.] [Afebrile.]\n"
            "Plan/ [Rest.] [Fluids.] [aspirin 81 mg. daily] [none. Really.]\n"
            "Plan/Labs/ [test | value] [test | value^INR | 2.5] [test | value^K | 3.9]\n"
            "Code/ [line one] [line two]\n");
}

TEST(UnitsTest, AHeadingWithNothingUnderItIsAUnitInItsParentsPath) {
  EXPECT_EQ(Print(Outline("# Assessment\n\n## Pending\n\n## Done\n\nAll of it.\n\n# Empty\n")),
            "Assessment/ [Pending]\nAssessment/Done/ [All of it.]\n [Empty]\n");
}

TEST(UnitsTest, AHeadingOverHeadingsIsInTheirPathsAndNoUnit) {
  EXPECT_EQ(Print(Outline("# A\n\n## B\n\n### C\n\ntext\n\n# D\n\ntext\n")), "A/B/C/ [text]\nD/ [text]\n");
}

TEST(UnitsTest, LevelsMayBeSkippedAndReturned) {
  EXPECT_EQ(Print(Outline("### deep\n\none\n\n# top\n\ntwo\n\n### deeper\n\nthree\n\n## mid\n\nfour\n")),
            "deep/ [one]\ntop/ [two]\ntop/deeper/ [three]\ntop/mid/ [four]\n");
}

TEST(UnitsTest, TextOutsideBlocksIsAParagraphOfTheBlockBeforeIt) {
  CleanFields fields{.text = "before HEAD between item after"};
  fields.blocks = {{.kind = Block::Kind::kHeading, .level = 1, .begin = 7, .end = 11},
                   {.kind = Block::Kind::kListItem, .level = 1, .begin = 20, .end = 24}};
  EXPECT_EQ(Print(fields), " [before]\nHEAD/ [between] [item] [after]\n");
  const UnitList list = Build(fields);
  EXPECT_EQ(list.units[0].block, 0u);
  EXPECT_EQ(list.units[1].block, 0u);
  EXPECT_EQ(list.units[2].block, 1u);
  EXPECT_EQ(list.units[3].block, 1u);
}

TEST(UnitsTest, NothingVisibleGivesNothing) {
  for (const char* text : {"", " \n\t", "\u00A0\u200B\uFEFF", "\x01"}) {
    CleanFields fields{.text = text};
    EXPECT_TRUE(Build(fields).units.empty());
    fields.blocks = {{.begin = 0, .end = static_cast<uint32_t>(fields.text.size())}};
    EXPECT_TRUE(Build(fields).units.empty());
  }
}

TEST(UnitsTest, ASecondTableHasAHeaderOfItsOwnAndASingleRowHasNone) {
  EXPECT_EQ(Print(Outline("| a\n| b\n\ntext\n\n| c\n| d\n\nmore\n\n| e\n")),
            " [a] [a^b] [text] [c] [c^d] [more] [e]\n");
}

TEST(UnitsTest, ALongItemIsTakenApartIntoSentences) {
  std::string item;
  for (int i = 0; i < 20; ++i) item += "Five words and a stop. ";
  const UnitList list = Build(Outline("- " + item));
  EXPECT_EQ(list.units.size(), 20u);
}

TEST(UnitsTest, ASentenceLongerThanTheRoomIsTakenApartIntoWords) {
  std::string sentence;
  for (int i = 0; i < 300; ++i) sentence += "word" + std::to_string(i) + " ";
  const UnitList list = Build(Outline(sentence));
  EXPECT_EQ(list.units.size(), 300u);
  for (size_t i = 1; i < list.units.size(); ++i) {
    EXPECT_GT(list.units[i].strength.rank >> 62, 2u);
    EXPECT_FALSE(list.units[i].torn);
  }
}

void ExpectPieces(const std::string& word, const std::vector<Unit>& units, uint32_t room) {
  const model::WordsCounter counter;
  uint32_t at = 0;
  for (const Unit& unit : units) {
    ASSERT_EQ(unit.begin, at);
    ASSERT_GT(unit.end, unit.begin);
    const std::string_view piece = std::string_view(word).substr(unit.begin, unit.end - unit.begin);
    ASSERT_TRUE(IsValidUtf8(piece));
    ASSERT_EQ(unit.tokens, counter.Count(piece));
    ASSERT_LE(unit.tokens, room);
    at = unit.end;
  }
  ASSERT_EQ(at, word.size());
}

TEST(LongUnitsTest, AWordWithoutSpacesIsCutIntoPiecesThatFit) {
  for (const char* piece : {"x", "abcdefghij", "é", "発熱", "-", "👍🏽", "e\u0301", "क्षि"}) {
    std::string word;
    while (word.size() < 200'000) word += piece;
    for (const uint32_t room : {16u, 100u, 246u}) {
      ExpectPieces(word, Build({.text = word, .blocks = {}}, room).units, room);
    }
  }
}

TEST(LongUnitsTest, PiecesEndOnGraphemeClusters) {
  std::string word;  // an e with two accents, a family of four joined people, a flag
  for (int i = 0; i < 500; ++i)
    word += "e\u0301\u0323\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466\U0001F1E9\U0001F1EA";
  const UnitList list = Build({.text = word, .blocks = {}});
  EXPECT_GT(list.units.size(), 10u);
  for (const Unit& unit : list.units) {
    const std::string_view rest = std::string_view(word).substr(unit.begin);
    EXPECT_TRUE(rest.starts_with("e\u0301\u0323") || rest.starts_with("\U0001F468\u200D") ||
                rest.starts_with("\U0001F1E9\U0001F1EA"))
        << unit.begin;
  }
}

TEST(LongUnitsTest, AClusterLongerThanAChunkIsCutAnyway) {
  std::string word = "e";
  while (word.size() < 100'000) word += "\u0301";
  ExpectPieces(word, Build({.text = word, .blocks = {}}).units, kRoom);
}

TEST(LongUnitsTest, FourMegabytesWithoutASpaceTakeLinearTime) {
  std::string word(4 << 20, 'A');
  ExpectPieces(word, Build({.text = word, .blocks = {}}, 246).units, 246);
}

TEST(VisibleTest, TrimsWhitespaceControlsAndFormatCharacters) {
  const std::string text = "\u00A0 \t\u200Bvisible\uFEFF \n";
  const Range range = Trim(text, {0, static_cast<uint32_t>(text.size())});
  EXPECT_EQ(text.substr(range.begin, range.size()), "visible");
  EXPECT_TRUE(Trim("  ", {0, 2}).empty());
  EXPECT_TRUE(Trim("ab", {1, 1}).empty());
}

TEST(StrengthTest, StructureComesBeforeHash) {
  for (int i = 0; i < 100; ++i) {
    const std::string text = "some text " + std::to_string(i);
    EXPECT_LT(StrengthOf(Edge::kBlock, text), StrengthOf(Edge::kItem, "other " + text));
    EXPECT_LT(StrengthOf(Edge::kItem, text), StrengthOf(Edge::kSentence, "other " + text));
    EXPECT_LT(StrengthOf(Edge::kSentence, text), StrengthOfWord(CutHash(text), 1, 2));
  }
}

TEST(StrengthTest, MostChangesOfAWordLeaveTheRank) {
  int same = 0;
  for (int i = 0; i < 300; ++i) {
    std::string before = "Sentence", after = "Sentence";
    for (int word = 0; word < 14; ++word) {
      before += " word" + std::to_string(i * 31 + word * 7);
      after += word == 6 ? " changed" + std::to_string(i) : " word" + std::to_string(i * 31 + word * 7);
    }
    const Strength a = StrengthOf(Edge::kSentence, before), b = StrengthOf(Edge::kSentence, after);
    same += a.rank == b.rank;
    EXPECT_NE(a.tie, b.tie);
  }
  EXPECT_GT(same, 180);
}

TEST(StrengthTest, WhitespaceBetweenWordsDoesNotMatterOrderDoes) {
  EXPECT_EQ(StrengthOf(Edge::kSentence, "one two  three"), StrengthOf(Edge::kSentence, " one\ntwo three "));
  EXPECT_NE(StrengthOf(Edge::kSentence, "one two three").tie, StrengthOf(Edge::kSentence, "one three two").tie);
}

// Cuts, and with them hashes and stored vectors, may change only together with the chunker's name.
TEST(StrengthTest, HashesAreTheSameInEveryRelease) {
  EXPECT_EQ(CutHash(""), 0u);
  EXPECT_EQ(CutHash("afebrile"), 9567857868977111929ULL);
  EXPECT_EQ(StrengthOf(Edge::kSentence, "The patient is afebrile.").rank, 12804173048295106601ULL);
}

}  // namespace
}  // namespace freshet::chunk

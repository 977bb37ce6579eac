#include "services/deid/text.h"

#include <gtest/gtest.h>

#include <random>

#include "common/base/utf8.h"

namespace freshet::deid {
namespace {

std::string Folded(std::string_view source) { return std::string(Text(source).folded()); }

TEST(Text, AsciiIsItsOwnFoldedText) {
  const std::string source = "MRN: 4711\tIt's \"fine\"\x7F";
  const Text text(source);
  EXPECT_EQ(text.folded().data(), source.data());
  EXPECT_EQ(text.ToSource({5, 9}), (Range{5, 9}));
}

TEST(Text, SeesThroughTricksOfWriting) {
  EXPECT_EQ(Folded("ＭＲＮ：　４７１１"), "MRN: 4711");
  EXPECT_EQ(Folded("Žofie Çelik Nuñez Ångström"), "Zofie Celik Nunez Angstrom");
  EXPECT_EQ(Folded("Z\xCC\x8Cofie"), "Zofie") << "a combining mark";
  EXPECT_EQ(Folded("47\u200B11\u00AD83\uFEFF"), "471183") << "what shows nothing";
  EXPECT_EQ(Folded("617‑555–0123—4"), "617-555-0123-4");
  EXPECT_EQ(Folded("O’Brien “x”"), "O'Brien \"x\"");
  EXPECT_EQ(Folded("٤٧١١ ४७११"), "4711 4711") << "digits of other scripts";
  EXPECT_EQ(Folded("ﬁrst Straße Łódź Øre Þór"), "first Strasse Lodz Ore Thor");
  EXPECT_EQ(Folded("a\u00A0b\u2003c"), "a b c");
  EXPECT_EQ(Folded("5 µg • 37°"), "5 \u03BCg   37 ") << "symbols are spaces";
}

TEST(Text, LookalikesBecomeLatinOnlyAmongLatin) {
  EXPECT_EQ(Folded("Јоhn Smіth"), "John Smith");
  EXPECT_EQ(Folded("МRN 4711"), "MRN 4711");
  EXPECT_EQ(Folded("Москва"), "москва") << "a word of its own script keeps it";
}

TEST(Text, PlacesLeadBackToTheSource) {
  const std::string source = "Žo\u200Bfie ß４7";
  const Text text(source);
  ASSERT_EQ(text.folded(), "Zofie ss47");
  const auto original = [&](uint32_t begin, uint32_t end) {
    const Range range = text.ToSource({begin, end});
    return source.substr(range.begin, range.end - range.begin);
  };
  EXPECT_EQ(original(0, 5), "Žo\u200Bfie");
  EXPECT_EQ(original(0, 2), "Žo\u200B");
  EXPECT_EQ(original(6, 7), "ß") << "an end amid one character is that character's end";
  EXPECT_EQ(original(8, 10), "４7");
}

// Any range of any text, at the bounds of characters of the source, and growing with the range.
TEST(Text, RangesAreWholeCharactersWhateverTheText) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {"a", "Z",  "4",      " ", "-", "é",  "e\u0301", "ß", "ﬁ", "Ж",
                                           "о", "４", "\u200B", "😀", "½", "漢", "\n",      "’", "ü", "ﷺ"};
  for (int round = 0; round < 300; ++round) {
    std::string source;
    for (int i = 0; i < 30; ++i) source += pieces[random() % pieces.size()];
    const Text text(source);
    const auto size = static_cast<uint32_t>(text.folded().size());
    ASSERT_TRUE(IsValidUtf8(text.folded()));
    uint32_t last_end = 0;
    for (uint32_t end = 1; end <= size; ++end) {
      const Range range = text.ToSource({end - 1, end});
      ASSERT_LE(range.begin, range.end);
      ASSERT_LE(range.end, source.size());
      ASSERT_TRUE(IsValidUtf8(std::string_view(source).substr(range.begin, range.end - range.begin)));
      ASSERT_GE(range.end, last_end);
      last_end = range.end;
    }
    if (size > 0) {
      EXPECT_EQ(text.ToSource({0, size}).end, source.size());
    }
  }
}

TEST(Text, Tokens) {
  const Text text("O'Brien, A12-b é4 x");
  const auto& tokens = text.tokens();
  std::string out;
  for (const Token& token : tokens) {
    out += std::string(text.folded().substr(token.begin, token.size())) + (token.upper ? "^" : "") +
           (token.has_digit ? "#" : "") + " ";
  }
  EXPECT_EQ(out, "O^ Brien^ A12^# b e4# x ");
  const Text lower("obrien OBRIEN");
  EXPECT_EQ(lower.tokens()[0].hash, lower.tokens()[1].hash);
}

TEST(Text, AssignedAnewForgetsTheOld) {
  Text text("Žofie");
  EXPECT_EQ(text.tokens().size(), 1u);
  text.Assign("a b");
  EXPECT_EQ(text.folded(), "a b");
  EXPECT_EQ(text.tokens().size(), 2u);
}

}  // namespace
}  // namespace freshet::deid

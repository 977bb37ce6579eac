#include "services/deid/parse/rtf.h"

#include <gmock/gmock.h>

#include <random>

#include "services/deid/parse/test_print.h"

namespace freshet::deid {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Blocks(std::string_view rtf) { return Printed(Parse("application/rtf", rtf)); }

TEST(Rtf, ParagraphsHeadingsAndLines) {
  EXPECT_EQ(
      Blocks("{\\rtf1\\ansi\\pard\\outlinelevel0 Plan\\par\\pard Rest {\\b and} \nfluids.\\line Daily.\\par\\par end}"),
      "H1 paragraph=1 |Plan|\nP paragraph=2 |Rest and fluids.\nDaily.|\nP paragraph=4 |end|\n");
}

TEST(Rtf, TablesAreRows) {
  EXPECT_EQ(
      Blocks(
          "{\\rtf1\\trowd\\intbl Drug\\cell Dose\\cell\\row\\trowd\\intbl A\\par B\\cell\\cell 5 mg\\cell\\row after}"),
      "R paragraph=1 |Drug | Dose|\nR paragraph=2 |A\nB | | 5 mg|\nP paragraph=3 |after|\n");
}

TEST(Rtf, CharactersOfCodePagesAndOfUnicode) {
  EXPECT_EQ(Blocks("{\\rtf1\\ansicpg1252 Caf\\'e9 \\'80 \\{x\\} a\\~b \\emdash}"),
            "P paragraph=1 |Café € {x} a b —|\n");
  EXPECT_EQ(Blocks("{\\rtf1\\ansicpg1251 \\'c0\\'c1}"), "P paragraph=1 |АБ|\n");
  EXPECT_EQ(Blocks("{\\rtf1 \\u233?\\u-10179?\\u-8704?{\\uc2\\u8364 ab}c{\\uc0\\u960}}"), "P paragraph=1 |é😀€cπ|\n");
  EXPECT_EQ(Blocks("{\\rtf1 \\u-10179?x\\u233\\'3f}"), "P paragraph=1 |xé|\n") << "half a pair is nothing";
}

TEST(Rtf, WhatAReaderDoesNotSeeIsNoText) {
  const auto parsed =
      Parse("text/rtf",
            "{\\rtf1{\\fonttbl{\\f0 Quill;}}{\\info{\\title Orders}{\\author Quill}}{\\*\\generator Quill;}{\\header "
            "Quill}{\\pict 00ff}"
            "Plan{\\v Quill}{\\deleted Quill}{\\field{\\*\\fldinst Quill}{\\fldrslt shown}}{\\bin5 Quill} on}");
  EXPECT_THAT(Printed(parsed), Not(HasSubstr("Quill")));
  EXPECT_EQ(Printed(parsed), "P paragraph=1 |Planshown on|\n");
  EXPECT_EQ(parsed->title, "Orders");
}

TEST(Rtf, RefusesByCode) {
  for (const char* const wrong : {"", "Plan", "{\\rtf1 Plan", "{\\rtf1 {Plan}", "{\\rtf1 \\bin999999999"}) {
    EXPECT_EQ(Parse("application/rtf", wrong).code(), Code::kMalformedDocument) << wrong;
  }
  EXPECT_EQ(Parse("application/rtf", "{\\rtf1 \\par}").code(), Code::kEmptyDocument);
  EXPECT_EQ(Parse("application/rtf", "{\\rtf1" + std::string(100'000, '{')).code(), Code::kMalformedDocument);
  EXPECT_EQ(Parse("application/rtf", "{\\rtf1 " + std::string(5u << 20, 'x') + "}").code(), Code::kDocumentTooLarge);
}

TEST(Rtf, DamageKeepsThePromises) {
  std::mt19937_64 random(19);
  const std::string whole =
      "{\\rtf1\\ansicpg1252{\\info{\\title T}}\\trowd A\\cell B\\row \\u233?\\'e9{\\uc2 \\u8364 ab}\\par x}";
  for (int i = 0; i < 5000; ++i) {
    std::string damaged = whole;
    for (int hits = 0; hits < 4; ++hits) {
      damaged[6 + random() % (damaged.size() - 6)] =
          static_cast<char>(i % 2 == 0 ? random() : "{}\\u-9 '"[random() % 8]);
    }
    const auto parsed = Parse("application/rtf", damaged);
    EXPECT_EQ(parsed.ok() ? UncoveredText(*parsed) : "", "") << damaged;
  }
}

}  // namespace
}  // namespace freshet::deid

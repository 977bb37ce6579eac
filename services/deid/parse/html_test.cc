#include "services/deid/parse/html.h"

#include <gmock/gmock.h>

#include <random>

#include "services/deid/parse/test_print.h"

namespace freshet::deid {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Blocks(std::string_view html) { return Printed(Parse("text/html; charset=utf-8", html)); }

TEST(Html, HeadingsParagraphsAndInlineMarks) {
  EXPECT_EQ(
      Blocks("<html><body><h1>Falls  policy</h1>\n<p>One <b>two</b>\nthree<br>four</p>\n<div>five</div>six</body>"),
      "H1 line=1 |Falls policy|\nP line=2 |One two three\nfour|\nP line=4 |five|\nP line=4 |six|\n");
}

TEST(Html, TheTitleIsTheHeadsElseTheFirstHeadings) {
  EXPECT_EQ(Parse("text/html", "<title> Gown &amp;\n gloves </title><h1>Other</h1>")->title, "Gown & gloves");
  EXPECT_EQ(Parse("text/html", "<p>x</p><h2>Two</h2>")->title, "Two");
  EXPECT_EQ(Blocks("<title>Only</title><p>x</p>"), "P line=1 |x|\n");
}

TEST(Html, ListsHaveTheirMarkersAndDepth) {
  EXPECT_EQ(Blocks("<ul><li>one<li>two<ol><li>a</li><li>b</li></ol></li></ul>after"),
            "I1 line=1 |- one|\nI1 line=1 |- two|\nI2 line=1 |1. a|\nI2 line=1 |2. b|\nP line=1 |after|\n");
}

TEST(Html, ATableRowIsOneBlockWhateverItsCellsHold) {
  EXPECT_EQ(Blocks("<table><tr><th>Drug<th>Dose</tr>\n<tr><td><p>A</p><p>B</p></td><td><ul><li>5 "
                   "mg</li></ul></td></tr></table>"),
            "R line=1 |Drug | Dose|\nR line=2 |A\nB | - 5 mg|\n");
}

TEST(Html, WhatAReaderDoesNotSeeIsNoText) {
  const std::string seen = Blocks(
      "<head><style>p{content:'Quill'}</style><script>var n='Quill';</script></head>"
      "<body title='Quill'><!-- Quill --><p data-name=\"Quill\">Plan</p><img alt='Quill' src='Quill.png'>"
      "<a href='mailto:Quill@x'>mail</a><template><p>Quill</p></template></body>");
  EXPECT_THAT(seen, Not(HasSubstr("Quill")));
  EXPECT_THAT(seen, HasSubstr("|Plan|"));
}

TEST(Html, EntitiesAreCharacters) {
  EXPECT_EQ(Blocks("<p>5 &lt; 6 &eacute; &#x1F600; &unknown;</p>"), "P line=1 |5 < 6 é 😀 &unknown;|\n");
}

TEST(Html, PreformattedTextKeepsItsLines) { EXPECT_EQ(Blocks("<pre>\n  a\n    b\n</pre>"), "C line=1 |  a\n    b|\n"); }

TEST(Html, RefusesByCode) {
  EXPECT_EQ(Parse("text/html", "<p> </p>").code(), Code::kEmptyDocument);
  EXPECT_EQ(Parse("text/html", std::string("a\0b", 3)).code(), Code::kBinaryContent);
  EXPECT_EQ(Parse("text/html", "<p>\xff").code(), Code::kInvalidUtf8);
  EXPECT_EQ(Parse("text/html", "<p>" + std::string(5 << 20, 'x')).code(), Code::kDocumentTooLarge);
}

TEST(Html, DeepNestingIsRefusedAndUnclosedParagraphsAreNotDeep) {
  std::string deep, flat, ends;
  for (int i = 0; i < 50'000; ++i) deep += "<b>", flat += "<p>x<li>y<br>", ends += "<b></i>";
  EXPECT_EQ(Parse("text/html", deep + "x").code(), Code::kMalformedDocument);
  EXPECT_EQ(Parse("text/html", ends + "x").code(), Code::kMalformedDocument);
  EXPECT_TRUE(Parse("text/html", flat).ok());
}

TEST(Html, RandomMarkupKeepsThePromises) {
  const char* const kPieces[] = {"<p>",      "</p>",  "<ul>",  "</ul>",  "<li>",     "<table>",  "</table>",  "<tr>",
                                 "<td>",     "</tr>", "<pre>", "</pre>", "<h2>",     "</h2>",    "<b",        ">",
                                 "text ",    "&amp;", "<!--",  "-->",    "\n",       "<script>", "</script>", "<title>",
                                 "</title>", "é",     "<",     "\"",     "<div a='", "</"};
  std::mt19937_64 random(5);
  for (int i = 0; i < 2000; ++i) {
    std::string html;
    for (uint64_t n = random() % 40; n > 0; --n) html += kPieces[random() % std::size(kPieces)];
    const auto parsed = Parse("text/html", html);
    EXPECT_EQ(parsed.ok() ? UncoveredText(*parsed) : "", "") << html;
  }
}

}  // namespace
}  // namespace freshet::deid

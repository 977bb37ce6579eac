#include "services/deid/parse/plain_text.h"

#include <gtest/gtest.h>

#include <random>

#include "schemas/codec.h"
#include "services/deid/parse/test_print.h"

namespace freshet::deid {
namespace {

std::string Blocks(std::string_view text) { return Printed(Parse("text/plain", text)); }

TEST(PlainText, ParagraphsBetweenBlankLines) {
  EXPECT_EQ(Blocks("One.\nStill one.\n\n  Two. \n\n\n"), "P line=1 |One.\nStill one.|\nP line=4 |Two.|\n");
}

TEST(PlainText, HeadingsWhereALineCanBeNothingElse) {
  EXPECT_EQ(Blocks("HISTORY OF PRESENT ILLNESS\nHe fell.\n\nAssessment and Plan:\nRest.\n\nPLAN:\n\nGo home."),
            "H1 line=1 |HISTORY OF PRESENT ILLNESS|\nP line=2 |He fell.|\nH2 line=4 |Assessment and Plan:|\nP line=5 "
            "|Rest.|\n"
            "H1 line=7 |PLAN:|\nP line=9 |Go home.|\n");
  for (const char* line :
       {"He said: go.", "NO.", "A 5.", "x:", "The following symptoms were seen in the last 3 days:", "lower case:"}) {
    EXPECT_EQ(Blocks(std::string(line) + "\nmore text")[0], 'P') << line;
  }
}

TEST(PlainText, ANoteAllInCapitalsHasNoCapitalHeadings) {
  EXPECT_EQ(Blocks("PATIENT FELL\n\nNO PAIN\n\nPLAN:\nREST"),
            "P line=1 |PATIENT FELL|\nP line=3 |NO PAIN|\nH1 line=5 |PLAN:|\nP line=6 |REST|\n");
}

TEST(PlainText, ListItemsByTheirMarkers) {
  EXPECT_EQ(Blocks("Take:\n- one\n  more of it\n- two\n    * deep\n1. first\n12) twelfth\nAfter."),
            "H2 line=1 |Take:|\nI1 line=2 |- one\n  more of it|\nI1 line=4 |- two|\nI2 line=5 |* deep|\nI1 line=6 |1. "
            "first|\n"
            "I1 line=7 |12) twelfth|\nP line=8 |After.|\n");
  EXPECT_EQ(Blocks("1.5 mg\n-5 degrees\n*bold"), "P line=1 |1.5 mg\n-5 degrees\n*bold|\n");
}

TEST(PlainText, TitleIsAHeadingOnTop) {
  EXPECT_EQ(Parse("text/plain", "DISCHARGE SUMMARY:\n\nx y")->title, "DISCHARGE SUMMARY");
  EXPECT_EQ(Parse("text/plain", "He fell.\n\nPLAN:\n")->title, "");
}

TEST(PlainText, LineEndsAndByteOrderMark) {
  const auto parsed = Parse("text/plain", "\xEF\xBB\xBFone\r\ntwo\rthree\n\r\nfour\r");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->text, "one\ntwo\nthree\n\nfour\n");
}

TEST(PlainText, RefusesByCode) {
  const auto code = [](std::string_view bytes) { return Parse("text/plain", bytes).code(); };
  EXPECT_EQ(code(""), Code::kEmptyDocument);
  EXPECT_EQ(code("\xEF\xBB\xBF \t\r\n\xC2\xA0\xE2\x80\x8B"), Code::kEmptyDocument);
  EXPECT_EQ(code(std::string_view("ab\0c", 4)), Code::kBinaryContent);
  EXPECT_EQ(code("\xFF\xFE"
                 "a"),
            Code::kInvalidUtf8);
  EXPECT_EQ(code("a\xED\xA0\x80"), Code::kInvalidUtf8);
  EXPECT_EQ(code(std::string(kMaxTextBytes, 'a')), Code::kOk);
  EXPECT_EQ(code(std::string(kMaxTextBytes + 1, 'a')), Code::kDocumentTooLarge);
  EXPECT_EQ(code(std::string(kMaxMessageBytes + 1, '\0')), Code::kDocumentTooLarge);
}

TEST(PlainText, MessagesHoldNoContent) {
  const Status status = Parse("text/plain", std::string_view("Quill\0Quill", 11)).status();
  EXPECT_EQ(status.message(), "NUL byte at offset 5.");
}

TEST(Parsers, ByMediaType) {
  EXPECT_EQ(Parse("Text/Plain; charset=utf-8", "x")->text, "x");
  EXPECT_EQ(Parse(" text/markdown ;x", "# x")->title, "x");
  EXPECT_EQ(Parse("image/png", "x").code(), Code::kUnsupportedMediaType);
  EXPECT_EQ(Parse("", "x").code(), Code::kUnsupportedMediaType);
  EXPECT_EQ(FindParser("text/plain"), &PlainTextParser());
  for (const ParserRow& row : AllParsers()) EXPECT_EQ(FindParser(row.media_type), &row.parser());
}

// What parser.h promises, for any text of many kinds of lines and every parser.
TEST(Parsers, BlocksCoverAllButWhiteSpace) {
  std::mt19937 random(5);
  const std::vector<std::string> pieces = {"word ",       "HEADING\n",   "Title:\n", "- item\n",  "1. item\n",
                                           "\n",          "\n\n",        "  ",       "> quote\n", "# Head\n",
                                           "| a | b |\n", "|---|---|\n", "```\n",    "é４ ",      "<b>",
                                           "*",           "_x_",         "[l](u)",   "    code\n"};
  for (int round = 0; round < 500; ++round) {
    std::string source;
    for (int i = 0; i < 25; ++i) source += pieces[random() % pieces.size()];
    for (const ParserRow& row : AllParsers()) {
      const auto parsed = row.parser().Parse(source);
      if (!parsed.ok()) {
        const bool any_text = row.media_type.starts_with("text/") && row.media_type != "text/rtf";
        ASSERT_TRUE(parsed.code() == Code::kEmptyDocument || (!any_text && parsed.code() == Code::kMalformedDocument));
        continue;
      }
      EXPECT_EQ(UncoveredText(*parsed), "") << row.media_type << ": " << source;
    }
  }
}

}  // namespace
}  // namespace freshet::deid

#include "services/deid/parse/docx.h"

#include <gmock/gmock.h>

#include <random>

#include "services/deid/parse/test_print.h"
#include "services/deid/parse/zip_test_util.h"

namespace freshet::deid {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kType[] = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

std::string DocxOf(const std::string& body, const std::vector<std::pair<std::string, std::string>>& more = {}) {
  std::vector<std::pair<std::string, std::string>> parts = {
      {"word/document.xml", "<w:document xmlns:w=\"x\"><w:body>" + body + "</w:body></w:document>"},
      {"word/styles.xml",
       "<w:styles><w:style w:styleId=\"berschrift1\"><w:name w:val=\"heading 1\"/></w:style><w:style w:styleId=\"Own\">"
       "<w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr></w:style></w:styles>"}};
  parts.insert(parts.end(), more.begin(), more.end());
  return ZipOf(parts);
}

std::string P(const std::string& text, const std::string& properties = "") {
  return "<w:p><w:pPr>" + properties + "</w:pPr><w:r><w:t xml:space=\"preserve\">" + text + "</w:t></w:r></w:p>";
}

TEST(Docx, HeadingsParagraphsListsAndTables) {
  const auto parsed = Parse(
      kType, DocxOf(P("Plan", "<w:pStyle w:val=\"berschrift1\"/>") + P("Own", "<w:pStyle w:val=\"Own\"/>") +
                    "<w:p><w:r><w:t>Rest</w:t></w:r><w:r><w:t xml:space=\"preserve\"> and </w:t></w:r><w:r><w:t>fluids."
                    "</w:t><w:br/><w:t>Daily.</w:t></w:r></w:p>" +
                    P("one", "<w:numPr/>") + P("two", "<w:numPr/>") + "<w:tbl><w:tr><w:tc>" + P("Drug") +
                    "</w:tc><w:tc>" + P("Dose") + "</w:tc></w:tr><w:tr><w:tc>" + P("A") + P("B") + "</w:tc><w:tc>" +
                    P("5 mg") + "</w:tc></w:tr></w:tbl>"));
  EXPECT_EQ(
      Printed(parsed),
      "H1 paragraph=1 |Plan|\nH2 paragraph=2 |Own|\nP paragraph=3 |Rest and fluids.\nDaily.|\n"
      "I1 paragraph=4 |- one|\nI1 paragraph=5 |- two|\nR paragraph=6 |Drug | Dose|\nR paragraph=8 |A\nB | 5 mg|\n");
  EXPECT_EQ(UncoveredText(*parsed), "");
}

TEST(Docx, WhatAReaderDoesNotSeeIsNoText) {
  const std::string seen = Printed(Parse(
      kType, DocxOf(P("Plan") + "<w:p><w:del><w:r><w:delText>Quill</w:delText><w:t>Quill</w:t></w:r></w:del><w:r>"
                                "<w:instrText>Quill</w:instrText></w:r><w:ins "
                                "w:author=\"Quill\"><w:r><w:t>added</w:t></w:r></w:ins></w:p>",
                    {{"word/comments.xml", "<w:comments><w:comment w:author=\"Quill\"/></w:comments>"},
                     {"Quill.txt", "Quill"},
                     {"docProps/core.xml", "<cp><dc:creator>Quill</dc:creator><dc:title>Orders</dc:title></cp>"}})));
  EXPECT_THAT(seen, Not(HasSubstr("Quill")));
  EXPECT_THAT(seen, HasSubstr("|added|"));
}

TEST(Docx, TitleAndNotes) {
  const auto parsed = Parse(kType, DocxOf(P("Plan"), {{"docProps/core.xml", "<cp><dc:title> Orders </dc:title></cp>"},
                                                      {"word/footnotes.xml", "<w:footnotes><w:footnote>" + P("see 2") +
                                                                                 "</w:footnote></w:footnotes>"}}));
  EXPECT_EQ(parsed->title, "Orders");
  EXPECT_EQ(Printed(parsed), "P paragraph=1 |Plan|\nP paragraph=2 |see 2|\n");
}

TEST(Docx, HostileArchivesAreRefused) {
  EXPECT_EQ(Parse(kType, "").code(), Code::kMalformedDocument);
  EXPECT_EQ(Parse(kType, "PK\x03\x04 no archive").code(), Code::kMalformedDocument);
  EXPECT_EQ(Parse(kType, ZipOf({{"word/other.xml", "<x/>"}})).code(), Code::kMalformedDocument);
  EXPECT_EQ(Parse(kType, ZipOf({{"word/document.xml", "<a><b></a>"}})).code(), Code::kMalformedDocument);
  // 65 MiB of white space pack into 64 KiB.
  EXPECT_EQ(Parse(kType, DocxOf(std::string(65u << 20, ' '))).code(), Code::kDocumentTooLarge);
  EXPECT_EQ(Parse(kType, DocxOf("")).code(), Code::kEmptyDocument);
  EXPECT_EQ(Parse(kType, DocxOf(P("\xff"))).code(), Code::kInvalidUtf8);
}

TEST(Docx, DamageCrashesNothing) {
  std::mt19937_64 random(13);
  const std::string whole = DocxOf(P("Plan of care") + P("Rest"));
  for (int i = 0; i < 500; ++i) {
    std::string damaged = whole;
    for (int hits = 0; hits < 3; ++hits) damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto parsed = Parse(kType, damaged);
    EXPECT_EQ(parsed.ok() ? UncoveredText(*parsed) : "", "");
  }
}

}  // namespace
}  // namespace freshet::deid

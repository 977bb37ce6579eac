#include "services/deid/parse/markdown.h"

#include <gtest/gtest.h>

#include <chrono>

#include "schemas/codec.h"
#include "services/deid/parse/markdown_guard.h"
#include "services/deid/parse/test_print.h"

namespace freshet::deid {
namespace {

std::string Blocks(std::string_view markdown) { return Printed(Parse("text/markdown", markdown)); }

TEST(Markdown, HeadingsAndParagraphs) {
  EXPECT_EQ(Blocks("# Falls *policy*\n\nOne\nline.  \nTwo\n\n## Scope ##\nAll `units`.\n\nSetext\n======\n"),
            "H1 line=1 |Falls policy|\nP line=3 |One\nline.\nTwo|\nH2 line=7 |Scope|\nP line=8 |All units.|\n"
            "H1 line=10 |Setext|\n");
  EXPECT_EQ(Parse("text/markdown", "para\n\n## two\n\n# One\n\n# Other\n")->title, "One");
}

TEST(Markdown, EmphasisLinksAndTagsAreNoText) {
  EXPECT_EQ(
      Blocks("**617**-555-0123 [Ada](mailto:x@y.z) ![alt](u) <b>Quill</b><br>x &amp; \\*y ~~old~~ <https://a.example>"),
      "P line=1 |617-555-0123 Ada alt Quill\nx & *y old https://a.example|\n");
}

TEST(Markdown, Lists) {
  EXPECT_EQ(Blocks("- one\n- two\n  - deep\n\n    more\n\n3. three\n4. four\n"),
            "I1 line=1 |- one|\nI1 line=2 |- two|\nI2 line=3 |- deep|\nI2 line=5 |more|\nI1 line=7 |3. three|\nI1 "
            "line=8 |4. four|\n");
}

TEST(Markdown, Tables) {
  const auto parsed = Parse("text/markdown", "| Drug | Dose |\n|---|---|\n| A *b* | 5 mg |\n| c | |\n");
  EXPECT_EQ(Printed(parsed), "R line=1 |Drug | Dose|\nR line=3 |A b | 5 mg|\nR line=4 |c ||\n");
  EXPECT_EQ(parsed->text, "Drug | Dose\nA b | 5 mg\nc |") << "rows close together";
}

TEST(Markdown, CodeAndRawHtml) {
  EXPECT_EQ(Blocks("```sh\n  indented\nnext\n```\n\n    four\n\n<div>\n<!-- Ada --><p>Quill\n</div>\n"),
            "C line=1 |  indented\nnext|\nC line=6 |four|\nP line=8 |Ada \nQuill|\n");
}

TEST(Markdown, QuotesAreParagraphs) {
  EXPECT_EQ(Blocks("> said\n> so\n\nend"), "P line=1 |said\nso|\nP line=4 |end|\n");
}

TEST(Markdown, FrontMatter) {
  const auto parsed = Parse("text/markdown", "---\ntitle: \"Falls\"\nowner: Ada\n---\n\ntext\n");
  EXPECT_EQ(parsed->title, "Falls");
  EXPECT_EQ(Printed(parsed), "C line=2 |title: \"Falls\"\nowner: Ada|\nP line=6 |text|\n");
  EXPECT_EQ(Blocks("---\n\ntext"), "P line=3 |text|\n") << "a rule, not front matter";
}

TEST(Markdown, RefusesByCode) {
  EXPECT_EQ(Parse("text/markdown", "").code(), Code::kEmptyDocument);
  EXPECT_EQ(Parse("text/markdown", "---\n***\n").code(), Code::kEmptyDocument);
  EXPECT_EQ(Parse("text/markdown", "\xFF").code(), Code::kInvalidUtf8);
  EXPECT_EQ(Parse("text/markdown", std::string_view("a\0", 2)).code(), Code::kBinaryContent);
  EXPECT_EQ(Parse("text/markdown", std::string(kMaxTextBytes + 2, 'a')).code(), Code::kDocumentTooLarge);
}

std::string Repeated(std::string_view piece, size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += piece;
  return text;
}

TEST(MarkdownGuard, KnowsWhatIsTame) {
  EXPECT_TRUE(IsTame("# Head\n\n- a\n  - b\n    - c\n\n> > q\n\n| a | b |\n|---|---|\n"));
  EXPECT_TRUE(IsTame(Repeated("A normal [link](u) and *emphasis* here.\n\n", 1 << 20)));
  EXPECT_TRUE(IsTame(Repeated("                                        deep indentation\n", 1 << 16)));
  EXPECT_FALSE(IsTame(Repeated("> ", 1000)));
  EXPECT_FALSE(IsTame(Repeated("- ", 100'000) + Repeated("\n", 100'000)));
  EXPECT_FALSE(IsTame(std::string(300, ' ') + "- x"));
  EXPECT_FALSE(IsTame(Repeated("[", 1 << 20)));
  EXPECT_FALSE(IsTame(Repeated("|", 1000)));
}

// Hostile Markdown of 3 MB is read, whole, in the time of the same bytes of prose (generously), or refused for its
// size.
TEST(MarkdownGuard, HostileMarkdownTakesLinearTime) {
  std::string nested;
  for (int depth = 0; depth < 1500; ++depth) nested += std::string(static_cast<size_t>(2 * depth), ' ') + "- x\n";
  std::string references = Repeated("[a]: b\n", 1 << 19) + "\n" + Repeated("[a] ", 1 << 19);
  const std::vector<std::string> texts = {
      Repeated("[", 3 << 20),
      Repeated(">", 3 << 20),
      Repeated("*", 3 << 20),
      Repeated("**a *", 3 << 20),
      Repeated("- ", 200'000),
      Repeated("- ", 100'000) + Repeated("\n", 1 << 20),
      Repeated("> ", 200'000) + "\nx",
      Repeated("`", 3 << 20),
      Repeated("`a``b", 1 << 20),
      Repeated("![[]()", 1 << 20),
      Repeated("<a ", 1 << 20),
      Repeated("<!--", 1 << 20),
      Repeated("&", 1 << 20),
      Repeated("|", 1 << 20),
      Repeated("|a", 1000) + "\n" + Repeated("|-", 1000) + "\n" + Repeated("x\n", 1 << 20),
      Repeated("_a ", 1 << 20),
      Repeated("[a](<b", 1 << 20),
      Repeated("1. ", 300'000),
      Repeated("# ", 1 << 20),
      Repeated("***a ", 1 << 20),
      Repeated("~~a ", 1 << 20),
      Repeated("\\", 1 << 20),
      Repeated("a\n", 1 << 20),
      Repeated("(", 1 << 20),
      Repeated("\"", 1 << 20),
      Repeated(":", 1 << 20),
      Repeated("[a\n\n", 1 << 20),
      Repeated(">\n", 1 << 20),
      Repeated("-\n", 1 << 20),
      Repeated("1.\n", 1 << 20),
      nested + Repeated("\n", 1 << 20),
      references};
  for (const std::string& text : texts) {
    const auto begin = std::chrono::steady_clock::now();
    const auto parsed = Parse("text/markdown", text);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(spent.count(), 6) << "of '" << text.substr(0, 12) << "'";
    if (parsed.ok()) {
      EXPECT_EQ(UncoveredText(*parsed), "");
    }
  }
}

}  // namespace
}  // namespace freshet::deid

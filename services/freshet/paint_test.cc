#include "services/freshet/paint.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TEST(PaintTest, ADocumentCannotSteerTheTerminal) {
  EXPECT_EQ(Printable("a\x1b[2Jb\x07 c\r\n\n d"), "a[2Jb c d");
  EXPECT_EQ(Printable("a\xc2\x9b"
                      "31mb"),
            "a31mb")
      << "C1 controls too";
  EXPECT_EQ(Printable("a\xe2\x80\xae"
                      "b"),
            "ab")
      << "marks that turn the direction";
  EXPECT_EQ(Printable("\xff"), "(not UTF-8)");
  EXPECT_EQ(Printable("  naïve › text  "), "naïve › text");
  EXPECT_EQ(Printable(""), "");
}

TEST(PaintTest, WrapsAtColumns) {
  EXPECT_EQ(Wrap("one two three", "  ", 9), "  one two\n  three\n");
  EXPECT_EQ(Wrap("üüü üüü", " ", 8), " üüü üüü\n") << "code points, not bytes";
  EXPECT_EQ(Wrap("averylongwordindeed x", "", 5), "averylongwordindeed\nx\n");
  EXPECT_EQ(Wrap(" \n ", "  ", 9), "");
}

TEST(PaintTest, ColoursOnlyWhereWanted) {
  EXPECT_EQ(Paint("x", Colour::kRed, false), "x");
  EXPECT_EQ(Paint("x", Colour::kRed, true), "\x1b[31mx\x1b[0m");
}

TEST(PaintTest, TablesAlign) {
  const Table table{.headings = {"source", "behind"},
                    .right = {false, true},
                    .rows = {{"policies", "180 ms"}, {"nöte", "1 s"}, {"short"}}};
  EXPECT_EQ(Render(table, false), "source    behind\npolicies  180 ms\nnöte         1 s\nshort\n");
}

TEST(PaintTest, TimesAreSpokenInTheirUnit) {
  EXPECT_EQ(SpokenMillis(0), "0.0 ms");
  EXPECT_EQ(SpokenMillis(4.64), "4.6 ms");
  EXPECT_EQ(SpokenMillis(180), "180 ms");
  EXPECT_EQ(SpokenMillis(12'340), "12.3 s");
  EXPECT_EQ(SpokenMillis(300'000), "5.0 min");
  EXPECT_EQ(SpokenMillis(11'520'000), "3.2 h");
  EXPECT_EQ(SpokenMillis(181'440'000), "2.1 d");
  EXPECT_EQ(SpokenMillis(-1), "-1.0 ms");
}

}  // namespace
}  // namespace freshet

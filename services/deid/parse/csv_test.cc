#include "services/deid/parse/csv.h"

#include <gtest/gtest.h>

#include <random>

#include "services/deid/parse/test_print.h"

namespace freshet::deid {
namespace {

std::string Blocks(std::string_view csv) { return Printed(Parse("text/csv", csv)); }

TEST(Csv, RecordsAreRowsAtTheirLines) {
  EXPECT_EQ(Blocks("Drug,Dose\nA,5 mg\r\n\nB,\n"), "R line=1 |Drug | Dose|\nR line=2 |A | 5 mg|\nR line=4 |B ||\n");
}

TEST(Csv, QuotesHoldSeparatorsQuotesAndLines) {
  EXPECT_EQ(Blocks("a,\"b, \"\"c\"\"\nd\",e\nf,g,h"), "R line=1 |a | b, \"c\" d | e|\nR line=3 |f | g | h|\n");
}

TEST(Csv, TheSeparatorIsWhatTheFirstLineHasMostOf) {
  EXPECT_EQ(Blocks("a;b;c,d\n1;2;3\n"), "R line=1 |a | b | c,d|\nR line=2 |1 | 2 | 3|\n");
  EXPECT_EQ(Printed(Parse("text/tab-separated-values", "a\tb\n1\t2,5\n")), "R line=1 |a | b|\nR line=2 |1 | 2,5|\n");
}

TEST(Csv, RefusesByCode) {
  EXPECT_EQ(Parse("text/csv", "a,\"b\nc").code(), Code::kMalformedDocument);
  EXPECT_EQ(Parse("text/csv", ",,\n,,\n").code(), Code::kEmptyDocument);
  EXPECT_EQ(Parse("text/csv", "\xff,b").code(), Code::kInvalidUtf8);
}

// Written by the rules of RFC 4180 and read back: every cell is there, in order.
TEST(Csv, ReadsBackWhatTheRulesWrite) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 500; ++i) {
    std::string csv, wanted;
    for (int row = 0; row < 3; ++row) {
      for (int column = 0; column < 4; ++column) {
        std::string cell;
        for (uint64_t n = 1 + random() % 6; n > 0; --n) cell += "ab\",\nx"[random() % 6];
        std::string quoted;
        for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
        csv += (column == 0 ? "\"" : ",\"") + quoted + "\"";
        wanted += cell;
      }
      csv += "\n";
    }
    const auto parsed = Parse("text/csv", csv);
    ASSERT_TRUE(parsed.ok() || parsed.code() == Code::kEmptyDocument);
    if (!parsed.ok()) continue;
    std::string seen = parsed->text;
    std::erase_if(seen, [](char c) { return c == '|' || c == ' ' || c == '\n'; });
    std::erase(wanted, '\n');
    EXPECT_EQ(seen, wanted);
    EXPECT_EQ(UncoveredText(*parsed), "");
  }
}

}  // namespace
}  // namespace freshet::deid

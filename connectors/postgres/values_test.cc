#include "connectors/postgres/values.h"

#include <gtest/gtest.h>

#include <random>

namespace freshet::postgres {
namespace {

using rows::Cell;

TEST(Values, OneFormForAllSources) {
  EXPECT_EQ(CellOf(kBoolOid, "t").text, "true");
  EXPECT_EQ(CellOf(kBoolOid, "f").text, "false");
  EXPECT_EQ(CellOf(25, "t").text, "t");
  EXPECT_EQ(CellOf(kTimestampOid, "2024-02-29 12:34:56.789012").text, "2024-02-29T12:34:56.789012");
  EXPECT_EQ(CellOf(kTimestampTzOid, "2024-02-29 17:34:56.789012+00").text, "2024-02-29T17:34:56.789012Z");
  EXPECT_EQ(CellOf(kTimestampTzOid, "2024-02-29 17:34:56+00").text, "2024-02-29T17:34:56Z");
  EXPECT_EQ(CellOf(kTimestampTzOid, "infinity").text, "infinity");
  EXPECT_EQ(CellOf(kTimestampOid, "0044-03-15 12:00:00 BC").text, "0044-03-15 12:00:00 BC");
  EXPECT_EQ(CellOf(kTimestampTzOid, "2024-02-29 17:34:56+05:30").text, "2024-02-29 17:34:56+05:30");
  EXPECT_EQ(CellOf(kByteaOid, "\\xdeadBEEF00").text, std::string("\xDE\xAD\xBE\xEF\0", 5));
  EXPECT_EQ(CellOf(kByteaOid, "\\xzz").text, "\\xzz");
  EXPECT_EQ(CellOf(1700, "123456789012345678901234567890.10").text, "123456789012345678901234567890.10");
}

TEST(Values, ListsHaveItems) {
  const Cell cell = CellOf(1009, R"({ada,"b, \"c\"\\",NULL,"NULL",""})");
  EXPECT_TRUE(cell.is_list);
  EXPECT_EQ(cell.items, (std::vector<std::string>{"ada", "b, \"c\"\\", "NULL", ""}));
  EXPECT_EQ(cell.text, R"(["ada","b, \"c\"\\","NULL",""])");
  EXPECT_TRUE(CellOf(1007, "{}").is_list);
  EXPECT_FALSE(CellOf(25, "{a}").is_list);
  for (const char* text : {"", "{", "{a", "a}", "{a}}", "{{1},{2}}", "{\"a}", "{\"a\"b}", "[0:1]={1,2}"}) {
    EXPECT_FALSE(ParseArray(text).has_value()) << text;
  }
}

TEST(Values, ArraysReadBack) {
  std::mt19937 random(5);
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::string> items(random() % 4);
    std::string text = "{";
    for (std::string& item : items) {
      for (unsigned n = random() % 6; n > 0; --n) item.push_back("ab,{}\"\\ "[random() % 8]);
      if (text.size() > 1) text += ",";
      text += '"';
      for (const char c : item) {
        if (c == '"' || c == '\\') text += '\\';
        text += c;
      }
      text += '"';
    }
    ASSERT_EQ(ParseArray(text + "}"), items);
  }
}

TEST(Values, CopyLinesReadBack) {
  std::mt19937 random(9);
  std::vector<std::optional<std::string>> back;
  for (int i = 0; i < 5000; ++i) {
    std::vector<std::optional<std::string>> fields(1 + random() % 4);
    std::string line;
    for (auto& field : fields) {
      if (&field != &fields[0]) line += '\t';
      if (random() % 4 == 0) {
        line += "\\N";
        continue;
      }
      field.emplace();
      for (unsigned n = random() % 8; n > 0; --n) {
        static constexpr std::string_view kChars = "aN\\\t\n\r\b\f\v";
        static constexpr std::string_view kNames = "aN\\tnrbfv";
        const size_t which = random() % kChars.size();
        field->push_back(kChars[which]);
        if (which >= 2) line += '\\';
        line += kNames[which];
      }
    }
    ASSERT_TRUE(SplitCopyLine(line, back)) << line;
    ASSERT_EQ(back, fields) << line;
  }
  EXPECT_FALSE(SplitCopyLine("a\\", back));
}

}  // namespace
}  // namespace freshet::postgres

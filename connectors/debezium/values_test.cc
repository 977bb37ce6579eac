// Values: the text that PostgreSQL itself gives, from what Debezium writes.
#include "connectors/debezium/values.h"

#include <gtest/gtest.h>

#include <random>

#include "connectors/debezium/testing.h"

namespace freshet::debezium {
namespace {

constexpr std::string_view kUnavailable = "__debezium_unavailable_value";

std::string TextOf(const Json& value, std::string_view type) {
  return CellOf(value, ParseValueType(type).value_or(ValueType{}), kUnavailable).text;
}

std::string BigEndian(int64_t number, size_t bytes) {
  std::string out;
  for (size_t i = bytes; i > 0; --i) out.push_back(static_cast<char>(number >> (8 * (i - 1)) & 0xff));
  return out;
}

TEST(Decimal, OfEverySignAndLengthIsWhatTheNumberIs) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    const int64_t number = static_cast<int64_t>(random()) >> (random() % 64);
    EXPECT_EQ(DecimalText(BigEndian(number, 8), 0), std::to_string(number));
  }
  EXPECT_EQ(DecimalText(BigEndian(-5, 1), 3), "-0.005");
  EXPECT_EQ(DecimalText(BigEndian(5, 1), -3), "5000");
  EXPECT_EQ(DecimalText(BigEndian(0, 1), 2), "0.00");
  EXPECT_EQ(DecimalText(BigEndian(-32768, 2), 1), "-3276.8");
  EXPECT_EQ(DecimalText(std::string("\x7f") + std::string(15, '\xff'), 0), "170141183460469231731687303715884105727");
}

TEST(Decimal, RefusesWhatWouldTakeLong) {
  EXPECT_FALSE(DecimalText("", 0).has_value());
  EXPECT_FALSE(DecimalText(std::string(1025, 'x'), 0).has_value());
  EXPECT_FALSE(DecimalText("x", int64_t{1} << 40).has_value());
  EXPECT_EQ(DecimalText(std::string(1024, '\x7f'), 0)->size(), 2466u);
}

TEST(Times, AreWrittenAsPostgresqlDoes) {
  EXPECT_EQ(TextOf(19782, "date"), "2024-02-29");
  EXPECT_EQ(TextOf(-1, "date"), "1969-12-31");
  EXPECT_EQ(TextOf(int64_t{1709210096789012}, "timestamp"), "2024-02-29T12:34:56.789012");
  EXPECT_EQ(TextOf(int64_t{1709210096500000}, "timestamp"), "2024-02-29T12:34:56.5");
  EXPECT_EQ(TextOf(int64_t{1709210096000000}, "timestamp"), "2024-02-29T12:34:56");
  EXPECT_EQ(TextOf(-1, "timestamp"), "1969-12-31T23:59:59.999999");
  EXPECT_EQ(TextOf(int64_t{45296789000}, "time"), "12:34:56.789");
  EXPECT_EQ(TextOf("2024-02-29T17:34:56.500Z", "zoned_timestamp"), "2024-02-29T17:34:56.5Z");
  EXPECT_EQ(TextOf("2024-02-29T17:34:56.000Z", "zoned_timestamp"), "2024-02-29T17:34:56Z");
  EXPECT_EQ(TextOf("2024-02-29T17:34:56Z", "zoned_timestamp"), "2024-02-29T17:34:56Z");
}

TEST(Times, OutsideOfTheCalendarStayNumbers) {
  EXPECT_EQ(TextOf(std::numeric_limits<int64_t>::max(), "timestamp"), "9223372036854775807");
  EXPECT_EQ(TextOf(std::numeric_limits<int64_t>::min(), "timestamp"), "-9223372036854775808");
  EXPECT_EQ(TextOf(std::numeric_limits<int64_t>::min(), "date"), "-9223372036854775808");
}

TEST(Cells, WhatDidNotTravelIsUnknownInEveryForm) {
  const std::string text(kUnavailable);
  EXPECT_TRUE(CellOf(text, {}, kUnavailable).is_unknown());
  EXPECT_TRUE(CellOf("X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==", {ValueKind::kBytes}, kUnavailable).is_unknown());
  EXPECT_TRUE(CellOf(Json::array({text}), {}, kUnavailable).is_unknown());
  EXPECT_FALSE(CellOf(text + "s", {}, kUnavailable).is_unknown());
}

TEST(Types, AreNamedOneWay) {
  for (const char* name : {"date", "time", "timestamp", "zoned_timestamp", "variable_decimal", "bytes", "decimal(4)"}) {
    EXPECT_TRUE(ParseValueType(name).has_value()) << name;
  }
  for (const char* name : {"", "text", "decimal", "decimal()", "decimal(x)", "decimal(1000)", "decimal(-1)"}) {
    EXPECT_FALSE(ParseValueType(name).has_value()) << name;
  }
  EXPECT_EQ(TypeOf(Json::parse(R"({"type":7,"name":[],"items":{}})")), ValueType{});
}

// What `SELECT * FROM types` would say of the recorded row.
const std::map<std::string, std::string> kWanted = {{"b", "true"},
                                                    {"i2", "-7"},
                                                    {"i8", "9007199254740993"},
                                                    {"f4", "1.5"},
                                                    {"f8", "2.718281828459045"},
                                                    {"n", "12345.6789"},
                                                    {"nn", "1000000000000000000000000000000"},
                                                    {"c", "ab  "},
                                                    {"by", "\xde\xad\xbe\xef"},
                                                    {"d", "2024-02-29"},
                                                    {"tm", "12:34:56.789"},
                                                    {"ts", "2024-02-29T12:34:56.789012"},
                                                    {"tstz", "2024-02-29T17:34:56.789012Z"},
                                                    {"u", "11111111-2222-3333-4444-555555555555"},
                                                    {"jb", "{\"b\": [1, 2.50, null]}"},
                                                    {"ta", "[\"x\",\"y,z\"]"},
                                                    {"ia", "[\"1\",\"2\"]"},
                                                    {"inet", "10.0.0.1/8"}};

// Each column is a document's text, so that what comes out is what a mapping sees.
std::map<std::string, std::string> Seen(DebeziumOptions options) {
  options.mapping.documents = {{.table = "public.types", .id = "{id}", .content = "{id}"}};
  for (const auto& [column, text] : kWanted) options.mapping.documents[0].attributes[column] = "<{" + column + "}>";
  TestSite site(std::move(options));
  EXPECT_GT(site.Load("types"), 0u);
  EXPECT_EQ(site.Run(), Code::kOk);
  std::map<std::string, std::string> seen;
  for (const kit::Published& one : site.host.published) {
    const auto* const upsert = std::get_if<Upsert>(&one.event.change);
    if (upsert == nullptr || one.event.origin.document.value != "1") continue;
    for (const Attribute& attribute : upsert->attributes) {
      for (const std::string& value : attribute.values) seen[attribute.name] += value;
    }
  }
  return seen;
}

std::map<std::string, std::string> Wanted() {
  std::map<std::string, std::string> wanted;
  for (const auto& [column, text] : kWanted) wanted[column] = "<" + text + ">";
  wanted["ta"] = "<x><y,z>";
  wanted["ia"] = "<1><2>";
  wanted.erase("by");  // no text: it never becomes an attribute
  return wanted;
}

TEST(RecordedTypes, NumericDateAndTimestampOfASchemaAreTheDatabasesText) {
  if (!RecordingsAreHere()) GTEST_SKIP() << kNoRecordings;
  EXPECT_EQ(Seen(NoteOptions("dbs")), Wanted());
}

TEST(RecordedTypes, WithoutASchemaTheOptionsSayWhichTypesThereAre) {
  if (!RecordingsAreHere()) GTEST_SKIP() << kNoRecordings;
  DebeziumOptions options = NoteOptions("dbn");
  for (const auto& [column, type] : std::map<std::string, std::string>{{"n", "decimal(4)"},
                                                                       {"nn", "variable_decimal"},
                                                                       {"by", "bytes"},
                                                                       {"d", "date"},
                                                                       {"tm", "time"},
                                                                       {"ts", "timestamp"},
                                                                       {"tstz", "zoned_timestamp"}}) {
    options.types["public.types." + column] = type;
  }
  EXPECT_EQ(Seen(options), Seen(NoteOptions("dbs")));
}

}  // namespace
}  // namespace freshet::debezium

// Each type of option by itself: what it reads, what it refuses, and that it writes what it reads.
#include "common/config/option_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "common/config/options.h"

namespace freshet {

using namespace std::chrono_literals;

enum class Shape { kRound, kSquare };

template <>
struct EnumTable<Shape> {
  static constexpr std::array names = {EnumName{"round", Shape::kRound}, EnumName{"square", Shape::kSquare}};
};

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ConfigNode At(ConfigNode node) {
  node.origin = std::make_shared<const ConfigOrigin>(ConfigOrigin{.name = "f.yaml", .directory = "/etc/site"});
  node.path = "value";
  node.line = 3;
  return node;
}

// Nothing where the node is refused.
template <class T>
std::optional<T> Read(const ConfigNode& node) {
  T out{};
  Problems problems;
  const bool read = OptionType<T>::Decode(At(node), out, problems);
  EXPECT_EQ(read, problems.empty()) << "refused without a problem, or taken with one";
  if (!read) {
    EXPECT_THAT(problems.ToStatus().message(), testing::StartsWith("f.yaml:3: value "));
    return std::nullopt;
  }
  return out;
}

template <class T>
std::optional<T> ReadPlain(std::string text) {
  return Read<T>(ConfigNode::Plain(std::move(text)));
}

ConfigNode ListOf(std::vector<ConfigNode> items) {
  ConfigNode list;
  list.kind = ConfigNode::Kind::kList;
  for (ConfigNode& item : items) list.items.push_back(At(std::move(item)));
  return list;
}

template <class T>
class IntegerTest : public testing::Test {};
using Integers = testing::Types<int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t>;
TYPED_TEST_SUITE(IntegerTest, Integers);

TYPED_TEST(IntegerTest, ReadsItsWholeRangeAndNoMore) {
  using Limits = std::numeric_limits<TypeParam>;
  EXPECT_EQ(ReadPlain<TypeParam>(std::to_string(Limits::max())), Limits::max());
  EXPECT_EQ(ReadPlain<TypeParam>(std::to_string(Limits::min())), Limits::min());
  EXPECT_EQ(ReadPlain<TypeParam>("0"), TypeParam{0});
  EXPECT_EQ(ReadPlain<TypeParam>("18446744073709551616"), std::nullopt) << "one more than 64 bits hold";
  EXPECT_EQ(ReadPlain<TypeParam>("-9223372036854775809"), std::nullopt);
  if constexpr (sizeof(TypeParam) < 8) {
    EXPECT_EQ(ReadPlain<TypeParam>(std::to_string(int64_t{Limits::max()} + 1)), std::nullopt);
    EXPECT_EQ(ReadPlain<TypeParam>(std::to_string(int64_t{Limits::min()} - 1)), std::nullopt);
  }
}

TYPED_TEST(IntegerTest, ReadsDecimalDigitsOnly) {
  for (const char* text : {"", " 1", "1 ", "+1", "0x10", "1e3", "1.0", "1_000", "one", "--1", "true"}) {
    EXPECT_EQ(ReadPlain<TypeParam>(text), std::nullopt) << text;
  }
}

TYPED_TEST(IntegerTest, WritesWhatItReads) {
  using Limits = std::numeric_limits<TypeParam>;
  for (const TypeParam value : {Limits::min(), Limits::max(), TypeParam{1}}) {
    EXPECT_EQ(Read<TypeParam>(OptionType<TypeParam>::Encode(value)), value);
  }
  EXPECT_EQ(OptionType<TypeParam>::Describe().kind, TypeInfo::Kind::kInteger);
}

TEST(OptionTypeTest, NumbersAreFinite) {
  EXPECT_EQ(ReadPlain<double>("0.25"), 0.25);
  EXPECT_EQ(ReadPlain<double>("-1e-3"), -1e-3);
  EXPECT_EQ(ReadPlain<double>("7"), 7.0);
  for (const char* text : {"", "nan", "inf", "-inf", "1e999", "0.5x", ".", "1,5"}) {
    EXPECT_EQ(ReadPlain<double>(text), std::nullopt) << text;
  }
}

TEST(OptionTypeTest, NumbersAreWrittenShortAndExactly) {
  for (const double value : {0.1, 1.0 / 3.0, 1e300, -0.0, 0.999, 5e-324}) {
    EXPECT_EQ(Read<double>(OptionType<double>::Encode(value)), value);
  }
  EXPECT_EQ(OptionType<double>::Encode(0.1).text, "0.1");
}

TEST(OptionTypeTest, TruthValuesAreTwoWords) {
  EXPECT_EQ(ReadPlain<bool>("true"), true);
  EXPECT_EQ(ReadPlain<bool>("false"), false);
  for (const char* text : {"", "True", "TRUE", "yes", "on", "1", "0"}) EXPECT_EQ(ReadPlain<bool>(text), std::nullopt);
  EXPECT_EQ(Read<bool>(ConfigNode::Text("true")), std::nullopt) << "text that says true is text";
}

TEST(OptionTypeTest, TextIsAnyScalar) {
  EXPECT_EQ(ReadPlain<std::string>("12"), "12");
  EXPECT_EQ(Read<std::string>(ConfigNode::Text("")), "");
  EXPECT_EQ(Read<std::string>(ConfigNode()), std::nullopt) << "nothing is not text";
  EXPECT_EQ(Read<std::string>(ListOf({})), std::nullopt);
  EXPECT_EQ(ReadPlain<TenantName>("general-hospital"), TenantName("general-hospital"));
  EXPECT_TRUE(OptionType<std::string>::Encode("12").quoted) << "so that it is not read as a number";
}

TEST(OptionTypeTest, PathsStartFromTheFilesDirectory) {
  using Path = std::filesystem::path;
  EXPECT_EQ(ReadPlain<Path>("data"), "/etc/site/data");
  EXPECT_EQ(ReadPlain<Path>("./a/../b"), "/etc/site/b");
  EXPECT_EQ(ReadPlain<Path>("../x"), "/etc/x");
  EXPECT_EQ(ReadPlain<Path>("/srv/data"), "/srv/data");
  EXPECT_EQ(Read<Path>(ConfigNode::Text("")), "") << "an empty path stays one: it says that there is none";
  Path out;
  Problems problems;
  EXPECT_TRUE(OptionType<Path>::Decode(ConfigNode::Plain("data"), out, problems));
  EXPECT_EQ(out, "data") << "without an origin the working directory counts";
}

TEST(OptionTypeTest, DurationsAndSizesSayTheirForm) {
  EXPECT_EQ(ReadPlain<Duration>("90s"), Duration(90s));
  EXPECT_EQ(ReadPlain<Duration>("90"), std::nullopt);
  EXPECT_EQ(ReadPlain<Duration>("-1s"), std::nullopt);
  EXPECT_EQ(ReadPlain<ByteSize>("4GiB"), 4_GiB);
  EXPECT_EQ(ReadPlain<ByteSize>("4G"), std::nullopt);
  for (const Duration value : {Duration(0s), Duration(1us), Duration(1500ms), Duration(24h), Duration(36h)}) {
    EXPECT_EQ(Read<Duration>(OptionType<Duration>::Encode(value)), value);
  }
}

TEST(OptionTypeTest, EnumsAreTheirNames) {
  EXPECT_EQ(ReadPlain<Shape>("square"), Shape::kSquare);
  EXPECT_EQ(ReadPlain<Shape>("Square"), std::nullopt);
  EXPECT_EQ(Read<Shape>(ListOf({})), std::nullopt);
  EXPECT_EQ(OptionType<Shape>::Encode(Shape::kRound).text, "round");
  EXPECT_TRUE(OptionType<Shape>::Encode(static_cast<Shape>(9)).is_null()) << "a value without a name has no text";
  EXPECT_THAT(OptionType<Shape>::Describe().names, ElementsAre("round", "square"));
}

TEST(OptionTypeTest, ListsReplaceWhatWasThereAndTellEveryWrongElement) {
  std::vector<int> out = {9, 9};
  Problems problems;
  EXPECT_TRUE(OptionType<std::vector<int>>::Decode(ListOf({ConfigNode::Plain("1")}), out, problems));
  EXPECT_THAT(out, ElementsAre(1));
  EXPECT_TRUE(OptionType<std::vector<int>>::Decode(ConfigNode(), out, problems));
  EXPECT_TRUE(out.empty()) << "an empty value is an empty list";
  const ConfigNode wrong = ListOf({ConfigNode::Plain("x"), ConfigNode::Plain("2"), ConfigNode::Plain("y")});
  EXPECT_FALSE(OptionType<std::vector<int>>::Decode(wrong, out, problems));
  EXPECT_EQ(problems.ToStatus().message(),
            "f.yaml:3: value must be a whole number\nf.yaml:3: value must be a whole number");
}

TEST(OptionTypeTest, MapsReplaceWhatWasThere) {
  using Map = std::map<std::string, uint16_t>;
  ConfigNode node;
  node.Add("a", ConfigNode::Plain("1"));
  node.Add("b", ConfigNode::Plain("2"));
  Map out = {{"old", 9}};
  Problems problems;
  EXPECT_TRUE(OptionType<Map>::Decode(node, out, problems));
  EXPECT_EQ(out, (Map{{"a", 1}, {"b", 2}}));
  EXPECT_EQ(Read<Map>(OptionType<Map>::Encode(out)), out);
  EXPECT_EQ(ReadPlain<Map>("a"), std::nullopt);
}

TEST(OptionTypeTest, AnOptionalIsThereOrNot) {
  EXPECT_EQ(ReadPlain<std::optional<int>>("5"), std::optional<int>(5));
  EXPECT_TRUE(OptionType<std::optional<int>>::Encode(std::nullopt).is_null());
  EXPECT_EQ(OptionType<std::optional<int>>::Encode(5).text, "5");
  EXPECT_EQ(OptionType<std::optional<int>>::Describe().kind, TypeInfo::Kind::kInteger);
}

TEST(OptionTypeTest, ARawNodeIsAMapOrEmpty) {
  EXPECT_TRUE(Read<ConfigNode>(ConfigNode()).has_value());
  EXPECT_FALSE(ReadPlain<ConfigNode>("text").has_value());
  EXPECT_FALSE(Read<ConfigNode>(ListOf({})).has_value());
}

TEST(OptionTypeTest, TypesHaveNames) {
  EXPECT_EQ(NameOfType(OptionType<std::vector<std::vector<int>>>::Describe()), "list of list of whole number");
  EXPECT_EQ(NameOfType(OptionType<std::map<std::string, Duration>>::Describe()), "map of name to duration");
  EXPECT_EQ(NameOfType(OptionType<Shape>::Describe()), "round | square");
  EXPECT_EQ(NameOfType(OptionType<std::filesystem::path>::Describe()), "path");
  EXPECT_EQ(NameOfType(OptionType<ByteSize>::Describe()), "size");
}

}  // namespace
}  // namespace freshet

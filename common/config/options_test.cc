// Options: every type of field, and every way in which a file can be wrong.
#include "common/config/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/config/render.h"
#include "common/config/yaml.h"

namespace freshet {

using namespace std::chrono_literals;

enum class Kind { kEmbedded, kKafka };

struct Inner {
  std::string name;
  double share = 0.5;
};

struct Outer {
  std::string root;
  Duration settle = 20ms;
  ByteSize limit = 64_MiB;
  int16_t depth = -1;
  uint8_t partitions = 8;
  bool fuse = true;
  Kind kind = Kind::kEmbedded;
  std::string token;
  std::filesystem::path directory;
  SourceName source;
  Inner inner;
  std::vector<Inner> list;
  std::map<std::string, Inner> named;
  std::vector<std::string> words;
  std::optional<Duration> maybe;
  ConfigNode raw;
};

template <>
struct EnumTable<Kind> {
  static constexpr std::array names = {EnumName{"embedded", Kind::kEmbedded}, EnumName{"kafka", Kind::kKafka}};
};

template <>
struct OptionTable<Inner> {
  static constexpr auto fields = std::tuple{Field("name", &Inner::name, "What it is called.").Required().Name(),
                                            Field("share", &Inner::share, "Of the whole.").Range(0.0, 1.0)};
};

template <>
struct OptionTable<Outer> {
  static constexpr auto fields = std::tuple{Field("root", &Outer::root, "Directory to watch.").Required(),
                                            Field("settle", &Outer::settle, "Still for so long.").Range(0ms, 10s),
                                            Field("limit", &Outer::limit, "At most so many bytes.").Range(1_KiB, 1_GiB),
                                            Field("depth", &Outer::depth, "How deep | or not."),
                                            Field("partitions", &Outer::partitions, "Fixed for ever.").Range(1, 64),
                                            Field("fuse", &Outer::fuse, "In memory."),
                                            Field("kind", &Outer::kind, "Which backend."),
                                            Field("token", &Outer::token, "Proves who asks.").Secret(),
                                            Field("directory", &Outer::directory, "Where the data is."),
                                            Field("source", &Outer::source, "A strong id."),
                                            Field("inner", &Outer::inner, "Nested."),
                                            Field("list", &Outer::list, "Several."),
                                            Field("named", &Outer::named, "By name."),
                                            Field("words", &Outer::words, "Texts."),
                                            Field("maybe", &Outer::maybe, "Or not."),
                                            Field("raw", &Outer::raw, "Somebody else's.")};
};

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Result<Outer> Parse(std::string_view yaml) {
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "TOKEN") return "s3cret";
    if (name == "COUNT") return "12";
    return std::nullopt;
  };
  FRESHET_ASSIGN_OR_RETURN(ConfigNode node, ParseYaml(yaml, {"f.yaml", "/etc/site"}));
  FRESHET_RETURN_IF_ERROR(ResolveReferences(node, environment));
  return ParseOptions<Outer>(node);
}

// `inner.name` has no default, as a nested struct's required field; so every good file names it.
std::string Problem(std::string_view yaml) {
  const Result<Outer> parsed = Parse(yaml);
  EXPECT_FALSE(parsed.ok()) << yaml;
  EXPECT_EQ(parsed.code(), Code::kConfiguration);
  return parsed.status().message();
}

TEST(OptionsTest, ReadsEveryType) {
  const Result<Outer> parsed = Parse(R"(
root: ./policies
settle: 1s
limit: 2MiB
depth: -3
partitions: 64
fuse: false
kind: kafka
token: ${ENV:TOKEN}
directory: ./data
source: policies
inner: {name: a, share: 1}
list: [{name: b}, {name: c, share: 0.25}]
named: {x: {name: d}}
words: [one, "2", 3]
maybe: 5m
raw: {anything: [1, 2]}
)");
  ASSERT_TRUE(parsed.ok()) << parsed.status().message();
  EXPECT_EQ(parsed->root, "./policies");
  EXPECT_EQ(parsed->settle, 1s);
  EXPECT_EQ(parsed->limit, 2_MiB);
  EXPECT_EQ(parsed->depth, -3);
  EXPECT_EQ(parsed->partitions, 64);
  EXPECT_FALSE(parsed->fuse);
  EXPECT_EQ(parsed->kind, Kind::kKafka);
  EXPECT_EQ(parsed->token, "s3cret");
  EXPECT_EQ(parsed->directory, "/etc/site/data");
  EXPECT_EQ(parsed->source, SourceName("policies"));
  EXPECT_EQ(parsed->inner.share, 1.0);
  ASSERT_EQ(parsed->list.size(), 2u);
  EXPECT_EQ(parsed->list[0].share, 0.5);
  EXPECT_EQ(parsed->list[1].share, 0.25);
  EXPECT_EQ(parsed->named.at("x").name, "d");
  EXPECT_THAT(parsed->words, testing::ElementsAre("one", "2", "3"));
  EXPECT_EQ(parsed->maybe, Duration(5min));
  ASSERT_TRUE(parsed->raw.is_map());
  EXPECT_EQ(parsed->raw.Find("anything")->items[1].text, "2");
}

TEST(OptionsTest, WhatIsNotGivenHasItsDefault) {
  const Result<Outer> parsed = Parse("root: x");
  ASSERT_TRUE(parsed.ok()) << parsed.status().message();
  EXPECT_EQ(parsed->settle, 20ms);
  EXPECT_EQ(parsed->kind, Kind::kEmbedded);
  EXPECT_FALSE(parsed->maybe.has_value());
  EXPECT_TRUE(parsed->list.empty());
}

TEST(OptionsTest, AnUnknownKeyNamesPlaceAndNearestKnownOne) {
  EXPECT_EQ(Problem("root: x\nlist:\n  - name: a\n    shar: 1\n"),
            "f.yaml:4: unknown key \"shar\" in list[0]; did you mean \"share\"?");
  EXPECT_EQ(Problem("root: x\nroott: y"), "f.yaml:2: unknown key \"roott\"; did you mean \"root\"?");
  EXPECT_EQ(Problem("root: x\ninner: {name: a, zzzzzz: 1}"),
            "f.yaml:2: unknown key \"zzzzzz\" in inner; known: \"name\", \"share\"");
}

TEST(OptionsTest, AnUnknownKeyIsToldAtItsOwnLineAlsoWhenItsValueBeginsBelow) {
  EXPECT_THAT(Problem("root: x\nroott:\n  a: 1\n"), HasSubstr("f.yaml:2: unknown key"));
}

TEST(OptionsTest, AllProblemsAreToldAtOnce) {
  EXPECT_EQ(Problem("settle: soon\npartitions: 65\nfuse: maybe\nroott: x\n"),
            "f.yaml:4: unknown key \"roott\"; did you mean \"root\"?\n"
            "f.yaml:1: lacks \"root\", which has no default\n"
            "f.yaml:1: settle is wrong: a duration is a whole number and a unit: 250ms, 5s, 5m, 24h, 30d\n"
            "f.yaml:2: partitions must be between 1 and 64\n"
            "f.yaml:3: fuse must be true or false");
}

TEST(OptionsTest, ManyProblemsAreCounted) {
  std::string yaml = "root: x\n";
  for (int i = 0; i < 30; ++i) yaml += "unknown" + std::to_string(i) + ": 1\n";
  EXPECT_THAT(Problem(yaml), HasSubstr("\nand 10 more"));
}

struct WrongCase {
  std::string_view yaml, problem;
};
class WrongOptionsTest : public testing::TestWithParam<WrongCase> {};

TEST_P(WrongOptionsTest, IsToldWithItsLine) {
  EXPECT_EQ(Problem("root: x\n" + std::string(GetParam().yaml)), "f.yaml:2: " + std::string(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    Every, WrongOptionsTest,
    testing::Values(
        WrongCase{"depth: 40000", "depth is too large a number"},
        WrongCase{"depth: 1.5", "depth must be a whole number"},
        WrongCase{"depth: \"1\"", "depth must be a whole number"},
        WrongCase{"depth: [1]", "depth must be a whole number"},
        WrongCase{"depth: 99999999999999999999", "depth must be a whole number"},
        WrongCase{"partitions: -1", "partitions must be a whole number, not below 0"},
        WrongCase{"partitions: 0", "partitions must be between 1 and 64"},
        WrongCase{"settle: 11s", "settle must be between 0s and 10s"},
        WrongCase{"limit: 2GiB", "limit must be between 1KiB and 1GiB"},
        WrongCase{"limit: 64MB", "limit is wrong: a size is a whole number and a unit: 512KiB, 64MiB, 4GiB"},
        WrongCase{"limit: {}", "limit must be a size, as 512KiB, 64MiB or 4GiB"},
        WrongCase{"maybe: {}", "maybe must be a duration, as 250ms, 5s, 5m, 24h or 30d"},
        WrongCase{"fuse: yes", "fuse must be true or false"},
        WrongCase{"kind: kafkaa", "kind is none of the known names; did you mean \"kafka\"?"},
        WrongCase{"kind: zookeeper", "kind is none of the known names; known: \"embedded\", \"kafka\""},
        WrongCase{"inner: {name: a, share: 1.1}", "inner.share must be between 0 and 1"},
        WrongCase{"inner: {name: a, share: nan}", "inner.share must be a number"},
        WrongCase{"inner: {share: 1}", "inner lacks \"name\", which has no default"},
        WrongCase{"inner: {name: \"\"}", "inner.name must not be empty"},
        WrongCase{"inner: {name: A}",
                  "inner.name must be a name: a to z, 0 to 9, '-', '_', '.', a letter or digit first, at most 64"},
        WrongCase{"inner: x", "inner must be a map of keys and values"},
        WrongCase{"list: {name: a}", "list must be a list"},
        WrongCase{"list: [a]", "list[0] must be a map of keys and values"},
        WrongCase{"named: [a]", "named must be a map of keys and values"},
        WrongCase{"named: {x: {nam: a, name: b}}", "unknown key \"nam\" in named.x; did you mean \"name\"?"},
        WrongCase{"words: [[a]]", "words[0] must be text"}, WrongCase{"words: [~]", "words[0] must be text"},
        WrongCase{"raw: text", "raw must be a map of keys and values"}));

TEST(OptionsTest, ASecretWrittenOutIsRefusedAndNotRepeated) {
  const std::string problem = Problem("root: x\ntoken: s3cret\n");
  EXPECT_EQ(problem, "f.yaml:2: token is a secret and must be a reference: ${ENV:NAME} or ${FILE:path}");
  EXPECT_THAT(Problem("root: x\ntoken: \"Bearer ${ENV:TOKEN}\"\n"), HasSubstr("must be a reference"));
}

TEST(OptionsTest, ValuesAreNeverInMessages) {
  const std::string problem =
      Problem("root: x\nsettle: s3cret\nlimit: s3cret\ndepth: s3cret\nkind: s3cret\nfuse: s3cret\n");
  EXPECT_THAT(problem, Not(HasSubstr("s3cret")));
}

TEST(OptionsTest, AReferenceMayStandForANumber) {
  const Result<Outer> parsed = Parse("root: x\npartitions: \"${ENV:COUNT}\"\n");
  ASSERT_TRUE(parsed.ok()) << parsed.status().message();
  EXPECT_EQ(parsed->partitions, 12);
}

TEST(OptionsTest, AnEmptyFileIsAllDefaultsAndLacksWhatIsRequired) {
  EXPECT_THAT(Problem(""), HasSubstr("lacks \"root\""));
  EXPECT_TRUE(ParseOptions<std::vector<Inner>>(ConfigNode()).ok());
}

TEST(OptionsTest, WhatIsEncodedIsReadBack) {
  Result<Outer> parsed =
      Parse("root: \"123\"\nlist: [{name: b}]\nmaybe: 90s\nnamed: {x: {name: d}}\ninner: {name: i}\n");
  ASSERT_TRUE(parsed.ok()) << parsed.status().message();
  const std::string yaml = ToYaml(EncodeOptions(*parsed));
  // The empty secret is left: everything else goes through the parser again.
  const Result<ConfigNode> again = ParseYaml(yaml, {"again.yaml", ""});
  ASSERT_TRUE(again.ok()) << yaml;
  EXPECT_EQ(again->Find("root")->text, "123");
  EXPECT_TRUE(again->Find("root")->quoted);
  EXPECT_EQ(again->Find("maybe")->text, "90s");
  EXPECT_EQ(again->Find("list")->items[0].Find("share")->text, "0.5");
}

TEST(OptionsTest, SecretsAreMaskedWhereverTheyAreShown) {
  const Result<Outer> parsed = Parse("root: x\ntoken: ${ENV:TOKEN}\nraw: {password: \"${ENV:TOKEN}\"}\n");
  ASSERT_TRUE(parsed.ok());
  const std::string yaml = ToYaml(EncodeOptions(*parsed));
  EXPECT_THAT(yaml, HasSubstr("token: \"***\""));
  EXPECT_THAT(yaml, HasSubstr("password: \"${ENV:TOKEN}\""));
  EXPECT_THAT(yaml, Not(HasSubstr("s3cret")));
}

TEST(OptionsTest, ARawNodeKeepsItsPlaceForWhoDecodesIt) {
  const Result<Outer> parsed = Parse("root: x\nraw:\n  name: A\n");
  ASSERT_TRUE(parsed.ok());
  const Result<Inner> inner = ParseOptions<Inner>(parsed->raw);
  EXPECT_THAT(inner.status().message(), HasSubstr("f.yaml:3: raw.name must be a name"));
}

}  // namespace
}  // namespace freshet

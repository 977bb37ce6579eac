// What one table says to people (help, Markdown) and to tools (JSON Schema).
#include "common/config/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "common/config/options.h"
#include "common/config/render.h"

namespace freshet {

using namespace std::chrono_literals;

enum class Policy { kWarn, kRefuse };

struct Target {
  Duration target = 5s;
};

struct Sample {
  std::string name;
  std::string token;
  Policy policy = Policy::kWarn;
  int count = 3;
  Target slo;
  std::vector<Target> several;
  std::map<std::string, Target> named;
  std::vector<std::string> words = {"a", "b"};
  ConfigNode own;
};

template <>
struct EnumTable<Policy> {
  static constexpr std::array names = {EnumName{"warn", Policy::kWarn}, EnumName{"refuse", Policy::kRefuse}};
};

template <>
struct OptionTable<Target> {
  static constexpr auto fields = std::tuple{Field("target", &Target::target, "How soon.").Range(1ms, 24h)};
};

template <>
struct OptionTable<Sample> {
  static constexpr auto fields = std::tuple{Field("name", &Sample::name, "What it is called.").Required().Name(),
                                            Field("token", &Sample::token, "Proves who asks.").Secret(),
                                            Field("policy", &Sample::policy, "On a stale index."),
                                            Field("count", &Sample::count, "How many.").Range(1, 9),
                                            Field("slo", &Sample::slo, "The promise."),
                                            Field("several", &Sample::several, "Promises."),
                                            Field("named", &Sample::named, "By name."),
                                            Field("words", &Sample::words, "Some words."),
                                            Field("own", &Sample::own, "As its connector says.")};
};

namespace {

using Json = nlohmann::json;

TEST(DescribeTest, MarkdownIsATableOfAllOptions) {
  EXPECT_EQ(OptionsMarkdown<Sample>(), R"(| option | type | default | what it does |
|---|---|---|---|
| `name` | name | required | What it is called. |
| `token` | text, secret (a reference) |  | Proves who asks. |
| `policy` | warn \| refuse | `warn` | On a stale index. |
| `count` | whole number, 1 to 9 | `3` | How many. |
| `slo` | options |  | The promise. |
| `slo.target` | duration, 1ms to 1d | `5s` | How soon. |
| `several` | list of options |  | Promises. |
| `several[].target` | duration, 1ms to 1d | `5s` | How soon. |
| `named` | map of name to options |  | By name. |
| `named.<name>.target` | duration, 1ms to 1d | `5s` | How soon. |
| `words` | list of text | `["a","b"]` | Some words. |
| `own` | options of its own |  | As its connector says. |
)");
}

TEST(DescribeTest, HelpNamesTypeDefaultAndPurpose) {
  const std::string help = OptionsHelp<Sample>();
  EXPECT_THAT(help, testing::HasSubstr("  name  (name, required)\n      What it is called.\n"));
  EXPECT_THAT(help, testing::HasSubstr("  slo.target  (duration, 1ms to 1d, default 5s)\n      How soon.\n"));
}

TEST(DescribeTest, HelpIsWrapped) {
  TypeInfo info{.kind = TypeInfo::Kind::kStruct};
  std::string words;
  for (int i = 0; i < 60; ++i) words += "word ";
  info.fields.push_back({.name = "x", .help = words});
  std::istringstream lines(HelpText(info));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 100u);
}

TEST(DescribeTest, SchemaSaysWhatTheParserAccepts) {
  const Json schema = Json::parse(OptionsSchema<Sample>("sample.yaml"));
  EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema["title"], "sample.yaml");
  EXPECT_EQ(schema["type"], "object");
  EXPECT_EQ(schema["additionalProperties"], false);
  EXPECT_EQ(schema["required"], Json::parse(R"(["name"])"));
  const Json& properties = schema["properties"];
  EXPECT_EQ(properties["count"]["anyOf"][0], Json::parse(R"({"type":"integer","minimum":1,"maximum":9})"));
  EXPECT_EQ(properties["count"]["default"], 3);
  EXPECT_EQ(properties["policy"]["anyOf"][0]["enum"], Json::parse(R"(["warn","refuse"])"));
  EXPECT_EQ(properties["policy"]["description"], "On a stale index.");
  EXPECT_EQ(properties["slo"]["properties"]["target"]["default"], "5s");
  EXPECT_EQ(properties["several"]["items"]["additionalProperties"], false);
  EXPECT_EQ(properties["named"]["additionalProperties"]["type"], "object");
  EXPECT_EQ(properties["words"]["default"], Json::parse(R"(["a","b"])"));
  EXPECT_EQ(properties["own"]["type"], "object");
  EXPECT_FALSE(properties["own"].contains("additionalProperties"));
}

TEST(DescribeTest, SchemaTakesOnlyAReferenceForASecret) {
  const Json schema = Json::parse(OptionsSchema<Sample>("sample.yaml"));
  EXPECT_EQ(schema["properties"]["token"]["pattern"], R"(^\$\{(ENV|FILE):[^}]+\}$)");
  EXPECT_TRUE(schema["$defs"].contains("reference"));
}

TEST(RenderTest, YamlQuotesWhatWouldBeReadAsSomethingElse) {
  ConfigNode map;
  for (const char* text : {"plain", "./path", "/a/b", "123", "true", "No", "null", "~", "", "a: b", "x #y", "ü", "-"}) {
    map.Add("k" + std::to_string(map.keys.size()), ConfigNode::Text(text));
  }
  map.Add("number", ConfigNode::Plain("1.5"));
  map.Add("null", ConfigNode());
  EXPECT_EQ(ToYaml(map), R"(k0: plain
k1: "./path"
k2: /a/b
k3: "123"
k4: "true"
k5: "No"
k6: "null"
k7: "~"
k8: ""
k9: "a: b"
k10: "x #y"
k11: "ü"
k12: "-"
number: 1.5
"null": ~
)");
}

TEST(RenderTest, JsonKeepsNumbersAndText) {
  ConfigNode map;
  map.Add("text", ConfigNode::Text("1"));
  map.Add("whole", ConfigNode::Plain("-1"));
  map.Add("large", ConfigNode::Plain("18446744073709551615"));
  map.Add("share", ConfigNode::Plain("0.25"));
  map.Add("flag", ConfigNode::Plain("true"));
  map.Add("span", ConfigNode::Plain("5m"));
  map.Add("none", ConfigNode());
  EXPECT_EQ(ToJson(map),
            R"({"text":"1","whole":-1,"large":18446744073709551615,"share":0.25,"flag":true,"span":"5m","none":null})");
}

TEST(NameTest, GrammarOfNames) {
  for (const char* name : {"a", "0", "policies", "general-hospital", "a.b_c-d9"}) EXPECT_TRUE(IsName(name)) << name;
  for (const char* name : {"", "A", "-a", ".a", "_a", "a b", "a/b", "ä", "a\n"}) EXPECT_FALSE(IsName(name)) << name;
  EXPECT_TRUE(IsName(std::string(64, 'a')));
  EXPECT_FALSE(IsName(std::string(65, 'a')));
}

}  // namespace
}  // namespace freshet

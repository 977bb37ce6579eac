// The JSON Schema and the parser come from one table; here they are held against each other: what the one accepts, the
// other accepts, over files that are right and files that are wrong in one way each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "common/config/options.h"
#include "common/config/render.h"
#include "common/config/yaml.h"

namespace freshet {

using namespace std::chrono_literals;

enum class Colour { kRed, kGreen };

struct Leaf {
  std::string name;
  double share = 0.5;
};

struct Tree {
  std::string name;
  std::string secret;
  int count = 3;
  bool flag = false;
  Duration span = 5s;
  ByteSize size = 1_MiB;
  Colour colour = Colour::kRed;
  std::vector<Leaf> leaves;
  std::map<std::string, Leaf> named;
  ConfigNode own;
};

template <>
struct EnumTable<Colour> {
  static constexpr std::array names = {EnumName{"red", Colour::kRed}, EnumName{"green", Colour::kGreen}};
};

template <>
struct OptionTable<Leaf> {
  static constexpr auto fields = std::tuple{Field("name", &Leaf::name, "A name.").Required().Name(),
                                            Field("share", &Leaf::share, "A share.").Range(0.0, 1.0)};
};

template <>
struct OptionTable<Tree> {
  static constexpr auto fields = std::tuple{Field("name", &Tree::name, "A name.").Required().Name(),
                                            Field("secret", &Tree::secret, "A secret.").Secret(),
                                            Field("count", &Tree::count, "A count.").Range(1, 9),
                                            Field("flag", &Tree::flag, "A flag."),
                                            Field("span", &Tree::span, "A span."),
                                            Field("size", &Tree::size, "A size."),
                                            Field("colour", &Tree::colour, "A colour."),
                                            Field("leaves", &Tree::leaves, "Leaves."),
                                            Field("named", &Tree::named, "Leaves by name."),
                                            Field("own", &Tree::own, "Somebody else's.")};
};

namespace {

using Json = nlohmann::json;

// As much of draft 2020-12 as our schemas use. A keyword that it does not know fails the test.
class Validator {
 public:
  explicit Validator(Json root) : root_(std::move(root)) {}

  bool Accepts(const Json& value) const { return Accepts(root_, value); }

 private:
  bool Accepts(const Json& schema, const Json& value) const {
    bool accepted = true;
    for (const auto& [keyword, rule] : schema.items()) accepted &= Keeps(keyword, rule, schema, value);
    return accepted;
  }

  bool Keeps(const std::string& keyword, const Json& rule, const Json& schema, const Json& value) const {
    if (keyword == "type") return IsOfType(rule, value);
    if (keyword == "anyOf") {
      return std::any_of(rule.begin(), rule.end(), [&](const Json& option) { return Accepts(option, value); });
    }
    if (keyword == "$ref") return Accepts(root_.at(Json::json_pointer(rule.get<std::string>().substr(1))), value);
    if (keyword == "pattern") {
      return !value.is_string() || std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()));
    }
    if (keyword == "enum") return std::find(rule.begin(), rule.end(), value) != rule.end();
    if (keyword == "minimum") return !value.is_number() || value.get<double>() >= rule.get<double>();
    if (keyword == "maximum") return !value.is_number() || value.get<double>() <= rule.get<double>();
    if (keyword == "items") return !value.is_array() || All(rule, value);
    if (keyword == "properties") return true;  // with additionalProperties, below
    if (keyword == "additionalProperties") return !value.is_object() || PropertiesHold(schema, value);
    if (keyword == "required") {
      return !value.is_object() ||
             std::all_of(rule.begin(), rule.end(), [&](const Json& name) { return value.contains(name); });
    }
    const bool says_nothing = keyword == "$schema" || keyword == "$defs" || keyword == "title" ||
                              keyword == "description" || keyword == "default";
    EXPECT_TRUE(says_nothing) << keyword;
    return true;
  }

  static bool IsOfType(const Json& type, const Json& value) {
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "array") return value.is_array();
    return type == "object" && value.is_object();
  }

  bool All(const Json& schema, const Json& values) const {
    return std::all_of(values.begin(), values.end(), [&](const Json& value) { return Accepts(schema, value); });
  }

  bool PropertiesHold(const Json& schema, const Json& value) const {
    const Json properties = schema.value("properties", Json::object());
    const Json& other = schema.at("additionalProperties");
    for (const auto& [name, member] : value.items()) {
      if (properties.contains(name) && !Accepts(properties[name], member)) return false;
      if (properties.contains(name)) continue;
      if (other.is_boolean() ? !other.get<bool>() : !Accepts(other, member)) return false;
    }
    return true;
  }

  Json root_;
};

struct AgreeCase {
  const char* yaml;
  bool accepted;
};

class SchemaAgreesTest : public testing::TestWithParam<AgreeCase> {
 protected:
  static Result<Tree> Parsed(ConfigNode node) {
    const Environment environment = [](const std::string& name) { return name == "COUNT" ? "7" : "s3cret"; };
    FRESHET_RETURN_IF_ERROR(ResolveReferences(node, environment));
    return ParseOptions<Tree>(node);
  }
};

TEST_P(SchemaAgreesTest, WithTheParser) {
  const Result<ConfigNode> node = ParseYaml(GetParam().yaml, {"f.yaml", ""});
  ASSERT_TRUE(node.ok()) << node.status().message();
  const Validator validator(Json::parse(OptionsSchema<Tree>("f.yaml")));
  const Result<Tree> parsed = Parsed(*node);
  EXPECT_EQ(parsed.ok(), GetParam().accepted) << parsed.status().message();
  EXPECT_EQ(validator.Accepts(Json::parse(ToJson(*node))), GetParam().accepted) << ToJson(*node);
}

INSTANTIATE_TEST_SUITE_P(
    Files, SchemaAgreesTest,
    testing::Values(AgreeCase{"name: a", true}, AgreeCase{"{}", false}, AgreeCase{"name: A", false},
                    AgreeCase{"name: ''", false}, AgreeCase{"name: [a]", false}, AgreeCase{"{name: a, nam: b}", false},
                    AgreeCase{"{name: a, secret: \"${ENV:X}\"}", true}, AgreeCase{"{name: a, secret: x}", false},
                    AgreeCase{"{name: a, secret: \"x${ENV:X}\"}", false}, AgreeCase{"{name: a, count: 1}", true},
                    AgreeCase{"{name: a, count: 0}", false}, AgreeCase{"{name: a, count: 10}", false},
                    AgreeCase{"{name: a, count: 1.5}", false}, AgreeCase{"{name: a, count: \"1\"}", false},
                    AgreeCase{"{name: a, count: \"${ENV:COUNT}\"}", true}, AgreeCase{"{name: a, flag: true}", true},
                    AgreeCase{"{name: a, flag: yes}", false}, AgreeCase{"{name: a, flag: \"true\"}", false},
                    AgreeCase{"{name: a, span: 250ms}", true}, AgreeCase{"{name: a, span: 5}", false},
                    AgreeCase{"{name: a, span: 5 s}", false}, AgreeCase{"{name: a, size: 64MiB}", true},
                    AgreeCase{"{name: a, size: 64MB}", false}, AgreeCase{"{name: a, colour: green}", true},
                    AgreeCase{"{name: a, colour: blue}", false}, AgreeCase{"{name: a, leaves: []}", true},
                    AgreeCase{"{name: a, leaves: [{name: b}]}", true}, AgreeCase{"{name: a, leaves: [{}]}", false},
                    AgreeCase{"{name: a, leaves: {name: b}}", false}, AgreeCase{"{name: a, leaves: [b]}", false},
                    AgreeCase{"{name: a, leaves: [{name: b, share: 1.5}]}", false},
                    AgreeCase{"{name: a, named: {x: {name: b}}}", true},
                    AgreeCase{"{name: a, named: {x: {name: b, y: 1}}}", false},
                    AgreeCase{"{name: a, own: {anything: [1, {goes: true}]}}", true},
                    AgreeCase{"{name: a, own: [1]}", false}));

TEST(SchemaTest, DefaultsAreWhatTheStructHas) {
  const Json schema = Json::parse(OptionsSchema<Tree>("f.yaml"));
  const Validator validator(schema);
  Json all_defaults = {{"name", "a"}};
  for (const auto& [name, property] : schema["properties"].items()) {
    if (property.contains("default")) all_defaults[name] = property["default"];
  }
  EXPECT_TRUE(validator.Accepts(all_defaults)) << all_defaults;
  EXPECT_EQ(all_defaults["count"], 3);
  EXPECT_EQ(all_defaults["span"], "5s");
  EXPECT_FALSE(all_defaults.contains("secret")) << "a secret has no default to show";
}

}  // namespace
}  // namespace freshet

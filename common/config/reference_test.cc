#include "common/config/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "common/config/render.h"
#include "common/config/yaml.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ReferenceTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path(testing::TempDir()) / "reference_test";
    std::filesystem::create_directories(directory_ / "keys");
  }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ / name, std::ios::binary) << text;
  }
  // The value of `a` in "a: <written>".
  Result<ConfigNode> Resolve(const std::string& written) {
    FRESHET_ASSIGN_OR_RETURN(ConfigNode root, ParseYaml("x: 1\na: \"" + written + "\"\n", {"f.yaml", directory_}));
    const Environment environment = [](const std::string& name) -> std::optional<std::string> {
      if (name == "HOST") return "db.example";
      if (name == "TRICK") return "${ENV:HOST}";
      return std::nullopt;
    };
    FRESHET_RETURN_IF_ERROR(ResolveReferences(root, environment));
    return *root.Find("a");
  }
  std::string TextOf(const std::string& written) {
    const Result<ConfigNode> node = Resolve(written);
    return node.ok() ? node->text : node.status().message();
  }

  std::filesystem::path directory_;
};

TEST_F(ReferenceTest, StandsForTheEnvironmentOrAFile) {
  Write("keys/tenant.key", "line one\nline two\n");
  EXPECT_EQ(TextOf("${ENV:HOST}"), "db.example");
  EXPECT_EQ(TextOf("https://${ENV:HOST}:8443/${ENV:HOST}"), "https://db.example:8443/db.example");
  EXPECT_EQ(TextOf("${FILE:keys/tenant.key}"), "line one\nline two");
  EXPECT_EQ(TextOf("${FILE:" + (directory_ / "keys/tenant.key").string() + "}"), "line one\nline two");
}

TEST_F(ReferenceTest, OnlyOneNewlineAtTheEndGoes) {
  Write("two", "value\n\n");
  Write("none", "value");
  EXPECT_EQ(TextOf("${FILE:two}"), "value\n");
  EXPECT_EQ(TextOf("${FILE:none}"), "value");
}

TEST_F(ReferenceTest, ADoubledDollarIsALiteral) {
  EXPECT_EQ(TextOf("a $${ENV:HOST} b"), "a ${ENV:HOST} b");
  EXPECT_EQ(TextOf("$5 and } and {"), "$5 and } and {");
}

TEST_F(ReferenceTest, WhatAReferenceStandsForIsNotSearchedAgain) { EXPECT_EQ(TextOf("${ENV:TRICK}"), "${ENV:HOST}"); }

TEST_F(ReferenceTest, WhatIsMissingIsNamedWithItsPlace) {
  EXPECT_EQ(TextOf("${ENV:NOT_SET}"), "f.yaml:2: a refers to ${ENV:NOT_SET}, which is not set");
  EXPECT_EQ(TextOf("${FILE:missing}"), "f.yaml:2: a refers to ${FILE:missing}, which cannot be read");
  EXPECT_EQ(TextOf("${FILE:keys}"), "f.yaml:2: a refers to ${FILE:keys}, which cannot be read");
}

TEST_F(ReferenceTest, AFileThatIsTooLargeIsNoValue) {
  Write("large", std::string((1u << 20) + 1, 'x'));
  EXPECT_THAT(TextOf("${FILE:large}"), HasSubstr("cannot be read"));
  Write("full", std::string(1u << 20, 'x'));
  EXPECT_EQ(TextOf("${FILE:full}").size(), 1u << 20);
}

TEST_F(ReferenceTest, OtherBracesAreAnErrorNotAGuess) {
  for (const char* written : {"${HOST}", "${ENV:}", "${FILE:}", "${ENV:HOST", "${}", "${env:HOST}"}) {
    EXPECT_THAT(TextOf(written), HasSubstr("f.yaml:2: a refers to " + std::string(written))) << written;
  }
}

TEST_F(ReferenceTest, EveryMissingReferenceIsTold) {
  Result<ConfigNode> root = ParseYaml("a: ${ENV:ONE}\nb: [x, \"${ENV:TWO}\"]\n", {"f.yaml", ""});
  ASSERT_TRUE(root.ok());
  const Status status = ResolveReferences(*root, [](const std::string&) { return std::nullopt; });
  EXPECT_EQ(status.message(),
            "f.yaml:1: a refers to ${ENV:ONE}, which is not set\n"
            "f.yaml:2: b[1] refers to ${ENV:TWO}, which is not set");
}

TEST_F(ReferenceTest, AValueIsNeverRenderedOnlyItsReference) {
  const Result<ConfigNode> node = Resolve("x${ENV:HOST}");
  ASSERT_TRUE(node.ok());
  EXPECT_EQ(node->reference, "x${ENV:HOST}");
  EXPECT_THAT(ToYaml(*node), Not(HasSubstr("db.example")));
  EXPECT_EQ(ToJson(*node), "\"x${ENV:HOST}\"");
}

TEST_F(ReferenceTest, TheProcessEnvironmentIsRead) {
  EXPECT_TRUE(ProcessEnvironment()("PATH").has_value());
  EXPECT_EQ(ProcessEnvironment()("FRESHET_SURELY_NOT_SET"), std::nullopt);
}

TEST(WholeReferenceTest, IsOneReferenceAndNothingElse) {
  EXPECT_TRUE(IsWholeReference("${ENV:A}"));
  EXPECT_TRUE(IsWholeReference("${FILE:a/b}"));
  for (const char* text : {"", "x", "x${ENV:A}", "${ENV:A}x", "${ENV:A}${ENV:B}", "${OTHER:A}"}) {
    EXPECT_FALSE(IsWholeReference(text)) << text;
  }
}

}  // namespace
}  // namespace freshet

// Access files: the grammar, and what lists mean below others.
#include "connectors/folder/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::folder {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

AccessList List(std::vector<std::string> allow, std::vector<std::string> deny = {}) {
  AccessList list;
  for (std::string& one : allow) list.allow.emplace_back(std::move(one));
  for (std::string& one : deny) list.deny.emplace_back(std::move(one));
  return list;
}

TEST(AccessFile, ReadsAllKeysSortedWithoutDoubles) {
  const auto rule =
      ParseAccessFile("inherit: true\nallow: [\"user:b\", \"group:a\", \"user:b\"]\ndeny: [\"user:c\"]\n");
  ASSERT_TRUE(rule.ok()) << rule.status().ToString();
  EXPECT_TRUE(rule->inherit);
  EXPECT_THAT(rule->allow, ElementsAre(Principal("group:a"), Principal("user:b")));
  EXPECT_THAT(rule->deny, ElementsAre(Principal("user:c")));
}

TEST(AccessFile, WhatIsNotSaidLetsNobodyIn) {
  for (const char* text : {"", "# nothing\n", "allow: []\n", "deny: [\"user:c\"]\n"}) {
    const auto rule = ParseAccessFile(text);
    ASSERT_TRUE(rule.ok()) << text;
    EXPECT_FALSE(rule->inherit);
    EXPECT_THAT(Resolve(*rule, List({"group:everyone"})).allow, IsEmpty());
  }
}

TEST(AccessFile, ErrorsNameTheLineAndTheNearestKey) {
  const auto unknown = ParseAccessFile("inherit: true\nalow: [\"user:a\"]\n");
  EXPECT_EQ(unknown.code(), Code::kConfiguration);
  EXPECT_THAT(unknown.status().message(), HasSubstr("_access.yaml:2"));
  EXPECT_THAT(unknown.status().message(), HasSubstr("allow"));
  const auto principal = ParseAccessFile("allow:\n  - \"user:a\"\n  - nurses\n");
  EXPECT_THAT(principal.status().message(), HasSubstr("_access.yaml:3"));
}

TEST(AccessFile, RefusesWhatIsNoListOfPrincipals) {
  for (const char* text :
       {"allow: user:a\n", "allow: [\"user:\"]\n", "allow: [\"role:a\"]\n", "inherit: maybe\n", "- a\n",
        "allow: [[\"user:a\"]]\n", "allow: [\"user:a\"]\nallow: [\"user:b\"]\n", "allow: [\n", "\xff\n"}) {
    EXPECT_EQ(ParseAccessFile(text).code(), Code::kConfiguration) << text;
  }
}

TEST(AccessLists, InheritAddsBothAllowsAndDenies) {
  const AccessRule rule{.inherit = true, .allow = {Principal("user:a")}, .deny = {Principal("user:x")}};
  EXPECT_EQ(Resolve(rule, List({"group:g"}, {"user:y"})), List({"group:g", "user:a"}, {"user:x", "user:y"}));
}

TEST(AccessLists, NarrowingIsFewerAllowedOrMoreDenied) {
  const AccessList wide = List({"group:a", "group:b"}, {"user:x"});
  EXPECT_TRUE(OnlyNarrows(wide, wide));
  EXPECT_TRUE(OnlyNarrows(wide, List({"group:a"}, {"user:x"})));
  EXPECT_TRUE(OnlyNarrows(wide, List({"group:a", "group:b"}, {"user:x", "user:y"})));
  EXPECT_FALSE(OnlyNarrows(wide, List({"group:a", "group:b"})));
  EXPECT_FALSE(OnlyNarrows(wide, List({"group:a", "group:c"}, {"user:x"})));
}

TEST(AccessLists, AnIntersectionNarrowsBoth) {
  const AccessList a = List({"group:a", "group:b"}, {"user:x"});
  const AccessList b = List({"group:b", "group:c"}, {"user:y"});
  const AccessList both = Intersect(a, b);
  EXPECT_EQ(both, List({"group:b"}, {"user:x", "user:y"}));
  EXPECT_TRUE(OnlyNarrows(a, both));
  EXPECT_TRUE(OnlyNarrows(b, both));
}

}  // namespace
}  // namespace freshet::folder

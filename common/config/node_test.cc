// Nodes and the problems told about them.
#include "common/config/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/config/problems.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;

ConfigNode Site() {
  ConfigNode root;
  root.origin = std::make_shared<const ConfigOrigin>(ConfigOrigin{.name = "f.yaml"});
  root.line = 1;
  ConfigNode& source = root.Add("source", ConfigNode());
  source.line = 2;
  source.Add("roott", ConfigNode::Text("x")).line = 3;
  return root;
}

TEST(NodeTest, WhatIsAddedKnowsItsPath) {
  const ConfigNode root = Site();
  const ConfigNode* const source = root.Find("source");
  ASSERT_NE(source, nullptr);
  EXPECT_EQ(source->path, "source");
  EXPECT_EQ(source->Find("roott")->path, "source.roott");
  EXPECT_EQ(source->Find("roott")->Where(), "f.yaml:3");
  EXPECT_EQ(source->Find("root"), nullptr);
  EXPECT_EQ(ConfigNode().Find("x"), nullptr);
}

TEST(NodeTest, PlacesAreAsExactAsTheyAreKnown) {
  ConfigNode node;
  EXPECT_EQ(node.Where(), "");
  EXPECT_EQ(node.Error("is wrong").message(), "is wrong");
  node.origin = std::make_shared<const ConfigOrigin>(ConfigOrigin{.name = "command line"});
  node.path = "--top-k";
  EXPECT_EQ(node.Error("is wrong").message(), "command line: --top-k is wrong");
  node.line = 7;
  EXPECT_EQ(node.Error("is wrong").message(), "command line:7: --top-k is wrong");
  EXPECT_EQ(node.Error("is wrong").code(), Code::kConfiguration);
}

TEST(NodeTest, PathsAreJoined) {
  EXPECT_EQ(JoinPath("", "a"), "a");
  EXPECT_EQ(JoinPath("a", "b"), "a.b");
}

TEST(NodeTest, KindsExcludeOneAnother) {
  EXPECT_TRUE(ConfigNode().is_null());
  EXPECT_TRUE(ConfigNode::Text("x").is_scalar() && ConfigNode::Text("x").quoted);
  EXPECT_TRUE(ConfigNode::Plain("x").is_scalar() && !ConfigNode::Plain("x").quoted);
  EXPECT_TRUE(Site().is_map() && !Site().is_list() && !Site().is_null() && !Site().is_scalar());
}

TEST(ProblemsTest, NoneIsOk) {
  Problems problems;
  EXPECT_TRUE(problems.empty());
  EXPECT_TRUE(problems.ToStatus().ok());
}

TEST(ProblemsTest, UnknownKeysAreToldWithTheirMap) {
  const ConfigNode root = Site();
  Problems problems;
  problems.AddUnknownKey(root, 0, {"sources"});
  problems.AddUnknownKey(*root.Find("source"), 0, {"root"});
  EXPECT_EQ(problems.ToStatus().message(),
            "f.yaml:2: unknown key \"source\"; did you mean \"sources\"?\n"
            "f.yaml:3: unknown key \"roott\" in source; did you mean \"root\"?");
}

TEST(ProblemsTest, AKeyCannotForgeALineOrFillTheScreen) {
  ConfigNode root;
  root.Add("a\nf.yaml:1: forged \x1b[31m", ConfigNode());
  root.Add(std::string(10'000, 'k'), ConfigNode());
  Problems problems;
  problems.AddUnknownKey(root, 0, {});
  problems.AddUnknownKey(root, 1, {});
  const std::string message = problems.ToStatus().message();
  EXPECT_THAT(message, HasSubstr("unknown key \"a?f.yaml:1: forged ?[31m\""));
  EXPECT_LT(message.size(), 300u);
}

TEST(ProblemsTest, TwentyAreToldTheRestIsCounted) {
  Problems problems;
  for (int i = 0; i < 20; ++i) problems.Add(Site(), "is wrong");
  EXPECT_THAT(problems.ToStatus().message(), testing::Not(HasSubstr("more")));
  problems.Add(Site(), "is wrong");
  EXPECT_THAT(problems.ToStatus().message(), testing::EndsWith("\nand 1 more"));
}

}  // namespace
}  // namespace freshet

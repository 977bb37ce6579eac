// The list of connectors: each row works, and a wrong name says which are right.
#include "connectors/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "common/config/options.h"
#include "common/config/yaml.h"

namespace freshet {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Registry, KnowsTheFolderConnector) {
  const auto options = ParseYaml("root: /tmp\ndefault_access: everyone\n", {.name = "freshet.yaml", .directory = {}});
  ASSERT_TRUE(options.ok());
  EXPECT_TRUE(MakeConnector("folder", *options).ok());
}

TEST(Registry, AnUnknownNameListsTheKnownOnes) {
  const auto found = FindConnector("foldr");
  EXPECT_EQ(found.code(), Code::kConfiguration);
  EXPECT_THAT(found.status().message(), HasSubstr("did you mean \"folder\""));
  EXPECT_THAT(FindConnector("kafka").status().message(), AllOf(HasSubstr("known: "), HasSubstr("folder")));
}

TEST(Registry, WrongOptionsAreNamedWithTheirLine) {
  const auto options = ParseYaml("rot: /tmp\n", {.name = "freshet.yaml", .directory = {}});
  const auto made = MakeConnector("folder", *options);
  EXPECT_EQ(made.code(), Code::kConfiguration);
  EXPECT_THAT(made.status().message(), HasSubstr("freshet.yaml:1"));
  EXPECT_THAT(made.status().message(), HasSubstr("root"));
}

TEST(Registry, EveryRowHasItsFolderReadmeAndHelp) {
  if (!std::filesystem::exists("connectors")) GTEST_SKIP() << "not run from the project's root";
  std::set<std::string_view> names;
  for (const ConnectorRow& row : AllConnectors()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_FALSE(row.summary.empty());
    EXPECT_THAT(row.help(), HasSubstr("  "));
    EXPECT_THAT(row.schema(), HasSubstr("2020-12"));
    EXPECT_NE(row.rig, nullptr);
    const std::filesystem::path folder = std::filesystem::path("connectors") / row.name;
    const std::string name(row.name);
    EXPECT_THAT(ReadText(folder / "README.md"), HasSubstr(row.table()));
    EXPECT_THAT(ReadText("connectors/README.md"), HasSubstr("| [" + name + "](" + name + "/README.md) |"));
    for (const char* file : {"README.md", "connector.h", "connector.cc", "options.h", "rig.h"}) {
      EXPECT_TRUE(std::filesystem::exists(folder / file)) << folder / file;
    }
  }
}

TEST(Readmes, MapEveryFile) {
  if (!std::filesystem::exists("connectors")) GTEST_SKIP() << "not run from the project's root";
  std::vector<std::filesystem::path> folders = {"connectors"};
  for (const ConnectorRow& row : AllConnectors()) folders.push_back(folders.front() / row.name);
  for (const std::filesystem::path& folder : folders) {
    const std::string readme = ReadText(folder / "README.md");
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string name = entry.path().filename();
      const std::string stem = entry.path().stem();
      if (entry.is_directory() || name == "README.md" || name == "CMakeLists.txt" || stem.ends_with("_test")) continue;
      EXPECT_TRUE(readme.find("`" + stem) != std::string::npos) << folder / name << " is not in the map";
    }
  }
}

}  // namespace
}  // namespace freshet

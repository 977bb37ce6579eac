// Every connector in the registry passes the kit, its README has the kit's table, and every MUST of the contract names
// a case that there is.
#include "connectors/kit/conform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "connectors/registry.h"

namespace freshet {
namespace {

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class ConformTest : public ::testing::TestWithParam<std::string> {};

// More by FRESHET_HISTORIES; `make test-slow` runs a thousand of each source that can be faked (CMakeLists.txt).
uint32_t Histories() {
  const char* const given = std::getenv("FRESHET_HISTORIES");
  return given == nullptr ? 5 : static_cast<uint32_t>(std::stoul(given));
}

TEST_P(ConformTest, EveryCaseHolds) {
  const ConnectorRow* const row = *FindConnector(GetParam());
  const auto make = [&] { return row->rig(ConfigNode()); };
  if (const auto probe = make(); probe.code() == Code::kNotFound) GTEST_SKIP() << probe.status().message();
  const auto results = kit::Conform(make, {.histories = Histories()});
  for (const kit::CaseResult& result : results) {
    EXPECT_NE(result.verdict, kit::CaseResult::Verdict::kFailed) << result.row->name << ": " << result.seen;
  }
  const std::string readme = ReadText("connectors/" + GetParam() + "/README.md");
  if (readme.empty()) GTEST_SKIP() << "not run from the project's root";
  EXPECT_THAT(readme, testing::HasSubstr(kit::ConformTable(results)))
      << "freshet connector conform " << GetParam() << " prints the table";
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const ConnectorRow& row : AllConnectors()) names.emplace_back(row.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, ConformTest, testing::ValuesIn(Names()), [](const auto& info) { return info.param; });

TEST(Contract, EveryMustNamesACaseAndEveryCaseAMust) {
  const std::string readme = ReadText("connectors/README.md");
  if (readme.empty()) GTEST_SKIP() << "not run from the project's root";
  std::set<std::string> known, named;
  for (const kit::CaseRow& row : kit::AllCases()) known.emplace(row.name);
  const std::regex must(R"(\| (MUST|SHOULD) \|[^|]*\|([^|]*)\|)"), name("`([a-z_]+)`");
  size_t musts = 0;
  for (auto row = std::sregex_iterator(readme.begin(), readme.end(), must); row != std::sregex_iterator(); ++row) {
    ++musts;
    const std::string cases = (*row)[2];
    EXPECT_TRUE(std::regex_search(cases, name)) << row->str();
    for (auto one = std::sregex_iterator(cases.begin(), cases.end(), name); one != std::sregex_iterator(); ++one) {
      EXPECT_TRUE(known.contains((*one)[1])) << (*one)[1] << " is no case of the kit";
      named.insert((*one)[1]);
    }
  }
  EXPECT_GE(musts, 12u);
  EXPECT_EQ(known, named);
}

}  // namespace
}  // namespace freshet

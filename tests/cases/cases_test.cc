// Runs every *.case file of this folder, with every hop in memory and with every hop durable.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/cases/case_world.h"

namespace freshet::test {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> CaseNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(FRESHET_CASES)) {
    if (entry.path().extension() == ".case") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string PolicyOf(const CaseFile& file) {
  for (const CaseLine& line : file.lines) {
    if (line.verb == "policy" && !line.words.empty()) return line.words[0];
  }
  return "none";
}

class Cases : public ::testing::TestWithParam<std::string> {
 protected:
  void Run(const PipelinePlan& plan) {
    const auto path = std::filesystem::path(FRESHET_CASES) / (GetParam() + ".case");
    const Result<CaseFile> file = CaseFile::Parse(ReadFile(path));
    ASSERT_TRUE(file.ok()) << path.filename() << ": " << file.status().ToString();
    EXPECT_EQ(CaseWorld({.policy = PolicyOf(*file), .plan = plan}).Run(*file), "")
        << path.filename().string() << ": " << file->about;
  }
};

TEST_P(Cases, HoldsWithEveryHopInMemory) { Run({}); }
TEST_P(Cases, HoldsWithEveryHopDurable) { Run({.fused = {}}); }

std::string NameOfCase(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, Cases, ::testing::ValuesIn(CaseNames()), NameOfCase);

std::string RunText(const char* text) {
  const Result<CaseFile> file = CaseFile::Parse(text);
  return file.ok() ? CaseWorld({}).Run(*file) : file.status().ToString();
}

// A case that does not hold must say so, where, and what was there instead.
TEST(CaseRunner, TellsTheLineAndTheDifference) {
  EXPECT_EQ(RunText("# x\nallow open @1 to=group:everyone\nput a @2 | floor\n\nexpect ada finds floor | a@1\n"),
            "line 5: ada finds floor \n  expected: a@1\n  found:    a@2");
  EXPECT_EQ(RunText("# x\nexpect a is | searchable\n"), "line 2: a is \n  expected: searchable\n  found:    unknown");
  EXPECT_EQ(RunText("# x\npit a @1 | floor\n"), "line 2: invalid_argument: pit: no verb of a case");
  EXPECT_NE(RunText("# x\nexpect ada sees floor | a@1\n"), "");
  EXPECT_NE(RunText("put a @1 | floor\n"), "") << "a case says what it shows";
}

}  // namespace
}  // namespace freshet::test

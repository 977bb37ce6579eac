#include "common/base/code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>

namespace freshet {
namespace {

TEST(Code, TableIsInOrderAndNamesAreUnique) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < AllCodes().size(); ++i) {
    const CodeRow& row = AllCodes()[i];
    EXPECT_EQ(static_cast<size_t>(row.code), i);
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(std::ranges::all_of(row.name, [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || c == '8'; }));
    EXPECT_TRUE(row.meaning.ends_with('.')) << row.name;
  }
}

TEST(Code, NamesAndCodesAreEachOthersInverse) {
  for (const CodeRow& row : AllCodes()) {
    EXPECT_EQ(NameOf(row.code), row.name);
    EXPECT_EQ(CodeOf(row.name), row.code);
    EXPECT_EQ(DispositionOf(row.code), row.disposition);
  }
  EXPECT_EQ(CodeOf("no_such_code"), std::nullopt);
  EXPECT_EQ(CodeOf(""), std::nullopt);
}

TEST(Code, OnlyOkIsNoError) {
  for (const CodeRow& row : AllCodes()) {
    EXPECT_EQ(row.disposition == Disposition::kNone, row.code == Code::kOk) << row.name;
  }
}

// What the runner does by these is a promise: bad input never stops a partition (DESIGN §4.10), a missing key does.
TEST(Code, DispositionsThatOthersRelyOn) {
  EXPECT_EQ(DispositionOf(Code::kDiskFull), Disposition::kRetry);
  EXPECT_EQ(DispositionOf(Code::kLogUnavailable), Disposition::kRetry);
  EXPECT_EQ(DispositionOf(Code::kCorruptRecord), Disposition::kSkip);
  EXPECT_EQ(DispositionOf(Code::kSealMismatch), Disposition::kSkip);
  EXPECT_EQ(DispositionOf(Code::kInternalError), Disposition::kSkip);
  EXPECT_EQ(DispositionOf(Code::kKeyMissing), Disposition::kHalt);
  EXPECT_EQ(DispositionOf(Code::kPermissionDenied), Disposition::kReject);
}

TEST(Code, DispositionsHaveNames) {
  EXPECT_EQ(NameOf(Disposition::kNone), "none");
  EXPECT_EQ(NameOf(Disposition::kRetry), "retry");
  EXPECT_EQ(NameOf(Disposition::kSkip), "skip");
  EXPECT_EQ(NameOf(Disposition::kHalt), "halt");
  EXPECT_EQ(NameOf(Disposition::kReject), "reject");
}

TEST(Code, ReadmeListsEveryCode) {
  std::ifstream file("common/base/README.md");
  ASSERT_TRUE(file) << "run from the project's root";
  std::string line, table;
  while (std::getline(file, line)) {
    if (line.starts_with("| `") && line.find(".h`") == std::string::npos) table += line + "\n";
  }
  std::string expected;
  for (const CodeRow& row : AllCodes()) {
    expected += "| `" + std::string(row.name) + "` | " + std::string(NameOf(row.disposition)) + " | " +
                std::string(row.meaning) + " |\n";
  }
  EXPECT_EQ(table, expected);
}

}  // namespace
}  // namespace freshet

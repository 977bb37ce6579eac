// Rows that count for a time: whom they let in, keep out and make a member of, and when.
#include "connectors/rows/assemble.h"

#include <gtest/gtest.h>

#include "common/config/yaml.h"
#include "connectors/rows/testing.h"

namespace freshet::rows {
namespace {

constexpr const char* kWards = R"(
documents: [{table: memo, id: "{id}", content: "{body}", scope: "ward/{ward}"}]
access:
  - {table: reader, scope: "ward/{ward}", allow: ["user:{login}"], deny: ["{blocked}"], from: since, until: expires}
groups: [{table: member, group: "group:{team}", members: ["user:{login}"], until: "{left}T00:00:00Z"}]
)";

class AssembleTest : public ::testing::Test {
 protected:
  // Of a list's rows: {login, blocked, since, expires}.
  std::string Readers(const std::vector<std::vector<std::string>>& rows) const {
    const auto table = MakeTable("reader", {"ward", "login", "blocked", "since", "expires"}, {"ward", "login"});
    std::vector<Row> all;
    for (std::vector<std::string> row : rows) {
      row.insert(row.begin(), "icu");
      all.push_back(MakeRow(table, row));
    }
    SinkModel sink;
    const Origin origin{.version = {1, 1, 1}};
    sink.Apply({origin, assembler_.ScopeList({EntityKind::kScope, 0, {"icu"}}, all)});
    return sink.Access("ward/icu");
  }
  std::string Members(const std::vector<std::vector<std::string>>& rows) const {
    const auto table = MakeTable("member", {"team", "login", "left"}, {"team", "login"});
    std::vector<Row> all;
    for (std::vector<std::string> row : rows) {
      row.insert(row.begin(), "icu");
      all.push_back(MakeRow(table, row));
    }
    std::string text;
    const auto group = assembler_.Group({EntityKind::kGroup, 0, {"icu"}}, all);
    if (!group.ok()) return std::string(NameOf(group.code()));
    for (const Listed& member : group->members) {
      text += (text.empty() ? "" : " ") + SinkModel::TextOf(member);
    }
    return text;
  }

  const Mapping mapping_ = *Mapping::Compile(*ParseOptions<MappingOptions>(*ParseYaml(kWards, {.name = "t"})));
  const Assembler assembler_{mapping_};
};

TEST_F(AssembleTest, ARowCountsWhileItLasts) {
  EXPECT_EQ(
      Readers({{"ada", "-", "-", "2026-02-01T18:00:00Z"}, {"bob", "-", "2026-01-31", "-"}, {"cyd", "-", "-", "-"}}),
      "user:ada[..2026-02-01T18:00:00.000Z) user:bob[2026-01-31T00:00:00.000Z..) user:cyd");
  EXPECT_EQ(Readers({{"ada", "user:eve", "-", "2026-02-01T18:00:00.5Z"}}),
            "user:ada[..2026-02-01T18:00:00.500Z) -user:eve[..2026-02-01T18:00:00.500Z)");
  EXPECT_EQ(Readers({{"ada", "-", "-infinity", "infinity"}}), "user:ada") << "as PostgreSQL writes no limit";
  EXPECT_EQ(Readers({{"ada", "-", "-", "2026-02-01T18:00:00Z"}, {"ada", "-", "-", "2026-03-01T18:00:00Z"}}),
            "user:ada[..2026-02-01T18:00:00.000Z) user:ada[..2026-03-01T18:00:00.000Z)")
      << "whichever lasts longer";
}

// Without a zone, empty, no time at all: nobody is let in by it, and a denial stays.
TEST_F(AssembleTest, ALimitThatCannotBeReadOpensNothing) {
  for (const char* limit : {"2026-02-01T18:00:00", "", "soon", "-infinity"}) {
    EXPECT_EQ(Readers({{"ada", "user:eve", "-", limit}, {"bob", "-", "-", "-"}}), "user:bob -user:eve") << limit;
  }
  EXPECT_EQ(Readers({{"ada", "user:eve", "infinity", "-"}}), " -user:eve");
  EXPECT_EQ(Readers({{"ada", "user:eve", "2026-03-01", "2026-02-01"}}), " -user:eve") << "it ends before it begins";
  EXPECT_EQ(Members({{"ada", "soon"}, {"bob", "-"}}), "configuration")
      << "without ada a denial of the group would open";
}

TEST_F(AssembleTest, AMembershipEnds) {
  EXPECT_EQ(Members({{"ada", "2026-02-01"}, {"bob", "-"}}), "user:ada[..2026-02-01T00:00:00.000Z) user:bob");
}

// Such a row is looked at whole: what an update left out is asked for.
TEST_F(AssembleTest, TheColumnsOfLimitsAreNeeded) {
  const std::vector<std::string>& columns = mapping_.access()[0].columns;
  for (const char* column : {"since", "expires"}) {
    EXPECT_NE(std::find(columns.begin(), columns.end(), column), columns.end()) << column;
  }
}

}  // namespace
}  // namespace freshet::rows

// The gate: invented notes in gold/notes.jsonl. tests/bench/deid.py measures on larger sets.
#include <gtest/gtest.h>

#include <fstream>

#include "services/deid/evaluate.h"

namespace freshet::deid {
namespace {

std::string ErrorsOf(const DeidFigures& figures) {
  std::string all;
  for (const DeidError& error : figures.errors) {
    all += (error.missed ? "missed " : "removed ") + error.id + " " + error.type + " '" + error.text + "' " +
           error.detector + "\n";
  }
  return all;
}

TEST(GoldTest, InventedNotesAreCleanedAndNothingElseIs) {
  std::ifstream gold("services/deid/gold/notes.jsonl");
  ASSERT_TRUE(gold) << "run from the project's root";
  const auto figures = EvaluateDeid(gold, {});
  ASSERT_TRUE(figures.ok()) << figures.status().message();
  EXPECT_GE(figures->documents, 35u);
  EXPECT_EQ(figures->quarantined, 0u);
  EXPECT_GE(figures->all.F2(), 0.95) << ErrorsOf(*figures);
  EXPECT_LE(figures->LeakRate(), 0.03) << ErrorsOf(*figures);
  EXPECT_LE(figures->OverRedaction(), 0.1) << ErrorsOf(*figures);
}

TEST(GoldTest, LetsPlacesStayInALimitedDataSet) {
  std::ifstream gold("services/deid/gold/notes.jsonl");
  const auto figures = EvaluateDeid(gold, {.policy = "limited_data_set"});
  ASSERT_TRUE(figures.ok());
  EXPECT_EQ(figures->by_type.at("DATE").found, 0u);
  EXPECT_GE(figures->by_type.at("NAME").Recall(), 0.9) << ErrorsOf(*figures);
}

}  // namespace
}  // namespace freshet::deid

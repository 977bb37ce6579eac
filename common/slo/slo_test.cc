// SLO arithmetic: budgets, burn rates and states, by hand-made events and against a plain reference.
#include "common/slo/slo.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace freshet::slo {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

Slo Searchable() {
  return {.name = "searchable",
          .target = 5s,
          .objective = 0.999,
          .window = days(30),
          .operations = {"insert", "update"},
          .of_content = true};
}

// Events of so long ago, by operation.
struct World {
  struct Row {
    std::string operation;
    Duration ago;
    Events events;
  };
  std::vector<Row> rows;
  Events operator()(std::string_view operation, Duration window) const {
    Events events;
    for (const Row& row : rows) {
      if (row.operation == operation && row.ago < window) events += row.events;
    }
    return events;
  }
};

constexpr Staleness kFresh{.content = 100ms, .access = 100ms};

TEST(SloTest, AQuietSourceKeepsItsPromise) {
  const SloReport report = EvaluateSlo(Searchable(), World{}, kFresh);
  EXPECT_EQ(report.state, SloState::kMet);
  EXPECT_EQ(report.budget_left, 1);
  EXPECT_EQ(report.burn_fast, 0);
}

TEST(SloTest, TheBudgetIsTheShareThatMayBeBad) {
  const World world{{{"insert", 20 * 24h, {9'995, 5}}}};
  const SloReport report = EvaluateSlo(Searchable(), world, kFresh);
  EXPECT_NEAR(report.budget_left, 0.5, 1e-9) << "5 of 10,000 where 10 may be";
  EXPECT_EQ(report.state, SloState::kMet);
  EXPECT_EQ(report.events, (Events{9'995, 5}));
}

TEST(SloTest, ExactlyTheBudgetIsStillMetAndOneMoreIsNot) {
  EXPECT_EQ(EvaluateSlo(Searchable(), World{{{"insert", 20 * 24h, {9'990, 9}}}}, kFresh).state, SloState::kMet);
  EXPECT_EQ(EvaluateSlo(Searchable(), World{{{"insert", 20 * 24h, {9'989, 11}}}}, kFresh).state, SloState::kViolated);
}

TEST(SloTest, SkippedChangesAreBadEventsOfContentOnly) {
  const World world{{{"insert", 20 * 24h, {998, 0}}, {"delete", 20 * 24h, {998, 0}}, {"skips", 20 * 24h, {0, 2}}}};
  const SloReport searchable = EvaluateSlo(Searchable(), world, kFresh);
  EXPECT_EQ(searchable.skips, 2u);
  EXPECT_EQ(searchable.events, (Events{998, 2}));
  EXPECT_EQ(searchable.state, SloState::kViolated);
  Slo revoked = Searchable();
  revoked.operations = {"delete", "access"};
  revoked.of_content = false;
  EXPECT_EQ(EvaluateSlo(revoked, world, kFresh).state, SloState::kMet);
}

TEST(SloTest, AlarmsAreThoseOfTheWorkbook) {
  const BurnAlarm fast = FastAlarm(Searchable()), slow = SlowAlarm(Searchable());
  EXPECT_EQ(fast.long_window, 1h);
  EXPECT_EQ(fast.short_window, 5min);
  EXPECT_NEAR(fast.rate, 14.4, 1e-9);
  EXPECT_EQ(slow.long_window, 6h);
  EXPECT_EQ(slow.short_window, 30min);
  EXPECT_NEAR(slow.rate, 6, 1e-9);
  Slo hour = Searchable();
  hour.window = 1h;
  EXPECT_EQ(FastAlarm(hour).long_window, 5min) << "shorter says nothing";
  EXPECT_NEAR(FastAlarm(hour).rate, 0.02 * 12, 1e-9);
}

TEST(SloTest, AFastBurnIsAtRiskWhileItGoesOn) {
  World world{{{"insert", 20 * 24h, {1'000'000, 0}}, {"update", 2min, {0, 20}}, {"update", 2min, {980, 0}}}};
  SloReport report = EvaluateSlo(Searchable(), world, kFresh);
  EXPECT_NEAR(report.burn_fast, 20, 1e-6);
  EXPECT_GT(report.budget_left, 0.9);
  EXPECT_EQ(report.state, SloState::kAtRisk);
  for (World::Row& row : world.rows) row.ago += 40min;
  report = EvaluateSlo(Searchable(), world, kFresh);
  EXPECT_NEAR(report.burn_fast, 20, 1e-6) << "still in the hour";
  EXPECT_EQ(report.state, SloState::kMet) << "but over";
}

TEST(SloTest, OverdueIsAtRiskWhateverWasCounted) {
  const World world{{{"insert", 1min, {1'000, 0}}}};
  EXPECT_EQ(EvaluateSlo(Searchable(), world, {.content = 5s, .access = 1h}).state, SloState::kMet);
  EXPECT_EQ(EvaluateSlo(Searchable(), world, {.content = 6s, .access = 0s}).state, SloState::kAtRisk);
  Slo quick = Searchable();
  quick.target = 10ms;
  EXPECT_EQ(EvaluateSlo(quick, world, {.content = 4s}).state, SloState::kMet) << "heartbeats come seconds apart";
}

TEST(SloTest, WhoNeverSaidHowFarItIsIsUnknownUnlessViolated) {
  EXPECT_EQ(EvaluateSlo(Searchable(), World{}, {}).state, SloState::kUnknown);
  EXPECT_EQ(EvaluateSlo(Searchable(), World{{{"insert", 1min, {0, 1}}}}, {}).state, SloState::kViolated);
}

TEST(SloTest, EachOperationHasItsOwnFigures) {
  const World world{{{"insert", 1h / 2, {90, 10}}, {"update", 20 * 24h, {100, 0}}}};
  const SloReport report = EvaluateSlo(Searchable(), world, kFresh);
  ASSERT_EQ(report.operations.size(), 2u);
  EXPECT_EQ(report.operations[0].events, (Events{90, 10}));
  EXPECT_NEAR(report.operations[0].burn_fast, 100, 1e-6);
  EXPECT_EQ(report.operations[0].budget_left, 0);
  EXPECT_EQ(report.operations[1].budget_left, 1);
}

// Whatever happened: figures within their bounds, more bad events never look better, and violated means exactly that
// the window had more bad events than the objective allows.
TEST(SloTest, HoldsForAnyHistory) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 500; ++round) {
    World world;
    for (int i = 0; i < 6; ++i) {
      world.rows.push_back({random() % 2 ? "insert" : "update",
                            std::chrono::minutes(random() % 60'000),
                            {random() % 3'000, random() % 4}});
    }
    const SloReport report = EvaluateSlo(Searchable(), world, kFresh);
    EXPECT_GE(report.budget_left, 0);
    EXPECT_LE(report.budget_left, 1);
    const double share = report.events.bad == 0 ? 0 : double(report.events.bad) / double(report.events.total());
    EXPECT_EQ(report.state == SloState::kViolated, share > 0.001 * (1 + 1e-12)) << round;
    world.rows.push_back({"insert", 1min, {0, 1}});
    const SloReport worse = EvaluateSlo(Searchable(), world, kFresh);
    EXPECT_LE(worse.budget_left, report.budget_left);
    EXPECT_GE(worse.burn_fast, report.burn_fast);
    EXPECT_GE(worse.state, report.state) << round;
  }
}

}  // namespace
}  // namespace freshet::slo

// GET /v1/freshness: exactly the fields of API.md, from what is stored and what was measured.
#include "services/query/freshness.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "services/query/testing/test_server.h"

namespace freshet::query {
namespace {

using Json = nlohmann::ordered_json;
using freshet::testing::TestIndex;
using namespace std::chrono_literals;

std::vector<std::string> KeysOf(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

class FreshnessTest : public ::testing::Test {
 protected:
  Json Report() {
    return Json::parse(ToJson(ReportFreshness(
        {.engine = index_.engine.get(), .metrics = &metrics_, .store = &index_.index().store(), .backlog = [] {
           return LaneBacklog{1, 2, 3};
         }})));
  }
  Json Source(size_t number = 0) { return Report()["sources"].at(number); }

  TestIndex index_;
  MetricRegistry metrics_;
};

TEST_F(FreshnessTest, HasTheFieldsOfTheContract) {
  const Json report = Report();
  EXPECT_EQ(KeysOf(report), (std::vector<std::string>{"now", "documents", "chunks", "dead_letters", "sources"}));
  ASSERT_EQ(report["sources"].size(), 2u);
  const Json& row = report["sources"][0];
  EXPECT_EQ(KeysOf(row), (std::vector<std::string>{"tenant", "source", "collection", "watermark", "staleness_ms",
                                                   "state", "searchable_ms", "stages_ms", "clock_ahead_ms", "slo",
                                                   "lanes", "dead_letters", "held_deletes"}));
  EXPECT_EQ(row["tenant"], "general-hospital");
  EXPECT_EQ(row["source"], "files");
  EXPECT_EQ(row["collection"], "policies");
  EXPECT_EQ(KeysOf(row["searchable_ms"]), (std::vector<std::string>{"insert", "update", "delete", "access"}));
  for (const auto& [operation, quantiles] : row["searchable_ms"].items()) {
    EXPECT_EQ(KeysOf(quantiles), (std::vector<std::string>{"p50", "p95", "p99", "count"})) << operation;
  }
  EXPECT_EQ(KeysOf(row["lanes"]), (std::vector<std::string>{"urgent", "live", "backfill"}));
  for (const auto& [lane, numbers] : row["lanes"].items()) {
    std::vector<std::string> keys = {"backlog", "behind_ms"};
    if (lane == "backfill") keys.push_back("stalled_ms");
    EXPECT_EQ(KeysOf(numbers), keys) << lane;
  }
  EXPECT_TRUE(row["slo"].is_array());
  EXPECT_TRUE(row["dead_letters"].is_object());
}

TEST_F(FreshnessTest, ASourceThatHasSaidNothingIsUnknown) {
  EXPECT_TRUE(Source()["watermark"].is_null());
  EXPECT_TRUE(Source()["staleness_ms"].is_null());
  EXPECT_EQ(Source()["state"], "unknown");
  EXPECT_TRUE(Source()["searchable_ms"]["insert"]["p95"].is_null());
  EXPECT_EQ(Source()["searchable_ms"]["insert"]["count"], 0);
}

TEST_F(FreshnessTest, AQuietSourceIsFreshAndADeadOneIsNot) {
  index_.Beat();
  index_.Show();
  EXPECT_EQ(Source()["watermark"], FormatTime(index_.clock.Now()));
  EXPECT_EQ(Source()["staleness_ms"], 0);
  EXPECT_EQ(Source()["state"], "fresh");
  index_.clock.Advance(5s);
  EXPECT_EQ(Source()["state"], "fresh");
  index_.clock.Advance(1s);
  index_.BeatOf("files",
                {freshet::testing::kUrgentStream, freshet::testing::kLiveStream, freshet::testing::kGroupStream});
  index_.Show();
  EXPECT_EQ(Source(0)["state"], "fresh");
  EXPECT_EQ(Source(1)["state"], "stale");
  EXPECT_EQ(Source(1)["staleness_ms"], 6000);
}

// One source's queue and one source's mistakes are not another's.
TEST_F(FreshnessTest, EachSourceHasItsOwnBacklogAndDeadLetters) {
  EXPECT_EQ(Source(0)["lanes"]["live"]["backlog"], 2) << "it has told nothing: all of it may be its own";
  index_.BeatOf("files",
                {freshet::testing::kUrgentStream, freshet::testing::kLiveStream, freshet::testing::kGroupStream});
  index_.Skip({.id = "a"}, Code::kBinaryContent);
  index_.Show();
  index_.clock.Advance(500ms);
  const Json report = Report();
  const Json& files = report["sources"][0];
  const Json& other = report["sources"][1];
  EXPECT_EQ(files["lanes"]["live"], Json::parse(R"({"backlog": 0, "behind_ms": 500})"));
  EXPECT_EQ(files["lanes"]["backfill"], Json::parse(R"({"backlog": 3, "behind_ms": null, "stalled_ms": null})"));
  EXPECT_EQ(other["lanes"]["live"], Json::parse(R"({"backlog": 2, "behind_ms": null})"));
  EXPECT_EQ(files["dead_letters"], Json::parse(R"({"binary_content": 1})"));
  EXPECT_EQ(other["dead_letters"], Json::object());
  EXPECT_EQ(report["dead_letters"], Json::parse(R"({"binary_content": 1})"));
}

TEST_F(FreshnessTest, CountsWhatIsInAndWhatWasSkipped) {
  index_.Put({.id = "a", .text = "# One\n\nfloor\n\n# Two\n\nwall\n"});
  index_.Put({.id = "b", .text = "floor\n"});
  index_.Skip({.id = "c"}, Code::kBinaryContent);
  index_.Skip({.id = "d"}, Code::kBinaryContent);
  index_.Skip({.id = "e"}, Code::kQuarantined);
  index_.Show();
  const Json report = Report();
  EXPECT_EQ(report["documents"], 2);
  EXPECT_EQ(report["chunks"], 3);
  EXPECT_EQ(Source()["dead_letters"], Json::parse(R"({"binary_content": 2, "quarantined": 1})"));
}

TEST_F(FreshnessTest, LatenciesAreOfTheSourceThatTheyBelongTo) {
  for (int i = 1; i <= 100; ++i) {
    metrics_.HistogramOf<Metric::kSearchable>("files", "update").Record(std::chrono::milliseconds(i));
  }
  metrics_.HistogramOf<Metric::kStageSeconds>("files", NameOf(Step::kDeid)).Record(20ms);
  const Json update = Source(0)["searchable_ms"]["update"];
  EXPECT_EQ(update["count"], 100);
  EXPECT_NEAR(update["p50"].get<double>(), 50, 5);
  EXPECT_NEAR(update["p99"].get<double>(), 99, 10);
  EXPECT_EQ(Source(1)["searchable_ms"]["update"]["count"], 0);
  EXPECT_EQ(Source(0)["stages_ms"]["deid"]["count"], 1);
  EXPECT_EQ(KeysOf(Source(0)["stages_ms"]), (std::vector<std::string>{"captured", "deid", "chunk", "embed", "index"}));
}

TEST_F(FreshnessTest, DeletesThatTheGuardHoldsAreTold) {
  for (int i = 0; i < 12; ++i) index_.Put({.id = "d" + std::to_string(i), .text = "floor\n"});
  index_.Snapshot(SnapshotEdge::Side::kBegin, 100);
  index_.Snapshot(SnapshotEdge::Side::kEnd, 100);
  index_.Show();
  EXPECT_EQ(Source(0)["held_deletes"], 12);
  EXPECT_EQ(Source(1)["held_deletes"], 0);
}

TEST_F(FreshnessTest, OnlyAnOpenBackfillStandsStill) {
  const auto stalled = [&] {
    const FreshnessReport report = ReportFreshness({.engine = index_.engine.get(),
                                                    .metrics = &metrics_,
                                                    .store = &index_.index().store(),
                                                    .backfill_stood_still = [](const SourceName&) { return 4min; }});
    return Json::parse(ToJson(report))["sources"][0]["lanes"]["backfill"]["stalled_ms"];
  };
  EXPECT_EQ(stalled(), 0);
  index_.Snapshot(SnapshotEdge::Side::kBegin, 100);
  index_.Show();
  EXPECT_EQ(stalled(), 240'000);
  index_.Snapshot(SnapshotEdge::Side::kEnd, 100);
  index_.Show();
  EXPECT_EQ(stalled(), 0);
}

TEST_F(FreshnessTest, AProcessWithoutTheSinkReportsWhatItCan) {
  index_.Beat();
  index_.Show();
  const FreshnessReport report = ReportFreshness({.engine = index_.engine.get(), .metrics = &metrics_});
  EXPECT_EQ(report.sources.size(), 2u);
  EXPECT_EQ(report.sources[0].state, FreshnessState::kFresh);
  EXPECT_TRUE(report.dead_letters.empty());
  EXPECT_FALSE(report.backlog) << "nobody asked the log";
  EXPECT_TRUE(Json::parse(ToJson(report))["sources"][0]["lanes"]["live"]["backlog"].is_null());
}

class PromisesTest : public ::testing::Test {
 protected:
  Json Source() { return Json::parse(server_.Get("/v1/freshness", "ada")->body)["sources"].at(0); }
  void Record(std::string_view operation, Duration latency) {
    server_.metrics.HistogramOf<Metric::kPromised>("files", operation).Record(latency);
    server_.metrics.HistogramOf<Metric::kSearchable>("files", operation).Record(latency);
  }
  freshet::testing::TestServer server_;
};

TEST_F(PromisesTest, AnSloIsToldWithItsBudgetAndItsAlarms) {
  server_.Settle();
  Record("insert", 5s);
  Record("insert", 5001ms);
  const Json slos = Source()["slo"];
  ASSERT_EQ(slos.size(), 2u);
  EXPECT_EQ(slos[0]["name"], "searchable");
  EXPECT_EQ(slos[0]["target_ms"], 5000);
  EXPECT_EQ(slos[0]["window"], "30d");
  EXPECT_EQ(slos[0]["events"], Json::parse(R"({"good": 1, "bad": 1})"));
  EXPECT_EQ(slos[0]["state"], "violated");
  EXPECT_EQ(slos[0]["budget_left"], 0);
  EXPECT_EQ(slos[0]["alarms"]["fast"]["long_ms"], 3'600'000);
  EXPECT_EQ(slos[0]["operations"]["insert"]["events"]["bad"], 1);
  EXPECT_EQ(slos[0]["operations"]["update"]["events"]["bad"], 0);
  EXPECT_EQ(slos[1]["name"], "revoked");
  EXPECT_EQ(slos[1]["state"], "met");
}

TEST_F(PromisesTest, ASourceThatFallsBehindIsAtRiskAndOneThatNeverSpokeIsUnknown) {
  EXPECT_EQ(Source()["slo"][0]["state"], "unknown");
  server_.Settle();
  EXPECT_EQ(Source()["slo"][0]["state"], "met");
  server_.index.clock.Advance(6s);
  EXPECT_EQ(Source()["slo"][0]["state"], "at_risk");
  EXPECT_EQ(Source()["slo"][1]["state"], "at_risk");
  // Content is behind, access is not.
  server_.index.BeatOf("files", {freshet::testing::kUrgentStream, freshet::testing::kGroupStream});
  server_.index.Show();
  EXPECT_EQ(Source()["slo"][0]["state"], "at_risk");
  EXPECT_EQ(Source()["slo"][1]["state"], "met");
}

TEST_F(PromisesTest, AClockThatIsAheadShowsAndStalenessIsNeverNegative) {
  server_.Settle();
  server_.index.clock.Advance(-3s);
  server_.metrics.HistogramOf<Metric::kClockAhead>("files").Record(3s);
  EXPECT_EQ(Source()["staleness_ms"], 0);
  EXPECT_EQ(Source()["clock_ahead_ms"], Json::parse(R"({"max": 3000.0, "count": 1})"));
}

TEST_F(PromisesTest, TheHistoryHasTheLastHourByMinutes) {
  Record("update", 40ms);
  const Json report = Json::parse(server_.Get("/v1/freshness/history", "ada")->body);
  EXPECT_EQ(report["slot_ms"], 60'000);
  const Json update = report["sources"][0]["searchable_ms"]["update"];
  ASSERT_EQ(update["p95"].size(), 60u);
  EXPECT_EQ(update["p95"][59], 40.0);
  EXPECT_EQ(update["count"][59], 1);
  EXPECT_TRUE(update["p95"][58].is_null());
}

}  // namespace
}  // namespace freshet::query

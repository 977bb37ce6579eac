#include "common/telemetry/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <thread>

namespace freshet {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

size_t CountOf(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(MetricTableTest, NamesFollowTheRulesOfPrometheus) {
  std::set<std::string_view> names;
  for (const MetricRow& row : kMetricRows) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(row.name.starts_with("freshet_")) << row.name;
    EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << row.name;
    EXPECT_EQ(row.name.ends_with("_total"), row.type == MetricType::kCounter) << row.name;
    if (row.type == MetricType::kHistogram) {
      EXPECT_TRUE(row.name.ends_with("_seconds")) << row.name;
    }
    EXPECT_TRUE(row.help.ends_with('.')) << row.name;
    EXPECT_EQ(&row, &RowOf(row.metric));
  }
}

TEST(MetricTableTest, LabelsAreFromAClosedList) {
  const std::set<std::string_view> known = {"source",    "stage",      "lane",  "code",    "outcome",
                                            "operation", "collection", "slo",   "window",  "endpoint",
                                            "phase",     "result",     "store", "version", "volume"};
  for (const MetricRow& row : kMetricRows) {
    for (size_t i = 0; i < row.label_count; ++i) EXPECT_TRUE(known.contains(row.labels[i])) << row.name;
  }
}

TEST(MetricTableTest, ReadmeHasTheTable) {
  std::ifstream file("common/telemetry/README.md");
  std::stringstream readme;
  readme << file.rdbuf();
  EXPECT_THAT(readme.str(), HasSubstr(MetricMarkdown()));
}

TEST(MetricsTest, ExposesCountersAndGauges) {
  MetricRegistry metrics;
  metrics.CounterOf<Metric::kStageRetries>("deid", NameOf(Code::kTimeout)).Add(3);
  metrics.GaugeOf<Metric::kStaleness>("policies").Set(0.18);
  const std::string text = metrics.Expose();
  EXPECT_THAT(text, HasSubstr("# HELP freshet_stage_retries_total Inputs tried again, by code.\n"
                              "# TYPE freshet_stage_retries_total counter\n"
                              "freshet_stage_retries_total{stage=\"deid\",code=\"timeout\"} 3"));
  EXPECT_THAT(text, HasSubstr("freshet_staleness_seconds{source=\"policies\"} 0.18"));
  EXPECT_EQ(CountOf(text, "# TYPE"), 2u) << "what nobody counts is not exposed";
}

TEST(MetricsTest, OneThatDoesNotRecordTakesEverythingAndTellsNothing) {
  MetricRegistry metrics(TenantName("t"), Recording::kOff);
  metrics.CounterOf<Metric::kEmbedderTokens>().Add(5);
  metrics.GaugeOf<Metric::kProbed>("files").Set(7);
  metrics.HistogramOf<Metric::kSearchable>("files", "insert").Record(std::chrono::milliseconds(3));
  const auto handle = metrics.OnCollect([](MetricSamples&) { ADD_FAILURE() << "nobody is asked"; });
  EXPECT_EQ(metrics.Expose(), "");
  EXPECT_EQ(metrics.CounterOf<Metric::kEmbedderTokens>().value(), 0u);
  EXPECT_TRUE((metrics.HistogramOf<Metric::kSearchable>("files", "insert").Snapshot().empty()));
}

TEST(MetricsTest, EverySeriesHasTheTenant) {
  MetricRegistry metrics(TenantName("general-hospital"));
  metrics.CounterOf<Metric::kDeadLetters>("deid", "binary_content").Add(1);
  EXPECT_THAT(metrics.Expose(), HasSubstr("{tenant=\"general-hospital\",stage=\"deid\",code=\"binary_content\"} 1"));
}

TEST(MetricsTest, ExposesHistogramsInSecondsAndExactly) {
  MetricRegistry metrics;
  LatencyHistogram& searchable = metrics.HistogramOf<Metric::kSearchable>("policies", "update");
  for (const Duration latency : {Duration(10ms), Duration(10001us), Duration(3s), Duration(48h)}) {
    searchable.Record(latency);
  }
  const std::string text = metrics.Expose();
  const std::string name = "freshet_searchable_seconds";
  const std::string labels = "{source=\"policies\",operation=\"update\"";
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels + ",le=\"0.01\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels + ",le=\"0.015\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels + ",le=\"5\"} 3\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels + ",le=\"86400\"} 3\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + labels + ",le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr(name + "_count" + labels + "} 4\n"));
  EXPECT_THAT(text, HasSubstr(name + "_sum" + labels + "} 172803.020001\n"));
}

TEST(MetricsTest, TheSameLabelsAreTheSameCell) {
  MetricRegistry metrics;
  Counter& a = metrics.CounterOf<Metric::kDeadLetters>("deid", "binary_content");
  Counter& b = metrics.CounterOf<Metric::kDeadLetters>("deid", "binary_content");
  Counter& c = metrics.CounterOf<Metric::kDeadLetters>("chunk", "binary_content");
  EXPECT_EQ(&a, &b);
  EXPECT_NE(&a, &c);
}

TEST(MetricsTest, SeriesAreBounded) {
  MetricRegistry metrics;
  for (int i = 0; i < 3'000; ++i) metrics.GaugeOf<Metric::kStaleness>(std::to_string(i)).Set(1);
  const std::string text = metrics.Expose();
  EXPECT_EQ(CountOf(text, "\nfreshet_staleness_seconds{"), 1'001u);
  EXPECT_THAT(text, HasSubstr("source=\"other\""));
}

TEST(MetricsTest, CallbacksAreReadWhenScrapedAndEndWithTheirHandle) {
  MetricRegistry metrics;
  double taken_in = 1;
  {
    const auto handle = metrics.OnCollect([&](MetricSamples& out) {
      out.Set<Metric::kStageInputs>(taken_in, "deid", "live");
      LatencyCounts counts;
      counts.Add(5ms);
      out.SetHistogram<Metric::kStageSeconds>(counts, "policies", "deid");
    });
    EXPECT_THAT(metrics.Expose(), HasSubstr("freshet_stage_inputs_total{stage=\"deid\",lane=\"live\"} 1\n"));
    taken_in = 41;
    EXPECT_THAT(metrics.Expose(), HasSubstr("lane=\"live\"} 41\n"));
    EXPECT_THAT(metrics.Expose(), HasSubstr("freshet_stage_seconds_count{source=\"policies\",stage=\"deid\"} 1\n"));
  }
  EXPECT_EQ(metrics.Expose(), "");
}

TEST(MetricsTest, CountersOfTwoCallbacksAddUpAndNoSeriesStandsTwice) {
  MetricRegistry metrics;
  metrics.CounterOf<Metric::kStageInputs>("deid", "live").Add(1);
  const auto collect = [](MetricSamples& out) {
    out.Set<Metric::kStageInputs>(10, "deid", "live");
    out.Set<Metric::kStageInFlight>(7, "deid", "live");
  };
  const auto one = metrics.OnCollect(collect);
  auto two = metrics.OnCollect(collect);
  EXPECT_THAT(metrics.Expose(), HasSubstr("freshet_stage_inputs_total{stage=\"deid\",lane=\"live\"} 21\n"));
  EXPECT_THAT(metrics.Expose(), HasSubstr("freshet_stage_in_flight{stage=\"deid\",lane=\"live\"} 7\n"));
  two = MetricRegistry::CollectHandle();
  EXPECT_THAT(metrics.Expose(), HasSubstr("freshet_stage_inputs_total{stage=\"deid\",lane=\"live\"} 11\n"));
}

TEST(MetricsTest, LabelValuesCannotBreakTheFormat) {
  MetricRegistry metrics;
  metrics.GaugeOf<Metric::kStaleness>("a\"} 1\nforged 2").Set(3);
  EXPECT_THAT(metrics.Expose(), HasSubstr("source=\"a\\\"} 1\\nforged 2\"} 3"));
}

TEST(MetricsTest, ThreadsCountAndScrapeTogether) {
  MetricRegistry metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&metrics] {
      for (int i = 0; i < 2'000; ++i) metrics.CounterOf<Metric::kStageRetries>("deid", std::to_string(i % 5)).Add(1);
    });
  }
  for (int i = 0; i < 20; ++i) EXPECT_THAT(metrics.Expose(), Not(HasSubstr("nan")));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(metrics.CounterOf<Metric::kStageRetries>("deid", "0").value(), 1'600u);
}

}  // namespace
}  // namespace freshet

// What /metrics says, read by the grammar of Prometheus' text format 0.0.4 rather than by what we expect to see:
// https://prometheus.io/docs/instrumenting/exposition_formats/
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <regex>
#include <set>
#include <sstream>

#include "common/telemetry/metrics.h"

namespace freshet {
namespace {

using namespace std::chrono_literals;

struct Series {
  std::string name;
  std::map<std::string, std::string> labels;
  double value;
};

struct Exposition {
  std::map<std::string, std::string> types;  // by metric
  std::map<std::string, std::string> helps;
  std::vector<Series> series;
};

std::string Unescaped(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
    } else {
      ++i;
      out += text[i] == 'n' ? '\n' : text[i];
    }
  }
  return out;
}

std::map<std::string, std::string> LabelsOf(std::string text) {
  static const std::regex kLabel(R"rx(^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\.)*)"(,|$))rx");
  std::map<std::string, std::string> labels;
  std::smatch match;
  while (std::regex_search(text, match, kLabel)) {
    EXPECT_TRUE(labels.emplace(match[1], Unescaped(match[2])).second) << "a label stands twice";
    text = match.suffix();
  }
  EXPECT_EQ(text, "") << "no label";
  return labels;
}

Exposition Read(const std::string& text) {
  static const std::regex kComment(R"(^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$)");
  static const std::regex kSeries(R"(^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)$)");
  Exposition exposition;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, kComment)) {
      auto& into = match[1] == "TYPE" ? exposition.types : exposition.helps;
      EXPECT_TRUE(into.emplace(match[2], match[3]).second) << "twice: " << line;
    } else if (std::regex_match(line, match, kSeries)) {
      const std::string value = match[3];
      exposition.series.push_back({match[1], LabelsOf(match[2]), value == "+Inf" ? INFINITY : std::stod(value)});
    } else {
      ADD_FAILURE() << "not of the format: " << line;
    }
  }
  EXPECT_TRUE(text.empty() || text.ends_with('\n'));
  return exposition;
}

TEST(ExpositionTest, NothingIsNothing) { EXPECT_EQ(MetricRegistry().Expose(), ""); }

TEST(ExpositionTest, AnyLabelValueSurvives) {
  MetricRegistry metrics(TenantName("a \"tenant\""));
  const std::vector<std::string> values = {"plain", "", "a\"b", "a\\b", "a\nb", "a{b=\"c\"} 7", "ü ›", "\\n", "a,b"};
  for (size_t i = 0; i < values.size(); ++i) metrics.GaugeOf<Metric::kStaleness>(values[i]).Set(double(i));
  std::map<std::string, double> read;
  for (const Series& series : Read(metrics.Expose()).series) {
    EXPECT_EQ(series.labels.at("tenant"), "a \"tenant\"");
    read[series.labels.at("source")] = series.value;
  }
  ASSERT_EQ(read.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(read.at(values[i]), double(i)) << values[i];
}

TEST(ExpositionTest, EverySeriesHasATypeAndAHelpAndStandsOnce) {
  MetricRegistry metrics;
  metrics.CounterOf<Metric::kStageRetries>("deid", "timeout").Add(1);
  metrics.CounterOf<Metric::kStageRetries>("chunk", "timeout").Add(2);
  metrics.GaugeOf<Metric::kStaleness>("policies").Set(1);
  metrics.HistogramOf<Metric::kSearchable>("policies", "insert").Record(3ms);
  const Exposition exposition = Read(metrics.Expose());
  std::set<std::pair<std::string, std::map<std::string, std::string>>> seen;
  for (const Series& series : exposition.series) {
    const std::string family = std::regex_replace(series.name, std::regex("(_bucket|_sum|_count)$"), "");
    EXPECT_TRUE(exposition.types.contains(family)) << series.name;
    EXPECT_TRUE(exposition.helps.contains(family)) << series.name;
    EXPECT_TRUE(seen.emplace(series.name, series.labels).second) << series.name;
  }
  EXPECT_EQ(exposition.types.at("freshet_stage_retries_total"), "counter");
  EXPECT_EQ(exposition.types.at("freshet_searchable_seconds"), "histogram");
}

TEST(ExpositionTest, BucketsRiseToTheCountAndCountWhatTheySay) {
  MetricRegistry metrics;
  LatencyHistogram& histogram = metrics.HistogramOf<Metric::kSearchable>("policies", "insert");
  std::mt19937_64 random(17);
  std::vector<double> seconds;
  for (int i = 0; i < 3'000; ++i) {
    const Duration latency(static_cast<int64_t>(std::exp(std::uniform_real_distribution(0.0, 26.0)(random))));
    histogram.Record(latency);
    seconds.push_back(static_cast<double>(latency.count()) / 1e6);
  }
  double last = 0, count = 0;
  for (const Series& series : Read(metrics.Expose()).series) {
    if (series.name.ends_with("_count")) count = series.value;
    if (!series.name.ends_with("_bucket")) continue;
    const std::string& limit = series.labels.at("le");
    const double upper = limit == "+Inf" ? INFINITY : std::stod(limit);
    const auto counted = std::count_if(seconds.begin(), seconds.end(), [&](double s) { return s <= upper; });
    EXPECT_EQ(series.value, counted) << "le=" << limit;
    EXPECT_GE(series.value, last);
    last = series.value;
  }
  EXPECT_EQ(count, 3'000);
  EXPECT_EQ(last, count);
}

TEST(ExpositionTest, LargeCountsAreExact) {
  MetricRegistry metrics;
  metrics.CounterOf<Metric::kDeadLetters>("deid", "binary_content").Add(9'007'199'254'740'991);  // 2^53 - 1
  EXPECT_EQ(Read(metrics.Expose()).series.at(0).value, 9'007'199'254'740'991.0);
}

}  // namespace
}  // namespace freshet

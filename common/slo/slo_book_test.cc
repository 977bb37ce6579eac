// The book of SLOs: from a registry's histograms to states, over restarts of the process.
#include "common/slo/slo_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/crash_fs.h"

namespace freshet::slo {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using ::testing::HasSubstr;

const SourceName kPolicies("policies");
constexpr Staleness kFresh{.content = 0ms, .access = 0ms};

class SloBookTest : public ::testing::Test {
 protected:
  SloBookTest() { Start(); }

  // A new life of the process: histograms begin at 0, the history does not.
  void Start() {
    book_.reset();
    metrics_ = std::make_unique<MetricRegistry>(TenantName("general-hospital"));
    auto history = LatencyHistory::Open({.path = "/freshness", .env = disk_.env()});
    ASSERT_TRUE(history.ok()) << history.status().ToString();
    const Slo searchable{.name = "searchable",
                         .target = 1s,
                         .objective = 0.9,
                         .window = days(30),
                         .operations = {"insert", "update"},
                         .of_content = true};
    const Slo revoked{
        .name = "revoked", .target = 100ms, .objective = 0.99, .window = 1h, .operations = {"delete", "access"}};
    book_ = std::make_unique<SloBook>(
        std::vector<SourcePromises>{{kPolicies, {searchable, revoked}}, {SourceName("notes"), {}}}, std::move(*history),
        metrics_.get(), clock_);
  }
  void Record(std::string_view operation, Duration latency, int times = 1) {
    for (int i = 0; i < times; ++i) {
      metrics_->HistogramOf<Metric::kPromised>(kPolicies.value, operation).Record(latency);
      metrics_->HistogramOf<Metric::kSearchable>(kPolicies.value, operation).Record(latency);
    }
  }
  void Roll() {
    const Status rolled = book_->Roll();
    ASSERT_TRUE(rolled.ok()) << rolled.ToString();
  }
  SloReport Report(size_t slo = 0) {
    Roll();
    return book_->Reports(kPolicies, kFresh).at(slo);
  }

  test::CrashDisk disk_{1};
  ManualClock clock_{Time(days(20'000))};
  std::unique_ptr<MetricRegistry> metrics_;
  std::unique_ptr<SloBook> book_;
};

TEST_F(SloBookTest, AnEventIsCountedOnceHoweverOftenItRolls) {
  Record("insert", 10ms, 5);
  Roll();
  Roll();
  Record("update", 2s, 2);
  EXPECT_EQ(Report().events, (Events{5, 2}));
  EXPECT_EQ(Report().events, (Events{5, 2}));
}

TEST_F(SloBookTest, ARestartKeepsTheWindowAndAddsToIt) {
  Record("insert", 10ms, 95);
  Record("insert", 2s, 5);
  EXPECT_EQ(Report().events, (Events{95, 5}));
  Start();
  EXPECT_EQ(Report().events, (Events{95, 5}));
  EXPECT_NEAR(Report().budget_left, 0.5, 1e-9);
  EXPECT_EQ(book_->Latencies(kPolicies, "searchable/insert").count(), 100u);
  Record("insert", 2s, 10);
  EXPECT_EQ(Report().events, (Events{95, 15}));
  EXPECT_EQ(Report().state, SloState::kViolated);
}

TEST_F(SloBookTest, TheWindowMovesOn) {
  Record("delete", 1s, 3);
  EXPECT_EQ(Report(1).state, SloState::kViolated);
  clock_.Advance(62min);
  EXPECT_EQ(Report(1).state, SloState::kMet);
  EXPECT_EQ(Report(1).events, (Events{0, 0}));
}

TEST_F(SloBookTest, SkipsAreBadEvents) {
  Record("insert", 10ms, 8);
  metrics_->CounterOf<Metric::kPromisedSkips>(kPolicies.value).Add(2);
  EXPECT_EQ(Report().events, (Events{8, 2}));
  EXPECT_EQ(Report().skips, 2u);
  EXPECT_EQ(Report(1).events, (Events{0, 0}));
}

TEST_F(SloBookTest, SourcesThatPromiseNothingHaveLatenciesAllTheSame) {
  metrics_->HistogramOf<Metric::kSearchable>("notes", "insert").Record(5ms);
  Roll();
  EXPECT_TRUE(book_->Reports(SourceName("notes"), kFresh).empty());
  EXPECT_EQ(book_->Latencies(SourceName("notes"), "searchable/insert").Quantile(1), Duration(5ms));
  EXPECT_EQ(book_->Minutes(SourceName("notes"), "searchable/insert", 2).at(1).count(), 1u);
}

TEST_F(SloBookTest, MetricsSayWhatTheReportSays) {
  Record("insert", 10ms, 9);
  Record("insert", 2s, 1);
  Roll();
  const auto handle = metrics_->OnCollect(
      [&](MetricSamples& samples) { book_->Collect(samples, [](const SourceName&) { return kFresh; }); });
  const std::string text = metrics_->Expose();
  const std::string labels = R"({tenant="general-hospital",source="policies",slo="searchable")";
  for (const char* line : {"freshet_slo_objective_ratio", "freshet_slo_target_seconds", "freshet_slo_state",
                           "freshet_slo_budget_left_ratio"}) {
    EXPECT_THAT(text, HasSubstr(line + labels + "} "));
  }
  EXPECT_THAT(text, HasSubstr("freshet_slo_events_total" + labels + R"(,outcome="good"} 9)"));
  EXPECT_THAT(text, HasSubstr("freshet_slo_events_total" + labels + R"(,outcome="bad"} 1)"));
  EXPECT_THAT(text, HasSubstr("freshet_slo_burn_rate" + labels + R"(,window="fast"} 1)"));
}

TEST_F(SloBookTest, AFullDiskLosesNothingThatIsCounted) {
  Record("insert", 10ms, 3);
  Roll();
  disk_.volume().SetCapacity(1);
  Record("insert", 10ms, 4);
  EXPECT_EQ(book_->Roll().code(), Code::kDiskFull);
  EXPECT_EQ(book_->Reports(kPolicies, kFresh).at(0).events, (Events{3, 0}));
  disk_.volume().SetCapacity(1ull << 40);
  EXPECT_EQ(Report().events, (Events{7, 0}));
}

}  // namespace
}  // namespace freshet::slo

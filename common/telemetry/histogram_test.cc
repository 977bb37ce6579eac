#include "common/telemetry/histogram.h"

#include <gtest/gtest.h>

#include <random>
#include <thread>

namespace freshet {
namespace {

using namespace std::chrono_literals;

TEST(HistogramTest, BucketsAreInOrderAndHoldWhatTheySay) {
  for (uint32_t bucket = 1; bucket + 1 < kLatencyBuckets; ++bucket) {
    const Duration begin = LatencyBucketEnd(bucket - 1);
    const Duration end = LatencyBucketEnd(bucket);
    ASSERT_LT(begin, end) << bucket;
    ASSERT_EQ(LatencyBucketOf(end), bucket);
    ASSERT_EQ(LatencyBucketOf(begin + Duration(1)), bucket);
  }
  EXPECT_EQ(LatencyBucketOf(Duration::max()), kLatencyBuckets - 1);
  EXPECT_EQ(LatencyBucketEnd(kLatencyBuckets - 1), LatencyBucketEnd(kLatencyBuckets - 2));
}

TEST(HistogramTest, EveryMillisecondUpToTenSecondsIsExact) {
  for (int millis = 0; millis <= 10'000; ++millis) {
    LatencyCounts counts;
    counts.Add(std::chrono::milliseconds(millis));
    ASSERT_EQ(counts.Quantile(0.5), std::chrono::milliseconds(millis));
  }
}

TEST(HistogramTest, BeyondTenSecondsTheErrorIsBelowOnePercentAndNeverFlatters) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100'000; ++i) {
    const Duration latency(std::uniform_int_distribution<int64_t>(10'000'001, 20ll * 365 * 86'400 * 1'000'000)(random));
    const Duration told = LatencyBucketEnd(LatencyBucketOf(latency));
    ASSERT_GE(told, latency);
    ASSERT_LE(static_cast<double>((told - latency).count()), 0.01 * static_cast<double>(latency.count()));
  }
}

TEST(HistogramTest, QuantilesAgreeWithSortedLatencies) {
  std::mt19937_64 random(11);
  LatencyCounts counts;
  std::vector<int64_t> millis;
  std::lognormal_distribution<double> distribution(3.0, 1.2);
  for (int i = 0; i < 5'000; ++i) {
    millis.push_back(std::min<int64_t>(10'000, static_cast<int64_t>(distribution(random))));
    counts.Add(std::chrono::milliseconds(millis.back()));
  }
  std::sort(millis.begin(), millis.end());
  for (const double p : {0.001, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<size_t>(std::ceil(p * 5'000)) - 1;
    EXPECT_EQ(counts.Quantile(p), std::chrono::milliseconds(millis[rank])) << p;
  }
  EXPECT_EQ(counts.Quantile(0), std::chrono::milliseconds(millis[0]));
  EXPECT_EQ(counts.Quantile(7), std::chrono::milliseconds(millis.back()));
}

TEST(HistogramTest, NothingRecordedHasNoQuantile) {
  EXPECT_EQ(LatencyCounts().Quantile(0.5), std::nullopt);
  EXPECT_EQ(LatencyCounts().CountUpTo(1s), 0u);
  EXPECT_TRUE(LatencyCounts().empty());
}

TEST(HistogramTest, ANegativeLatencyIsZeroAndSkewed) {
  LatencyHistogram histogram;
  histogram.Record(-5ms);
  histogram.Record(5ms);
  const LatencyCounts counts = histogram.Snapshot();
  EXPECT_EQ(counts.count(), 2u);
  EXPECT_EQ(counts.skewed(), 1u);
  EXPECT_EQ(counts.sum_micros(), 5'000);
  EXPECT_EQ(counts.Quantile(0.5), 0ms);
  LatencyCounts plain;
  plain.Add(-5ms);
  plain.Add(5ms);
  EXPECT_EQ(plain, counts);
}

TEST(HistogramTest, CountUpToIsWhatPrometheusBucketsAre) {
  LatencyCounts counts;
  for (const Duration latency : {Duration(1ms), Duration(2ms), Duration(2001us), Duration(24h), Duration::max()}) {
    counts.Add(latency, 1);
  }
  EXPECT_EQ(counts.CountUpTo(1ms), 1u);
  EXPECT_EQ(counts.CountUpTo(2ms), 2u);
  EXPECT_EQ(counts.CountUpTo(3ms), 3u);
  EXPECT_EQ(counts.CountUpTo(24h), 4u);
  EXPECT_EQ(counts.CountUpTo(Duration::max()), 4u) << "what is beyond every bucket is below no limit";
}

TEST(HistogramTest, DocumentsOfDecadesAgoDoNotOverflowTheSum) {
  LatencyHistogram histogram;
  for (int i = 0; i < 10; ++i) histogram.Record(Duration::max());
  LatencyCounts counts = histogram.Snapshot();
  EXPECT_GT(counts.sum_micros(), 9e19);
  counts.Merge(counts);
  counts.Add(Duration::max(), 1'000'000);
  EXPECT_EQ(counts.count(), 1'000'020u);
  EXPECT_EQ(*LatencyCounts::Parse(counts.Serialize()), counts);
}

TEST(HistogramTest, MergeIsAsIfAllWereRecordedInOne) {
  std::mt19937_64 random(3);
  LatencyCounts one, a, b;
  for (int i = 0; i < 2'000; ++i) {
    const Duration latency(static_cast<int64_t>(random() % 50'000'000) - 1'000);
    one.Add(latency);
    (i % 3 == 0 ? a : b).Add(latency);
  }
  a.Merge(b);
  EXPECT_EQ(a, one);
  a.Merge(LatencyCounts());
  EXPECT_EQ(a, one);
}

TEST(HistogramTest, AWindowIsWhatCameAfterItsBegin) {
  LatencyCounts all, late;
  for (int i = 0; i < 100; ++i) all.Add(1ms);
  const LatencyCounts begin = all;
  for (int i = 0; i < 50; ++i) {
    all.Add(9ms);
    late.Add(9ms);
  }
  all.Add(-1ms);
  late.Add(-1ms);
  EXPECT_EQ(all.Since(begin), late);
  EXPECT_EQ(all.Since(LatencyCounts()), all);
}

TEST(HistogramTest, AWindowNeverFallsBelowZero) {
  LatencyCounts before_restart, after;
  before_restart.Add(1ms, 100);
  before_restart.Add(-1ms, 3);
  after.Add(1ms, 2);
  after.Add(7ms, 1);
  const LatencyCounts window = after.Since(before_restart);
  EXPECT_EQ(window.count(), 1u);
  EXPECT_EQ(window.sum_micros(), 0);
  EXPECT_EQ(window.skewed(), 0u);
}

TEST(HistogramTest, StoredAndReadBackIsTheSame) {
  LatencyCounts counts;
  EXPECT_EQ(*LatencyCounts::Parse(counts.Serialize()), counts);
  counts.Add(0ms);
  counts.Add(3ms, 1'000'000);
  counts.Add(-2ms);
  counts.Add(40h, 7);
  counts.Add(std::chrono::years(100), 2);
  const Result<LatencyCounts> read = LatencyCounts::Parse(counts.Serialize());
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, counts);
  EXPECT_LT(counts.Serialize().size(), 40u);
}

// The stored form is read by later releases: these bytes stay readable for ever.
TEST(HistogramTest, TheStoredFormIsFixed) {
  LatencyCounts counts;
  counts.Add(3ms, 300);
  counts.Add(-2ms);
  const std::string expected("\x01\x01\x00\x00\x00\x00\x40\x77\x2b\x41\x02\x00\x01\x1e\xac\x02", 16);
  EXPECT_EQ(counts.Serialize(), expected);
  EXPECT_EQ(*LatencyCounts::Parse(expected), counts);
}

TEST(HistogramTest, ASumThatIsNoneIsRefused) {
  for (const double sum : {-1.0, std::nan(""), double(INFINITY)}) {
    std::string bytes("\x01\x00", 2);
    bytes.append(reinterpret_cast<const char*>(&sum), sizeof sum).append(1, '\x00');
    EXPECT_EQ(LatencyCounts::Parse(bytes).code(), Code::kCorruptRecord) << sum;
  }
}

TEST(HistogramTest, WindowsOfASlidingHourAreWhatWasRecordedInIt) {
  std::mt19937_64 random(29);
  LatencyHistogram histogram;
  std::vector<LatencyCounts> snapshots = {histogram.Snapshot()};
  std::vector<std::vector<Duration>> minutes;
  for (int minute = 0; minute < 90; ++minute) {
    std::vector<Duration>& recorded = minutes.emplace_back();
    for (size_t n = random() % 20; n > 0; --n) recorded.emplace_back(static_cast<int64_t>(random() % 30'000'000));
    for (const Duration latency : recorded) histogram.Record(latency);
    snapshots.push_back(histogram.Snapshot());
  }
  for (size_t end = 60; end <= 90; ++end) {
    LatencyCounts expected;
    for (size_t minute = end - 60; minute < end; ++minute) {
      for (const Duration latency : minutes[minute]) expected.Add(latency);
    }
    ASSERT_EQ(snapshots[end].Since(snapshots[end - 60]), expected) << end;
  }
}

TEST(HistogramTest, DamagedBytesAreAnErrorNeverACrash) {
  LatencyCounts counts;
  for (int i = 0; i < 40; ++i) counts.Add(std::chrono::milliseconds(i * i));
  const std::string bytes = counts.Serialize();
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_EQ(LatencyCounts::Parse(bytes.substr(0, length)).code(), Code::kCorruptRecord) << length;
  }
  EXPECT_EQ(LatencyCounts::Parse(bytes + "x").code(), Code::kCorruptRecord);
  std::mt19937_64 random(5);
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = bytes;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    const Result<LatencyCounts> read = LatencyCounts::Parse(damaged);
    if (read.ok()) {
      EXPECT_EQ(LatencyCounts::Parse(read->Serialize()).code(), Code::kOk);
    }
  }
}

TEST(HistogramTest, ThreadsLoseNothing) {
  LatencyHistogram histogram;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&histogram, t] {
      for (int i = 0; i < 20'000; ++i) histogram.Record(std::chrono::microseconds((i % 977) * 1'000 + t));
    });
  }
  for (int i = 0; i < 20; ++i) EXPECT_LE(histogram.Snapshot().count(), 80'000u);
  for (std::thread& thread : threads) thread.join();
  LatencyCounts expected;
  for (int t = 0; t < 4; ++t) {
    for (int i = 0; i < 20'000; ++i) expected.Add(std::chrono::microseconds((i % 977) * 1'000 + t));
  }
  EXPECT_EQ(histogram.Snapshot(), expected);
}

}  // namespace
}  // namespace freshet

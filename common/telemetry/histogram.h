// Latency histograms: exact to the millisecond up to 10 s, within 1 % up to 20 years; mergeable, storable.
//
//   LatencyHistogram searchable;                    // shared by threads
//   searchable.Record(clock.Now() - origin.committed);
//   LatencyCounts now = searchable.Snapshot();
//   now.Since(an_hour_ago).Quantile(0.95)           // 12.3 ms
//
// Buckets are (low, high], and a quantile is the `high` of the bucket that it falls into: never flattering.
//   0 | 0.1 ms steps to 20 ms | 1 ms steps to 10 s | 128 steps an octave to 10 s · 2^26 | what is beyond
// A negative latency, which only clocks that differ can make, counts as 0 and as skewed.
// LatencyHistogram: any thread, lock-free (three relaxed additions). LatencyCounts: a plain value.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.h"

namespace freshet {

inline constexpr uint32_t kLatencyBuckets = 1 + 200 + 9980 + 26 * 128 + 1;

// The bucket of a latency, and the largest latency of a bucket.
uint32_t LatencyBucketOf(Duration latency);
Duration LatencyBucketEnd(uint32_t bucket);

class LatencyCounts {
 public:
  void Add(Duration latency, uint64_t times = 1);
  void Merge(const LatencyCounts& other);
  // What was recorded after `earlier`, a snapshot of the same histogram. Where `earlier` is not older (a process began
  // anew) no count goes below 0.
  LatencyCounts Since(const LatencyCounts& earlier) const;

  // The smallest bucket end that a share `p` (0 to 1) of all latencies does not exceed; nothing where none was
  // recorded.
  std::optional<Duration> Quantile(double p) const;
  // How many were at most this long: exact where `limit` is an end of a bucket, else those of the buckets below it.
  uint64_t CountUpTo(Duration limit) const;
  uint64_t count() const { return count_; }
  double sum_micros() const { return sum_; }
  uint64_t skewed() const { return skewed_; }
  bool empty() const { return count_ == 0; }

  // format(1 byte = 1) skewed sum(8) buckets (distance count)*
  // Numbers are LEB128, the sum is a little-endian IEEE 754 double; distance: from the bucket before.
  std::string Serialize() const;
  static Result<LatencyCounts> Parse(std::string_view bytes);  // corrupt_record

  bool operator==(const LatencyCounts&) const = default;

 private:
  friend class LatencyHistogram;
  void Put(uint32_t bucket, uint64_t times);

  std::vector<std::pair<uint32_t, uint64_t>> buckets_;  // by bucket, no count of 0
  uint64_t count_ = 0;
  uint64_t skewed_ = 0;
  double sum_ = 0;  // microseconds: whole and exact to 285 years in all, and no overflow beyond
};

class LatencyHistogram {
 public:
  LatencyHistogram() = default;
  // Whether it records at all; one that does not costs a comparison.
  explicit LatencyHistogram(bool records) : records_(records) {}
  ~LatencyHistogram();
  LatencyHistogram(const LatencyHistogram&) = delete;
  LatencyHistogram& operator=(const LatencyHistogram&) = delete;

  void Record(Duration latency);
  // Taken while others record: each record is in it or not, its sum may be ahead of its count by those in between.
  LatencyCounts Snapshot() const;

 private:
  // Most histograms use a few of them: the whole would be 108 kB each.
  static constexpr uint32_t kSegmentBuckets = 256;
  static constexpr uint32_t kSegments = (kLatencyBuckets + kSegmentBuckets - 1) / kSegmentBuckets;
  using Segment = std::array<std::atomic<uint64_t>, kSegmentBuckets>;

  Segment& SegmentOf(uint32_t index);

  const bool records_ = true;
  std::array<std::atomic<Segment*>, kSegments> segments_{};
  std::atomic<double> sum_{0};
  std::atomic<uint64_t> skewed_{0};
};

}  // namespace freshet

#include "common/telemetry/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace freshet {
namespace {

constexpr int64_t kFineStep = 100;    // microseconds
constexpr int64_t kFineEnd = 20'000;  // 20 ms
constexpr int64_t kMilli = 1'000;
constexpr int64_t kMilliEnd = 10'000'000;  // 10 s
constexpr int64_t kStepsAnOctave = 128;
constexpr int64_t kOctaves = 26;
constexpr uint32_t kFirstMilli = kFineEnd / kFineStep;                            // bucket 200 ends at 20 ms
constexpr uint32_t kFirstOctave = kFirstMilli + (kMilliEnd - kFineEnd) / kMilli;  // bucket 10,180 ends at 10 s
constexpr uint32_t kBeyond = kLatencyBuckets - 1;
static_assert(kFirstOctave + kOctaves * kStepsAnOctave + 1 == kBeyond);

constexpr int64_t DivideUp(int64_t number, int64_t by) { return (number + by - 1) / by; }

void AppendNumber(std::string& out, uint64_t number) {
  for (; number >= 0x80; number >>= 7) out.push_back(static_cast<char>(number | 0x80));
  out.push_back(static_cast<char>(number));
}

bool ReadNumber(std::string_view& bytes, uint64_t& out) {
  out = 0;
  for (int shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    out |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return shift < 63 || byte <= 1;
  }
  return false;
}

bool ReadSum(std::string_view& bytes, double& out) {
  if (bytes.size() < 8) return false;
  uint64_t bits = 0;
  for (int i = 7; i >= 0; --i) bits = bits << 8 | static_cast<uint8_t>(bytes[static_cast<size_t>(i)]);
  bytes.remove_prefix(8);
  out = std::bit_cast<double>(bits);
  return std::isfinite(out) && out >= 0;
}

double MicrosOf(Duration latency) { return static_cast<double>(std::max(latency, Duration(0)).count()); }

uint64_t Less(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

}  // namespace

uint32_t LatencyBucketOf(Duration latency) {
  const int64_t micros = latency.count();
  if (micros <= 0) return 0;
  if (micros <= kFineEnd) return static_cast<uint32_t>(DivideUp(micros, kFineStep));
  if (micros <= kMilliEnd) return kFirstMilli + static_cast<uint32_t>(DivideUp(micros - kFineEnd, kMilli));
  int64_t begin = kMilliEnd;
  for (uint32_t octave = 0; octave < kOctaves; ++octave, begin *= 2) {
    if (micros > 2 * begin) continue;
    return kFirstOctave + octave * kStepsAnOctave +
           static_cast<uint32_t>(DivideUp(micros - begin, begin / kStepsAnOctave));
  }
  return kBeyond;
}

Duration LatencyBucketEnd(uint32_t bucket) {
  if (bucket <= kFirstMilli) return Duration(bucket * kFineStep);
  if (bucket <= kFirstOctave) return Duration(kFineEnd + (bucket - kFirstMilli) * kMilli);
  const int64_t steps = std::min<int64_t>(bucket - kFirstOctave, kOctaves * kStepsAnOctave) - 1;
  const int64_t begin = kMilliEnd << (steps / kStepsAnOctave);
  return Duration(begin + (steps % kStepsAnOctave + 1) * (begin / kStepsAnOctave));
}

void LatencyCounts::Put(uint32_t bucket, uint64_t times) {
  if (times == 0) return;
  const auto at = std::lower_bound(buckets_.begin(), buckets_.end(), std::pair<uint32_t, uint64_t>(bucket, 0));
  if (at != buckets_.end() && at->first == bucket) {
    at->second += times;
  } else {
    buckets_.insert(at, {bucket, times});
  }
  count_ += times;
}

void LatencyCounts::Add(Duration latency, uint64_t times) {
  Put(LatencyBucketOf(latency), times);
  if (latency < Duration(0)) skewed_ += times;
  sum_ += MicrosOf(latency) * static_cast<double>(times);
}

void LatencyCounts::Merge(const LatencyCounts& other) {
  std::vector<std::pair<uint32_t, uint64_t>> merged;
  merged.reserve(buckets_.size() + other.buckets_.size());
  auto a = buckets_.cbegin();
  auto b = other.buckets_.cbegin();
  while (a != buckets_.cend() || b != other.buckets_.cend()) {
    if (b == other.buckets_.cend() || (a != buckets_.cend() && a->first < b->first)) {
      merged.push_back(*a++);
    } else if (a == buckets_.cend() || b->first < a->first) {
      merged.push_back(*b++);
    } else {
      merged.emplace_back(a->first, a->second + b->second);
      ++a;
      ++b;
    }
  }
  buckets_ = std::move(merged);
  count_ += other.count_;
  skewed_ += other.skewed_;
  sum_ += other.sum_;
}

LatencyCounts LatencyCounts::Since(const LatencyCounts& earlier) const {
  LatencyCounts since;
  auto before = earlier.buckets_.cbegin();
  for (const auto& [bucket, times] : buckets_) {
    while (before != earlier.buckets_.cend() && before->first < bucket) ++before;
    const bool same = before != earlier.buckets_.cend() && before->first == bucket;
    since.Put(bucket, Less(times, same ? before->second : 0));
  }
  since.skewed_ = Less(skewed_, earlier.skewed_);
  since.sum_ = std::max(sum_ - earlier.sum_, 0.0);
  return since;
}

std::optional<Duration> LatencyCounts::Quantile(double p) const {
  if (count_ == 0) return std::nullopt;
  const double rank = std::ceil(std::clamp(p, 0.0, 1.0) * static_cast<double>(count_));
  const uint64_t wanted = std::clamp<uint64_t>(static_cast<uint64_t>(rank), 1, count_);
  uint64_t passed = 0;
  for (const auto& [bucket, times] : buckets_) {
    passed += times;
    if (passed >= wanted) return LatencyBucketEnd(bucket);
  }
  return LatencyBucketEnd(buckets_.back().first);
}

uint64_t LatencyCounts::CountUpTo(Duration limit) const {
  uint64_t passed = 0;
  for (const auto& [bucket, times] : buckets_) {
    if (bucket == kBeyond || LatencyBucketEnd(bucket) > limit) break;
    passed += times;
  }
  return passed;
}

std::string LatencyCounts::Serialize() const {
  std::string bytes(1, '\x01');
  AppendNumber(bytes, skewed_);
  const uint64_t sum_bits = std::bit_cast<uint64_t>(sum_);
  for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(sum_bits >> shift));
  AppendNumber(bytes, buckets_.size());
  uint32_t last = 0;
  for (const auto& [bucket, times] : buckets_) {
    AppendNumber(bytes, bucket - last);
    AppendNumber(bytes, times);
    last = bucket;
  }
  return bytes;
}

Result<LatencyCounts> LatencyCounts::Parse(std::string_view bytes) {
  const Status corrupt(Code::kCorruptRecord, "not a latency histogram");
  LatencyCounts counts;
  uint64_t buckets = 0, bucket = 0;
  if (bytes.empty() || bytes.front() != '\x01') return corrupt;
  bytes.remove_prefix(1);
  if (!ReadNumber(bytes, counts.skewed_) || !ReadSum(bytes, counts.sum_) || !ReadNumber(bytes, buckets)) return corrupt;
  if (buckets > kLatencyBuckets) return corrupt;
  for (uint64_t i = 0; i < buckets; ++i) {
    uint64_t distance = 0, times = 0;
    if (!ReadNumber(bytes, distance) || !ReadNumber(bytes, times)) return corrupt;
    if (times == 0 || distance >= kLatencyBuckets - bucket || (i > 0 && distance == 0)) return corrupt;
    bucket += distance;
    counts.buckets_.emplace_back(static_cast<uint32_t>(bucket), times);
    if (__builtin_add_overflow(counts.count_, times, &counts.count_)) return corrupt;
  }
  if (!bytes.empty() || counts.skewed_ > counts.count_) return corrupt;
  return counts;
}

LatencyHistogram::~LatencyHistogram() {
  for (auto& segment : segments_) std::unique_ptr<Segment>(segment.load());
}

LatencyHistogram::Segment& LatencyHistogram::SegmentOf(uint32_t index) {
  std::atomic<Segment*>& place = segments_[index];
  Segment* segment = place.load(std::memory_order_acquire);
  if (segment != nullptr) return *segment;
  auto fresh = std::make_unique<Segment>();
  // Another thread may have been first; then its segment stays and ours goes.
  if (place.compare_exchange_strong(segment, fresh.get(), std::memory_order_acq_rel)) segment = fresh.release();
  return *segment;
}

void LatencyHistogram::Record(Duration latency) {
  if (!records_) return;
  if (latency < Duration(0)) {
    skewed_.fetch_add(1, std::memory_order_relaxed);
    latency = Duration(0);
  }
  sum_.fetch_add(MicrosOf(latency), std::memory_order_relaxed);
  const uint32_t bucket = LatencyBucketOf(latency);
  SegmentOf(bucket / kSegmentBuckets)[bucket % kSegmentBuckets].fetch_add(1, std::memory_order_relaxed);
}

LatencyCounts LatencyHistogram::Snapshot() const {
  LatencyCounts counts;
  for (uint32_t i = 0; i < kSegments; ++i) {
    const Segment* const segment = segments_[i].load(std::memory_order_acquire);
    if (segment == nullptr) continue;
    for (uint32_t j = 0; j < kSegmentBuckets; ++j) {
      const uint64_t times = (*segment)[j].load(std::memory_order_relaxed);
      if (times == 0) continue;
      counts.buckets_.emplace_back(i * kSegmentBuckets + j, times);
      counts.count_ += times;
    }
  }
  counts.sum_ = sum_.load(std::memory_order_relaxed);
  counts.skewed_ = std::min(skewed_.load(std::memory_order_relaxed), counts.count_);
  return counts;
}

}  // namespace freshet

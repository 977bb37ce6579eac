// MetricRegistry: the values behind the metric table, and the text that Prometheus scrapes.
//
//   MetricRegistry metrics(TenantName("general-hospital"));
//   Counter& retries = metrics.CounterOf<Metric::kStageRetries>("deid", NameOf(code));   // keep it: finding it locks
//   retries.Add(1);
//   auto handle = metrics.OnCollect([&](MetricSamples& out) {      // stored progress, read when scraped
//     out.Set<Metric::kStageInputs>(double(accounts.in), "deid", "live");
//   });
//   response.set_content(metrics.Expose(), kMetricsContentType);
//
// A wrong type or number of labels does not compile. A metric has at most 1,000 series: what would be more is counted
// under the label values "other", so that memory stays bounded. Any thread; what CounterOf, GaugeOf and HistogramOf
// return lives as long as the registry and is lock-free.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/telemetry/histogram.h"
#include "common/telemetry/metric_table.h"

namespace freshet {

inline constexpr const char* kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

class Counter {
 public:
  explicit Counter(bool records = true) : records_(records) {}
  void Add(uint64_t more) {
    if (records_) value_.fetch_add(more, std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  const bool records_;
  std::atomic<uint64_t> value_{0};
};

class Gauge {
 public:
  explicit Gauge(bool records = true) : records_(records) {}
  void Set(double value) {
    if (records_) value_.store(value, std::memory_order_relaxed);
  }
  void Add(double more) {
    if (records_) value_.fetch_add(more, std::memory_order_relaxed);
  }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  const bool records_;
  std::atomic<double> value_{0};
};

// kOff: nothing is counted and /metrics is empty, to measure what counting costs.
enum class Recording : uint8_t { kOn, kOff };

using LabelValues = std::vector<std::string>;

// What one scrape gathers, by metric and label values.
class MetricSamples {
 public:
  // A counter's or a gauge's value now. Counters of the same labels add up, of gauges the last stands.
  template <Metric kMetric, class... Labels>
  void Set(double value, const Labels&... labels) {
    static_assert(RowOf(kMetric).type != MetricType::kHistogram, "this metric is a histogram: use SetHistogram");
    static_assert(RowOf(kMetric).label_count == sizeof...(Labels), "as many label values as the table has labels");
    Put(kMetric, {std::string(labels)...}, value);
  }
  template <Metric kMetric, class... Labels>
  void SetHistogram(const LatencyCounts& counts, const Labels&... labels) {
    static_assert(RowOf(kMetric).type == MetricType::kHistogram, "this metric is no histogram");
    static_assert(RowOf(kMetric).label_count == sizeof...(Labels), "as many label values as the table has labels");
    Put(kMetric, {std::string(labels)...}, counts);
  }

 private:
  friend class MetricRegistry;
  void Put(Metric metric, LabelValues labels, double value);
  void Put(Metric metric, LabelValues labels, const LatencyCounts& counts);

  std::map<Metric, std::map<LabelValues, double>> values_;
  std::map<Metric, std::map<LabelValues, LatencyCounts>> histograms_;
};

class MetricRegistry {
 public:
  using Collect = std::function<void(MetricSamples&)>;
  // Unregisters when it goes; waits for a scrape that is under way, so do not let it go from within the callback. Must
  // not outlive the registry.
  class CollectHandle;

  // Every series gets the label tenant, where one is given.
  explicit MetricRegistry(TenantName tenant = {}, Recording recording = Recording::kOn)
      : tenant_(std::move(tenant)), recording_(recording) {}

  bool records() const { return recording_ == Recording::kOn; }

  template <Metric kMetric, class... Labels>
  Counter& CounterOf(const Labels&... labels) {
    CheckUse<kMetric, MetricType::kCounter, sizeof...(Labels)>();
    if (!records()) return no_counter_;
    return FindOrMake(counters_, kMetric, {std::string(labels)...});
  }
  template <Metric kMetric, class... Labels>
  Gauge& GaugeOf(const Labels&... labels) {
    CheckUse<kMetric, MetricType::kGauge, sizeof...(Labels)>();
    if (!records()) return no_gauge_;
    return FindOrMake(gauges_, kMetric, {std::string(labels)...});
  }
  template <Metric kMetric, class... Labels>
  LatencyHistogram& HistogramOf(const Labels&... labels) {
    CheckUse<kMetric, MetricType::kHistogram, sizeof...(Labels)>();
    if (!records()) return no_histogram_;
    return FindOrMake(histograms_, kMetric, {std::string(labels)...});
  }

  [[nodiscard]] CollectHandle OnCollect(Collect collect);

  // Prometheus text format 0.0.4.
  std::string Expose() const;

 private:
  template <class Cell>
  using Family = std::map<Metric, std::map<LabelValues, std::unique_ptr<Cell>>>;

  template <Metric kMetric, MetricType kType, size_t kLabels>
  static constexpr void CheckUse() {
    static_assert(RowOf(kMetric).type == kType, "the metric table gives this metric another type");
    static_assert(RowOf(kMetric).label_count == kLabels, "as many label values as the table has labels");
  }
  template <class Cell>
  Cell& FindOrMake(Family<Cell>& family, Metric metric, LabelValues labels);
  void Forget(uint64_t id);
  MetricSamples Gather() const;

  const TenantName tenant_;
  const Recording recording_;
  Counter no_counter_{false};
  Gauge no_gauge_{false};
  LatencyHistogram no_histogram_{false};
  mutable std::mutex mutex_;  // of the families
  Family<Counter> counters_;
  Family<Gauge> gauges_;
  Family<LatencyHistogram> histograms_;
  mutable std::mutex collect_mutex_;  // of the callbacks, held while they run
  std::map<uint64_t, Collect> collects_;
  uint64_t next_collect_ = 0;
};

class MetricRegistry::CollectHandle {
 public:
  CollectHandle() = default;
  CollectHandle(CollectHandle&& other) noexcept : registry_(std::exchange(other.registry_, nullptr)), id_(other.id_) {}
  CollectHandle& operator=(CollectHandle&& other) noexcept {
    std::swap(registry_, other.registry_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~CollectHandle() {
    if (registry_ != nullptr) registry_->Forget(id_);
  }

 private:
  friend class MetricRegistry;
  CollectHandle(MetricRegistry* registry, uint64_t id) : registry_(registry), id_(id) {}
  MetricRegistry* registry_ = nullptr;
  uint64_t id_ = 0;
};

}  // namespace freshet

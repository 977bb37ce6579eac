#include "common/telemetry/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace freshet {
namespace {

constexpr size_t kMostSeries = 1'000;
constexpr std::string_view kOther = "other";

// In milliseconds, each an end of a bucket of ours, so that what is exposed is exact; the goals of the design among
// them.
constexpr int64_t kExposedMillis[] = {1,     2,      5,      10,     15,      20,        30,
                                      50,    100,    150,    250,    500,     1000,      2500,
                                      5'000, 10'000, 30'000, 60'000, 300'000, 3'600'000, 86'400'000};

double Seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

prometheus::ClientMetric Labelled(const MetricRow& row, const TenantName& tenant, const LabelValues& labels) {
  prometheus::ClientMetric metric;
  if (!tenant.empty()) metric.label.push_back({"tenant", tenant.value});
  for (size_t i = 0; i < row.label_count; ++i) metric.label.push_back({std::string(row.labels[i]), labels[i]});
  return metric;
}

prometheus::ClientMetric::Histogram Exposed(const LatencyCounts& counts) {
  prometheus::ClientMetric::Histogram histogram{counts.count(), counts.sum_micros() / 1e6, {}};
  for (const int64_t millis : kExposedMillis) {
    const Duration limit = std::chrono::milliseconds(millis);
    histogram.bucket.push_back({counts.CountUpTo(limit), Seconds(limit)});
  }
  return histogram;
}

prometheus::MetricFamily FamilyOf(const MetricRow& row) {
  prometheus::MetricFamily family;
  family.name = row.name;
  family.help = row.help;
  switch (row.type) {
    case MetricType::kCounter:
      family.type = prometheus::MetricType::Counter;
      break;
    case MetricType::kGauge:
      family.type = prometheus::MetricType::Gauge;
      break;
    case MetricType::kHistogram:
      family.type = prometheus::MetricType::Histogram;
      break;
  }
  return family;
}

}  // namespace

void MetricSamples::Put(Metric metric, LabelValues labels, double value) {
  double& place = values_[metric][std::move(labels)];
  place = RowOf(metric).type == MetricType::kCounter ? place + value : value;
}

void MetricSamples::Put(Metric metric, LabelValues labels, const LatencyCounts& counts) {
  histograms_[metric][std::move(labels)].Merge(counts);
}

template <class Cell>
Cell& MetricRegistry::FindOrMake(Family<Cell>& family, Metric metric, LabelValues labels) {
  std::lock_guard lock(mutex_);
  auto& series = family[metric];
  auto found = series.find(labels);
  if (found == series.end() && series.size() >= kMostSeries) {
    labels.assign(labels.size(), std::string(kOther));
    found = series.find(labels);
  }
  if (found == series.end()) found = series.emplace(std::move(labels), std::make_unique<Cell>()).first;
  return *found->second;
}

template Counter& MetricRegistry::FindOrMake(Family<Counter>&, Metric, LabelValues);
template Gauge& MetricRegistry::FindOrMake(Family<Gauge>&, Metric, LabelValues);
template LatencyHistogram& MetricRegistry::FindOrMake(Family<LatencyHistogram>&, Metric, LabelValues);

MetricRegistry::CollectHandle MetricRegistry::OnCollect(Collect collect) {
  std::lock_guard lock(collect_mutex_);
  collects_.emplace(next_collect_, std::move(collect));
  return CollectHandle(this, next_collect_++);
}

void MetricRegistry::Forget(uint64_t id) {
  std::lock_guard lock(collect_mutex_);
  collects_.erase(id);
}

MetricSamples MetricRegistry::Gather() const {
  MetricSamples samples;
  if (!records()) return samples;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [metric, series] : counters_) {
      for (const auto& [labels, cell] : series) samples.Put(metric, labels, static_cast<double>(cell->value()));
    }
    for (const auto& [metric, series] : gauges_) {
      for (const auto& [labels, cell] : series) samples.Put(metric, labels, cell->value());
    }
    for (const auto& [metric, series] : histograms_) {
      for (const auto& [labels, cell] : series) samples.Put(metric, labels, cell->Snapshot());
    }
  }
  std::lock_guard lock(collect_mutex_);
  for (const auto& [id, collect] : collects_) collect(samples);
  return samples;
}

std::string MetricRegistry::Expose() const {
  const MetricSamples samples = Gather();
  std::map<Metric, prometheus::MetricFamily> families;
  const auto family_of = [&](Metric metric) -> prometheus::MetricFamily& {
    return families.try_emplace(metric, FamilyOf(RowOf(metric))).first->second;
  };
  for (const auto& [metric, series] : samples.values_) {
    for (const auto& [labels, value] : series) {
      prometheus::ClientMetric& out = family_of(metric).metric.emplace_back(Labelled(RowOf(metric), tenant_, labels));
      (RowOf(metric).type == MetricType::kCounter ? out.counter.value : out.gauge.value) = value;
    }
  }
  for (const auto& [metric, series] : samples.histograms_) {
    for (const auto& [labels, counts] : series) {
      family_of(metric).metric.emplace_back(Labelled(RowOf(metric), tenant_, labels)).histogram = Exposed(counts);
    }
  }
  std::vector<prometheus::MetricFamily> all;
  for (auto& [metric, family] : families) all.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace freshet

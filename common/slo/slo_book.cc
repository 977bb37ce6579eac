#include "common/slo/slo_book.h"

#include "common/base/origin.h"

namespace freshet::slo {
namespace {

constexpr Duration kCatchUpEvery = std::chrono::seconds(1);

std::string Joined(std::string_view kind, std::string_view name) { return std::string(kind) + "/" + std::string(name); }

}  // namespace

SloBook::SloBook(std::vector<SourcePromises> promises, std::unique_ptr<LatencyHistory> history, MetricRegistry* metrics,
                 const Clock& clock)
    : promises_(std::move(promises)), history_(std::move(history)), metrics_(metrics), clock_(clock) {}

std::map<std::string, LatencyCounts> SloBook::Counted(const SourceName& source) const {
  std::map<std::string, LatencyCounts> counted;
  for (const std::string_view operation : kOperations) {
    counted[Joined("searchable", operation)] =
        metrics_->HistogramOf<Metric::kSearchable>(source.value, operation).Snapshot();
    counted[Joined("promised", operation)] =
        metrics_->HistogramOf<Metric::kPromised>(source.value, operation).Snapshot();
  }
  for (size_t i = 0; i < kStepCount; ++i) {
    const auto step = freshet::NameOf(static_cast<Step>(i));
    counted[Joined("stage", step)] = metrics_->HistogramOf<Metric::kStageSeconds>(source.value, step).Snapshot();
  }
  counted["ahead"] = metrics_->HistogramOf<Metric::kClockAhead>(source.value).Snapshot();
  counted[std::string(kSkips)].Add(Duration(0), metrics_->CounterOf<Metric::kPromisedSkips>(source.value).value());
  return counted;
}

Status SloBook::Roll() {
  std::lock_guard lock(roll_mutex_);
  if (metrics_ == nullptr) return CatchUp();
  std::map<Series, LatencyCounts> taken, more;
  for (const SourcePromises& row : promises_) {
    for (auto& [name, counts] : Counted(row.source)) {
      const Series series{row.source, name};
      LatencyCounts gained = counts.Since(taken_[series]);
      if (!gained.empty()) more.emplace(series, std::move(gained));
      taken.emplace(series, std::move(counts));
    }
  }
  FRESHET_RETURN_IF_ERROR(history_->Add(clock_.Now(), more));
  taken_ = std::move(taken);
  return OkStatus();
}

// Reads all of it anew: not more often than it pays.
Status SloBook::CatchUp() {
  const Time now = clock_.Now();
  if (!IsDue(caught_up_ + kCatchUpEvery, now, kCatchUpEvery)) return OkStatus();
  caught_up_ = now;
  const Status status = history_->CatchUp();
  return status.code() == Code::kNotFound ? OkStatus() : status;
}

LatencyCounts SloBook::Latencies(const SourceName& source, const std::string& name) const {
  return history_->Over({source, name}, clock_.Now(), kShownWindow);
}

std::vector<LatencyCounts> SloBook::Minutes(const SourceName& source, const std::string& name, size_t count) const {
  return history_->Minutes({source, name}, clock_.Now(), count);
}

std::vector<SloReport> SloBook::Reports(const SourceName& source, const Staleness& staleness) const {
  std::vector<SloReport> reports;
  const Time now = clock_.Now();
  for (const SourcePromises& row : promises_) {
    if (row.source != source) continue;
    for (const Slo& slo : row.slos) {
      const Measure measure = [&](std::string_view operation, Duration window) {
        const bool skips = operation == kSkips;
        const std::string name = skips ? std::string(kSkips) : Joined("promised", operation);
        const Tally tally = history_->TallyOver({source, name}, now, window, slo.target);
        return skips ? Events{0, tally.count} : Events{tally.within, tally.count - tally.within};
      };
      reports.push_back(EvaluateSlo(slo, measure, staleness));
    }
  }
  return reports;
}

Events SloBook::EventsOfThisProcess(const SourceName& source, const Slo& slo) const {
  Events events;
  for (const std::string& operation : slo.operations) {
    const LatencyCounts counts = metrics_->HistogramOf<Metric::kPromised>(source.value, operation).Snapshot();
    const uint64_t good = counts.CountUpTo(slo.target);
    events += {good, counts.count() - good};
  }
  if (slo.of_content) events.bad += metrics_->CounterOf<Metric::kPromisedSkips>(source.value).value();
  return events;
}

void SloBook::Collect(MetricSamples& samples, const StalenessOf& staleness_of) const {
  for (const SourcePromises& row : promises_) {
    for (const SloReport& report : Reports(row.source, staleness_of(row.source))) {
      const std::string& source = row.source.value;
      const std::string& name = report.slo.name;
      samples.Set<Metric::kSloObjective>(report.slo.objective, source, name);
      samples.Set<Metric::kSloTarget>(static_cast<double>(report.slo.target.count()) / 1e6, source, name);
      samples.Set<Metric::kSloState>(static_cast<double>(report.state), source, name);
      samples.Set<Metric::kSloBudget>(report.budget_left, source, name);
      samples.Set<Metric::kSloBurn>(report.burn_fast, source, name, "fast");
      samples.Set<Metric::kSloBurn>(report.burn_slow, source, name, "slow");
      if (metrics_ == nullptr) continue;
      const Events events = EventsOfThisProcess(row.source, report.slo);
      samples.Set<Metric::kSloEvents>(static_cast<double>(events.good), source, name, "good");
      samples.Set<Metric::kSloEvents>(static_cast<double>(events.bad), source, name, "bad");
    }
  }
}

}  // namespace freshet::slo

// SloBook: what is promised of each source of a site, with the history that says whether it holds.
//
//   SloBook book({{SourceName("policies"), {searchable, revoked}}}, std::move(history), &metrics, clock);
//   book.Roll();                                             // takes what the histograms gained since
//   book.Reports(SourceName("policies"), staleness)          // one for each SLO
//   book.Latencies(source, "searchable/update")              // of the last 24 hours, also from before a restart
//
// In the process that has the sink, the book takes what the registry's histograms gained (their names below) and writes
// it to the history; in one that only follows (no registry), Roll catches up. Any thread.
//
//   searchable/<operation>  freshet_searchable_seconds    every change
//   promised/<operation>    freshet_promised_seconds      backfills left out
//   stage/<step>            freshet_stage_seconds
//   ahead                   freshet_clock_ahead_seconds   by how far the source's clock was ahead of ours
//   skips                   freshet_promised_skips_total  as so many latencies of 0
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/slo/latency_history.h"
#include "common/slo/slo.h"
#include "common/telemetry/metrics.h"

namespace freshet::slo {

inline constexpr std::array<std::string_view, 4> kOperations = {"insert", "update", "delete", "access"};
inline constexpr Duration kShownWindow = std::chrono::hours(24);

// No promises: latencies are kept all the same.
struct SourcePromises {
  SourceName source;
  std::vector<Slo> slos;
};

class SloBook {
 public:
  // `metrics` null: what another process writes.
  SloBook(std::vector<SourcePromises> promises, std::unique_ptr<LatencyHistory> history, MetricRegistry* metrics,
          const Clock& clock);

  Status Roll();
  Status Sync() { return history_->Sync(); }

  std::vector<SloReport> Reports(const SourceName& source, const Staleness& staleness) const;
  LatencyCounts Latencies(const SourceName& source, const std::string& name) const;
  std::vector<LatencyCounts> Minutes(const SourceName& source, const std::string& name, size_t count) const;
  const std::vector<SourcePromises>& promises() const { return promises_; }
  // Of this process's registry: of every SLO its budget, burn rates, state and events.
  using StalenessOf = std::function<Staleness(const SourceName&)>;
  void Collect(MetricSamples& samples, const StalenessOf& staleness_of) const;

 private:
  Status CatchUp();
  Events EventsOfThisProcess(const SourceName& source, const Slo& slo) const;
  // Everything that is counted of a source since this process began, by the series' name.
  std::map<std::string, LatencyCounts> Counted(const SourceName& source) const;

  const std::vector<SourcePromises> promises_;
  const std::unique_ptr<LatencyHistory> history_;
  MetricRegistry* const metrics_;
  const Clock& clock_;
  std::mutex roll_mutex_;
  Time caught_up_{};
  std::map<Series, LatencyCounts> taken_;  // of the registry's histograms, up to the last roll
};

}  // namespace freshet::slo

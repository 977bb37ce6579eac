// FreshnessReport: how fresh the index is, source by source: what GET /v1/freshness says.
//
//   FreshnessReport report = reporter.Report();   ToJson(report)
//
// Watermarks come from the store, latencies from the histograms that the sink records (commit in the source to a query
// that finds it), backlogs and dead letters from stored progress. Any thread.
//
// A source's dead letters are its documents whose newest version was skipped; of records that nobody could read not
// even the source is known: they are in the report's own. A lane's backlog is what lies before the source there: 0
// where its own heartbeats come through that lane, however much of others' waits.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/slo/slo_book.h"
#include "common/store/index_store.h"
#include "common/telemetry/metrics.h"
#include "services/query/query.h"

namespace freshet::query {

// How far the sink and the steps before it are behind the log, in records.
struct LaneBacklog {
  uint64_t urgent = 0, live = 0, backfill = 0;
};

struct FreshnessSources {
  const QueryEngine* engine = nullptr;
  MetricRegistry* metrics = nullptr;
  const store::IndexReader* store = nullptr;            // accounts and held deletes; may be null
  std::function<std::optional<LaneBacklog>()> backlog;  // empty where this process has no log
  slo::SloBook* slos = nullptr;                         // null: latencies since this process began, and no SLOs
  // How long a source's open backfill has stood still; empty, or nothing, where this process does not know.
  std::function<std::optional<Duration>(const SourceName&)> backfill_stood_still;
};

enum class FreshnessState : uint8_t { kFresh, kStale, kUnknown };

struct SourceFreshness {
  SourceInfo source;
  std::optional<Time> watermark;
  FreshnessState state = FreshnessState::kUnknown;
  std::map<std::string, LatencyCounts> searchable;  // by operation: insert, update, delete, access
  std::map<std::string, LatencyCounts> stages;      // by step
  LatencyCounts ahead;                              // by how far its clock was ahead of ours, where it was
  std::vector<slo::SloReport> slos;
  uint64_t held_deletes = 0;
  std::map<std::string, uint64_t> dead_letters;  // by code
  struct LaneTime {
    std::optional<Time> watermark;  // everything it committed up to then has come through this lane
    std::optional<uint64_t> backlog;
  };
  LaneTime urgent, live, backfill;
  std::optional<Duration> backfill_stalled;  // 0 where none is open
};

struct FreshnessReport {
  TenantName tenant;
  Time now;
  std::vector<SourceFreshness> sources;
  std::optional<LaneBacklog> backlog;            // nothing where this process does not know
  std::map<std::string, uint64_t> dead_letters;  // by code, of all that was ever skipped
  uint64_t documents = 0;
  uint64_t chunks = 0;
};

// What SLOs and alerts are judged by: content's watermark without backfills, which promise nothing, and that of access.
slo::Staleness StalenessOf(const QueryEngine& engine, const SourceName& source);

FreshnessReport ReportFreshness(const FreshnessSources& sources);
std::string ToJson(const FreshnessReport& report);
// The last hour by minutes, each source's p95 by operation and by step: what GET /v1/freshness/history says.
std::string HistoryJson(const FreshnessSources& sources);

}  // namespace freshet::query

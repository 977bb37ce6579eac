#include "services/query/freshness.h"

#include <nlohmann/json.hpp>

#include "common/telemetry/log.h"
#include "services/query/slo_json.h"

namespace freshet::query {
namespace {

using nlohmann::ordered_json;

using slo::kOperations;

// A source that has said nothing for this long is shown as stale, whatever its SLO.
constexpr Duration kStaleAfter = std::chrono::seconds(5);
// Some heartbeats' time: one that is less behind in a lane has nothing waiting there.
constexpr Duration kUpToDate = std::chrono::seconds(1);

std::string_view NameOf(FreshnessState state) {
  static constexpr std::string_view kNames[] = {"fresh", "stale", "unknown"};
  return kNames[static_cast<size_t>(state)];
}

void FillFromRegistry(const FreshnessSources& sources, SourceFreshness& row) {
  const std::string& source = row.source.name.value;
  for (const std::string_view operation : kOperations) {
    row.searchable[std::string(operation)] =
        sources.metrics->HistogramOf<Metric::kSearchable>(source, operation).Snapshot();
  }
  for (size_t i = 0; i < kStepCount; ++i) {
    const auto step = freshet::NameOf(static_cast<Step>(i));
    row.stages[std::string(step)] = sources.metrics->HistogramOf<Metric::kStageSeconds>(source, step).Snapshot();
  }
  row.ahead = sources.metrics->HistogramOf<Metric::kClockAhead>(source).Snapshot();
}

void FillFromBook(const FreshnessSources& sources, SourceFreshness& row) {
  const SourceName& source = row.source.name;
  for (const std::string_view operation : kOperations) {
    row.searchable[std::string(operation)] = sources.slos->Latencies(source, "searchable/" + std::string(operation));
  }
  for (size_t i = 0; i < kStepCount; ++i) {
    const std::string step(freshet::NameOf(static_cast<Step>(i)));
    row.stages[step] = sources.slos->Latencies(source, "stage/" + step);
  }
  row.ahead = sources.slos->Latencies(source, "ahead");
  row.slos = sources.slos->Reports(source, StalenessOf(*sources.engine, source));
}

// What could not be written is counted next time; the report is of what there is.
void RollBook(const FreshnessSources& sources) {
  if (sources.slos == nullptr) return;
  const Status rolled = sources.slos->Roll();
  if (!rolled.ok()) Log(LogLevel::kWarning, "Latency history not brought up to date.", {{"error", rolled}});
}

SourceFreshness ReportSource(const FreshnessSources& sources, const SourceInfo& info, const store::SourceTime& time) {
  const QueryEngine& engine = *sources.engine;
  SourceFreshness row{.source = info, .watermark = AsOf(time, engine.options())};
  if (row.watermark) {
    const bool fresh = engine.clock().Now() - *row.watermark <= kStaleAfter;
    row.state = fresh ? FreshnessState::kFresh : FreshnessState::kStale;
  }
  sources.slos != nullptr ? FillFromBook(sources, row) : FillFromRegistry(sources, row);
  const QueryEngineOptions& streams = engine.options();
  for (const auto& [stream, lane] :
       {std::pair{streams.urgent, &row.urgent}, {streams.live, &row.live}, {streams.backfill, &row.backfill}}) {
    const auto told = time.watermarks.find(stream);
    if (told != time.watermarks.end() && told->second != Time()) lane->watermark = told->second;
  }
  if (sources.backfill_stood_still) row.backfill_stalled = sources.backfill_stood_still(info.name);
  if (row.backfill_stalled && !time.snapshot_open) row.backfill_stalled = Duration(0);
  if (sources.store == nullptr) return row;
  for (const store::HeldDeletes& held : sources.store->Held()) {
    if (held.source == info.name) row.held_deletes = held.documents;
  }
  return row;
}

// A lane is shared: what waits there may be anybody's. Not that of a source whose heartbeats come through.
void CountBacklog(SourceFreshness& row, const FreshnessReport& report) {
  const LaneBacklog& backlog = *report.backlog;
  const bool shared = report.sources.size() > 1;
  for (const auto& [lane, count] :
       {std::pair{&row.urgent, backlog.urgent}, {&row.live, backlog.live}, {&row.backfill, backlog.backfill}}) {
    const bool current = shared && lane->watermark && report.now - *lane->watermark <= kUpToDate;
    lane->backlog = current ? 0 : count;
  }
}

ordered_json QuantilesJson(const LatencyCounts& counts) {
  ordered_json object;
  for (const auto& [name, p] : {std::pair{"p50", 0.5}, {"p95", 0.95}, {"p99", 0.99}}) {
    const auto quantile = counts.Quantile(p);
    object[name] = quantile ? ordered_json(ToMillis(*quantile)) : ordered_json(nullptr);
  }
  object["count"] = counts.count();
  return object;
}

ordered_json BehindJson(const std::optional<Time>& watermark, Time now) {
  return watermark ? ordered_json(int64_t(ToMillis(std::max(now - *watermark, Duration(0))))) : ordered_json(nullptr);
}

// How far ahead at most, and how often: null where it never was.
ordered_json AheadJson(const LatencyCounts& ahead) {
  const auto most = ahead.Quantile(1);
  return {{"max", most ? ordered_json(ToMillis(*most)) : ordered_json(nullptr)}, {"count", ahead.count()}};
}

ordered_json SourceJson(const SourceFreshness& row, const FreshnessReport& report) {
  ordered_json object = {
      {"tenant", report.tenant.value}, {"source", row.source.name.value}, {"collection", row.source.collection.value}};
  object["watermark"] = row.watermark ? ordered_json(FormatTime(*row.watermark)) : ordered_json(nullptr);
  object["staleness_ms"] = BehindJson(row.watermark, report.now);
  object["state"] = NameOf(row.state);
  for (const std::string_view operation : kOperations) {
    object["searchable_ms"][std::string(operation)] = QuantilesJson(row.searchable.at(std::string(operation)));
  }
  for (size_t i = 0; i < kStepCount; ++i) {
    const std::string step(freshet::NameOf(static_cast<Step>(i)));
    object["stages_ms"][step] = QuantilesJson(row.stages.at(step));
  }
  object["clock_ahead_ms"] = AheadJson(row.ahead);
  object["slo"] = ordered_json::array();
  for (const slo::SloReport& report : row.slos) object["slo"].push_back(SloJson(report));
  for (const auto& [name, lane] :
       {std::pair{"urgent", &row.urgent}, {"live", &row.live}, {"backfill", &row.backfill}}) {
    object["lanes"][name]["backlog"] = lane->backlog ? ordered_json(*lane->backlog) : ordered_json(nullptr);
    object["lanes"][name]["behind_ms"] = BehindJson(lane->watermark, report.now);
  }
  const std::optional<Duration> stalled = row.backfill_stalled;
  object["lanes"]["backfill"]["stalled_ms"] =
      stalled ? ordered_json(int64_t(ToMillis(*stalled))) : ordered_json(nullptr);
  object["dead_letters"] = row.dead_letters;
  object["held_deletes"] = row.held_deletes;
  return object;
}

void CountDeadLetters(const store::IndexReader& store, FreshnessReport& report) {
  for (const auto& [where, account] : store.Accounts()) {
    for (const auto& [what, count] : account.skipped) {
      report.dead_letters[std::string(freshet::NameOf(what.second))] += count;
    }
  }
  auto skipped = store.Skipped();
  for (SourceFreshness& row : report.sources) {
    for (const auto& [code, count] : skipped[row.source.name]) {
      row.dead_letters[std::string(freshet::NameOf(code))] = count;
    }
  }
}

}  // namespace

slo::Staleness StalenessOf(const QueryEngine& engine, const SourceName& source) {
  const auto times = engine.view()->Times();
  const auto found = times.find(source);
  if (found == times.end()) return {};
  store::SourceTime live = found->second;
  live.snapshot_open = false;
  const auto since = [&](std::optional<Time> as_of) -> std::optional<Duration> {
    if (!as_of) return std::nullopt;
    return std::max(engine.clock().Now() - *as_of, Duration(0));
  };
  return {.content = since(AsOf(live, engine.options())), .access = since(AccessAsOf(live, engine.options()))};
}

FreshnessReport ReportFreshness(const FreshnessSources& sources) {
  const QueryEngine& engine = *sources.engine;
  RollBook(sources);
  const std::shared_ptr<const store::View> view = engine.view();
  FreshnessReport report{.tenant = engine.options().tenant, .now = engine.clock().Now()};
  const auto times = view->Times();
  for (const SourceInfo& info : engine.options().sources) {
    const auto it = times.find(info.name);
    report.sources.push_back(ReportSource(sources, info, it == times.end() ? store::SourceTime{} : it->second));
  }
  if (sources.backlog) report.backlog = sources.backlog();
  for (SourceFreshness& row : report.sources) {
    if (report.backlog) CountBacklog(row, report);
  }
  if (sources.store != nullptr) CountDeadLetters(*sources.store, report);
  for (const CollectionName& collection : view->Collections()) {
    report.documents += view->DocumentCount(collection);
    report.chunks += view->ChunkCount(collection);
  }
  return report;
}

std::string ToJson(const FreshnessReport& report) {
  ordered_json object = {{"now", FormatTime(report.now)},
                         {"documents", report.documents},
                         {"chunks", report.chunks},
                         {"dead_letters", report.dead_letters},
                         {"sources", ordered_json::array()}};
  for (const SourceFreshness& row : report.sources) object["sources"].push_back(SourceJson(row, report));
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string HistoryJson(const FreshnessSources& sources) {
  RollBook(sources);
  ordered_json object = {
      {"now", FormatTime(sources.engine->clock().Now())}, {"slot_ms", 60'000}, {"sources", ordered_json::array()}};
  for (const SourceInfo& info : sources.engine->options().sources) {
    ordered_json row = {{"source", info.name.value}, {"collection", info.collection.value}};
    row["searchable_ms"] = row["stages_ms"] = ordered_json::object();
    if (sources.slos != nullptr) FillMinutes(*sources.slos, info.name, row);
    object["sources"].push_back(std::move(row));
  }
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace freshet::query

// What /metrics reads from stored progress when it is scraped.
#include "common/store/vector_audit.h"
#include "services/freshet/site_process.h"

namespace freshet {
namespace {

Lane LaneOf(Stream stream) {
  switch (static_cast<Topic>(stream.value)) {
    case Topic::kChangesBackfill:
    case Topic::kCleanBackfill:
    case Topic::kChunksBackfill:
    case Topic::kEmbeddedBackfill:
      return Lane::kBackfill;
    case Topic::kChangesUrgent:
    case Topic::kGroups:
      return Lane::kUrgent;
    default:
      return Lane::kLive;
  }
}

std::string_view NameOf(store::Outcome outcome) {
  static constexpr std::string_view kNames[] = {"indexed", "superseded", "skipped", "quarantined", "control"};
  return kNames[static_cast<size_t>(outcome)];
}

struct LaneTotals {
  double in = 0;
  std::map<std::string, double> outcomes;
};

}  // namespace

void SiteProcess::Collect(MetricSamples& samples) {
  samples.Set<Metric::kBuild>(1, FRESHET_VERSION);
  CollectDisk(samples);
  CollectConnectors(samples);
  if (index() != nullptr) CollectIndex(samples);
  if (runtime_ != nullptr) CollectStages(samples);
}

void SiteProcess::CollectConnectors(MetricSamples& samples) {
  const std::lock_guard lock(connectors_mutex_);
  for (const auto& connector : connectors_) {
    const LogHostStats stats = connector->host().stats();
    for (const Lane lane : kLanes) {
      const double changes(stats.changes[static_cast<size_t>(lane)]);
      samples.Set<Metric::kConnectorChanges>(changes, connector->source().value, freshet::NameOf(lane));
    }
    const std::optional<SourceHold> hold = connector->hold();
    if (!hold) continue;
    samples.Set<Metric::kSourceLag>(double(hold->lag_bytes), connector->source().value);
    samples.Set<Metric::kSourceRetained>(double(hold->retained_bytes), connector->source().value);
    samples.Set<Metric::kSourceRetainedLimit>(double(hold->limit_bytes), connector->source().value);
  }
}

void SiteProcess::CollectStages(MetricSamples& samples) {
  for (const auto& [of, totals] : runtime_->Totals()) {
    const auto stage = freshet::NameOf(of.first), lane = freshet::NameOf(of.second);
    samples.Set<Metric::kStageInputs>(double(totals.inputs), stage, lane);
    for (const auto& [outcome, count] : totals.outcomes) {
      samples.Set<Metric::kStageOutcomes>(double(count), stage, lane, outcome);
    }
  }
  std::map<std::string, bool> circuits;
  std::map<std::pair<std::string, Lane>, uint64_t> in_flight;
  for (const auto& [stage, stats] : runtime_->stats()) {
    samples.Set<Metric::kStageBusy>(double(stats->busy_micros) / 1e6, stage);
    circuits[stage] |= stats->circuit_open;
    for (const Lane lane : {Lane::kLive, Lane::kBackfill}) in_flight[{stage, lane}] += stats->in_flight(lane);
    for (const CodeRow& row : AllCodes()) {
      const uint64_t retries = stats->retries[static_cast<size_t>(row.code)];
      if (retries > 0) samples.Set<Metric::kStageRetries>(double(retries), stage, row.name);
    }
  }
  for (const auto& [stage, open] : circuits) samples.Set<Metric::kStageCircuit>(open ? 1 : 0, stage);
  for (const auto& [of, count] : in_flight) {
    samples.Set<Metric::kStageInFlight>(double(count), of.first, freshet::NameOf(of.second));
  }
  for (const auto& [where, bytes] : runtime_->QueueBytes()) {
    samples.Set<Metric::kQueueBytes>(double(bytes), freshet::NameOf(where.first), freshet::NameOf(where.second));
  }
  for (const embed::EmbedCounts* const counts : runtime_->embed_counts()) {
    samples.Set<Metric::kEmbedCache>(double(counts->cache_hits), "hit");
    samples.Set<Metric::kEmbedCache>(double(counts->cache_misses), "miss");
  }
}

void SiteProcess::CollectIndex(MetricSamples& samples) {
  const store::IndexReader& store = *index();
  std::map<Lane, LaneTotals> totals;
  for (const auto& [where, account] : store.Accounts()) {
    LaneTotals& lane = totals[LaneOf(where.first)];
    lane.in += double(account.next.value - account.first.value - account.absent);
    for (const auto& [outcome, count] : account.outcomes) lane.outcomes[std::string(NameOf(outcome))] += double(count);
  }
  for (const auto& [lane, row] : totals) {
    samples.Set<Metric::kStageInputs>(row.in, "index", freshet::NameOf(lane));
    for (const auto& [outcome, count] : row.outcomes) {
      samples.Set<Metric::kStageOutcomes>(count, "index", freshet::NameOf(lane), outcome);
    }
  }
  if (const auto backlog = RecentBacklog()) {
    samples.Set<Metric::kStageBacklog>(double(backlog->urgent), "index", "urgent");
    samples.Set<Metric::kStageBacklog>(double(backlog->live), "index", "live");
    samples.Set<Metric::kStageBacklog>(double(backlog->backfill), "index", "backfill");
  }
  const auto view = store.CurrentView();
  for (const CollectionName& collection : view->Collections()) {
    samples.Set<Metric::kIndexDocuments>(double(view->DocumentCount(collection)), collection.value);
    samples.Set<Metric::kIndexChunks>(double(view->ChunkCount(collection)), collection.value);
  }
  if (runtime_ != nullptr && runtime_->index() != nullptr) {
    for (const auto& [collection, lists] : store::LongLists(runtime_->index()->store())) {
      samples.Set<Metric::kVectorLongLists>(double(lists), collection.value);
    }
  }
  CollectFreshness(samples, *view);
}

void SiteProcess::CollectFreshness(MetricSamples& samples, const store::View& view) {
  const auto seconds_since = [&](Time time) { return std::max(ToMillis(clock_.Now() - time), 0.0) / 1000; };
  const auto times = view.Times();
  for (const query::SourceInfo& source : engine_->options().sources) {
    const auto it = times.find(source.name);
    if (it == times.end()) continue;
    if (const auto as_of = query::AsOf(it->second, engine_->options())) {
      samples.Set<Metric::kWatermark>(double(ToMicros(*as_of)) / 1e6, source.name.value);
      samples.Set<Metric::kStaleness>(seconds_since(*as_of), source.name.value);
    }
    const auto stalled = runtime_ != nullptr ? runtime_->BackfillStoodStill(source.name) : std::nullopt;
    if (stalled) {
      samples.Set<Metric::kBackfillStalled>(it->second.snapshot_open ? ToMillis(*stalled) / 1000 : 0,
                                            source.name.value);
    }
    const slo::Staleness live = query::StalenessOf(*engine_, source.name);
    if (live.content) samples.Set<Metric::kLiveStaleness>(ToMillis(*live.content) / 1000, source.name.value);
    if (live.access) samples.Set<Metric::kAccessStaleness>(ToMillis(*live.access) / 1000, source.name.value);
  }
  std::map<SourceName, uint64_t> held;
  for (const store::HeldDeletes& each : index()->Held()) held[each.source] += each.documents;
  for (const query::SourceInfo& source : engine_->options().sources) {
    samples.Set<Metric::kHeldDeletes>(double(held[source.name]), source.name.value);
  }
  slos_->Collect(samples, [this](const SourceName& source) { return query::StalenessOf(*engine_, source); });
}

void SiteProcess::CollectDisk(MetricSamples& samples) const {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(config_.data_dir, error);
  if (error) return;
  samples.Set<Metric::kDiskFree>(double(space.available), "data");
  samples.Set<Metric::kDiskSize>(double(space.capacity), "data");
}

}  // namespace freshet

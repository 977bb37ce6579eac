// Every metric that Freshet has, in one table: what /metrics exposes, what the README lists, what dashboards may use.
//
//   X(kStageRetries, "freshet_stage_retries_total", kCounter, "stage code", "Inputs tried again, by code.")
//
// A name is never changed and never given another meaning. Labels are declared here, at most three, separated by
// spaces; their values come from configuration or from closed tables, never from documents. Times are in seconds.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace freshet {

enum class MetricType : uint8_t { kCounter, kGauge, kHistogram };
std::string_view NameOf(MetricType type);

// X(enumerator, name, type, labels, help)
#define FRESHET_METRICS(X)                                                                                             \
  X(kBuild, "freshet_build_info", kGauge, "version", "1, with the version that runs.")                                 \
  X(kConnectorUp, "freshet_connector_up", kGauge, "source", "1 while the source's connector runs, else 0.")            \
  X(kConnectorRestarts, "freshet_connector_restarts_total", kCounter, "source code",                                   \
    "Times that a connector stopped by itself and was started again, by the code that stopped it.")                    \
  X(kConnectorChanges, "freshet_connector_changes_total", kCounter, "source lane",                                     \
    "Changes published and acknowledged by the log.")                                                                  \
  X(kSourceLag, "freshet_source_lag_bytes", kGauge, "source",                                                          \
    "Written in the source's own log and not confirmed by its connector yet.")                                         \
  X(kSourceRetained, "freshet_source_retained_bytes", kGauge, "source",                                                \
    "Of its log, what the source keeps on its disk until its connector confirms it.")                                  \
  X(kSourceRetainedLimit, "freshet_source_retained_limit_bytes", kGauge, "source",                                     \
    "Beyond it the log is given up and a new snapshot taken; 0: never, and the source's disk may fill.")               \
  X(kStageInputs, "freshet_stage_inputs_total", kCounter, "stage lane", "Inputs taken in, from stored progress.")      \
  X(kStageOutcomes, "freshet_stage_outcomes_total", kCounter, "stage lane outcome",                                    \
    "What became of inputs, from stored progress: forwarded, indexed, superseded, or the code of the skip.")           \
  X(kStageInFlight, "freshet_stage_in_flight", kGauge, "stage lane", "Inputs taken in and without an outcome yet.")    \
  X(kStageBacklog, "freshet_stage_backlog_records", kGauge, "stage lane", "Records in the log not taken in yet.")      \
  X(kStageRetries, "freshet_stage_retries_total", kCounter, "stage code", "Inputs tried again, by code.")              \
  X(kStageCircuit, "freshet_stage_circuit_open", kGauge, "stage", "1 while the stage waits for the world to heal.")    \
  X(kStageBusy, "freshet_stage_busy_seconds_total", kCounter, "stage", "Time spent in the stage's own code.")          \
  X(kStageSeconds, "freshet_stage_seconds", kHistogram, "source stage",                                                \
    "From the stamp of the step before to the stamp of this one, a version each.")                                     \
  X(kQueueBytes, "freshet_queue_bytes", kGauge, "stage lane", "Bytes waiting in memory in front of the stage.")        \
  X(kDeadLetters, "freshet_dead_letters_total", kCounter, "stage code", "Inputs skipped for an error, by code.")       \
  X(kSearchable, "freshet_searchable_seconds", kHistogram, "source operation",                                         \
    "From the commit in the source to a query that finds it, or no longer does.")                                      \
  X(kPromised, "freshet_promised_seconds", kHistogram, "source operation",                                             \
    "As freshet_searchable_seconds, without backfills and first access lists: what SLOs judge.")                       \
  X(kPromisedSkips, "freshet_promised_skips_total", kCounter, "source",                                                \
    "Changes skipped for an error, backfills left out: each is a bad event of its source's SLO.")                      \
  X(kClockAhead, "freshet_clock_ahead_seconds", kHistogram, "source",                                                  \
    "By how far the source's clock was ahead of ours, of each change where it was.")                                   \
  X(kClockSkew, "freshet_clock_skewed_total", kCounter, "source",                                                      \
    "Latencies that came out below 0, as the source's clock is ahead of ours; counted as 0.")                          \
  X(kWatermark, "freshet_watermark_timestamp_seconds", kGauge, "source",                                               \
    "Every change committed in the source up to this Unix time is accounted for at the sink.")                         \
  X(kStaleness, "freshet_staleness_seconds", kGauge, "source", "Now less the watermark.")                              \
  X(kLiveStaleness, "freshet_live_staleness_seconds", kGauge, "source",                                                \
    "As freshet_staleness_seconds, but of live changes, deletes and access alone: a backfill does not count.")         \
  X(kBackfillStalled, "freshet_backfill_stalled_seconds", kGauge, "source",                                            \
    "How long an open backfill of the source has stood still; 0 where none is, and while it waits behind others'.")    \
  X(kAccessStaleness, "freshet_access_staleness_seconds", kGauge, "source",                                            \
    "Now less what the source's access is known to be true for.")                                                      \
  X(kSloTarget, "freshet_slo_target_seconds", kGauge, "source slo", "A change should take effect within this time.")   \
  X(kSloObjective, "freshet_slo_objective_ratio", kGauge, "source slo", "The share of changes that should.")           \
  X(kSloState, "freshet_slo_state", kGauge, "source slo", "0 unknown, 1 met, 2 at risk, 3 violated.")                  \
  X(kSloEvents, "freshet_slo_events_total", kCounter, "source slo outcome",                                            \
    "Changes judged since this process began: good, bad.")                                                             \
  X(kSloBudget, "freshet_slo_budget_left_ratio", kGauge, "source slo", "Error budget left in the window, 1 to 0.")     \
  X(kSloBurn, "freshet_slo_burn_rate", kGauge, "source slo window",                                                    \
    "Error budget used against what the window allows: 1 uses it up exactly.")                                         \
  X(kEmbedCache, "freshet_embed_cache_lookups_total", kCounter, "result", "Chunks looked up in the cache: hit, miss.") \
  X(kEmbedderCalls, "freshet_embedder_calls_total", kCounter, "code",                                                  \
    "Calls of the embedding server, by the code that they ended in.")                                                  \
  X(kEmbedderSeconds, "freshet_embedder_seconds", kHistogram, "code",                                                  \
    "Time that a call of the embedding server took.")                                                                  \
  X(kEmbedderTokens, "freshet_embedder_tokens_total", kCounter, "", "Tokens that the embedding server counted.")       \
  X(kIndexDocuments, "freshet_index_documents", kGauge, "collection", "Documents that a query can find.")              \
  X(kIndexChunks, "freshet_index_chunks", kGauge, "collection", "Chunks that a query can find.")                       \
  X(kVectorAudit, "freshet_vector_audit_hits_total", kCounter, "collection outcome",                                   \
    "Of the ten nearest stored vectors of vectors of its own, those that its search found or missed: found, missed.")  \
  X(kVectorLongLists, "freshet_vector_long_lists", kGauge, "collection",                                               \
    "Inverted lists of vectors that have grown too long and wait to be split.")                                        \
  X(kHeldDeletes, "freshet_held_deletes", kGauge, "source",                                                            \
    "Documents that a snapshot did not mention and whose deletes wait for `freshet source confirm`.")                  \
  X(kIndexCommit, "freshet_index_commit_seconds", kHistogram, "store", "Time that a durable commit took.")             \
  X(kQueries, "freshet_queries_total", kCounter, "endpoint code", "Requests answered, by the code of the answer.")     \
  X(kQuerySeconds, "freshet_query_seconds", kHistogram, "endpoint phase", "Time that a request took, by phase.")       \
  X(kQueryEmpty, "freshet_query_empty_total", kCounter, "endpoint", "Questions answered with no passage at all.")      \
  X(kProbes, "freshet_probes_total", kCounter, "source operation outcome",                                             \
    "Changes that the prober made in its own document, by what became of them: in_time, late, failed.")                \
  X(kProbeSeconds, "freshet_probe_seconds", kHistogram, "source operation",                                            \
    "From the prober's own change in the source to a question to the public API that shows it.")                       \
  X(kProbed, "freshet_probe_timestamp_seconds", kGauge, "source",                                                      \
    "Unix time at which a round of the prober through the source last went well.")                                     \
  X(kSpans, "freshet_spans_total", kCounter, "outcome",                                                                \
    "Spans for the trace collector, by what became of them: exported, queue_full, refused, unreachable.")              \
  X(kDiskFree, "freshet_disk_free_bytes", kGauge, "volume", "Room left where data_dir lies.")                          \
  X(kDiskSize, "freshet_disk_size_bytes", kGauge, "volume", "Size of what data_dir lies on.")

enum class Metric : uint8_t {
#define FRESHET_METRIC_ENUMERATOR(enumerator, name, type, labels, help) enumerator,
  FRESHET_METRICS(FRESHET_METRIC_ENUMERATOR)
#undef FRESHET_METRIC_ENUMERATOR
};

inline constexpr size_t kMostLabels = 3;

struct MetricRow {
  Metric metric;
  std::string_view name;
  MetricType type;
  std::array<std::string_view, kMostLabels> labels;
  size_t label_count;
  std::string_view help;
};

constexpr MetricRow MakeMetricRow(Metric metric, std::string_view name, MetricType type, std::string_view labels,
                                  std::string_view help) {
  MetricRow row{metric, name, type, {}, 0, help};
  while (!labels.empty()) {
    const size_t end = labels.find(' ');
    row.labels.at(row.label_count++) = labels.substr(0, end);
    labels = end == std::string_view::npos ? std::string_view() : labels.substr(end + 1);
  }
  return row;
}

inline constexpr MetricRow kMetricRows[] = {
#define FRESHET_METRIC_ROW(enumerator, name, type, labels, help) \
  MakeMetricRow(Metric::enumerator, name, MetricType::type, labels, help),
    FRESHET_METRICS(FRESHET_METRIC_ROW)
#undef FRESHET_METRIC_ROW
};

constexpr const MetricRow& RowOf(Metric metric) { return kMetricRows[static_cast<size_t>(metric)]; }

// The README's table: | metric | type | labels | what it counts |.
std::string MetricMarkdown();

}  // namespace freshet

// Runtime: a pipeline put together: stages, hops, stores and their workers, for one tenant, over a log that exists.
//
//   auto runtime = Runtime::Make(options, {.log = log, .keys = keys, .clock = clock, .metrics = metrics});
//   for (NamedWorker& row : (*runtime)->workers()) threads.emplace_back(*row.worker, row.name, on_halt);
//   (*runtime)->index()->store().CurrentView();
//
// `freshet run` gives each worker a thread; tests and the simulation step them by hand, with a file system and a clock
// of their own. The log must have its topics (CreateTopics). Stop the threads before the runtime goes.
#pragma once

#include <rocksdb/env.h>

#include <memory>
#include <string>
#include <vector>

#include "common/crypto/keys.h"
#include "common/log/log.h"
#include "common/model/embedder.h"
#include "common/model/token_counter.h"
#include "common/stage/stats.h"
#include "common/stage/worker.h"
#include "common/telemetry/metrics.h"
#include "services/chunk/options.h"
#include "services/deid/policy.h"
#include "services/embed/counts.h"
#include "services/embed/options.h"
#include "services/index/sink.h"
#include "services/pipeline.h"
#include "services/runtime/generation_builder.h"
#include "services/runtime/leak_scan.h"
#include "services/runtime/residual_guard.h"
#include "services/runtime/stage_totals.h"

namespace freshet {

struct RuntimeOptions {
  TenantName tenant;
  std::string data_dir;
  uint32_t partitions = 8;
  PipelinePlan plan;
  std::set<Step> steps = {Step::kDeid, Step::kChunk, Step::kEmbed, Step::kIndex};  // that run in this process
  std::map<CollectionName, std::shared_ptr<const deid::Policy>> policies;
  // Of collections whose generation beside (RuntimeParts::beside) is of another policy than theirs. Its texts are made
  // of the originals: needs deid and index in this process.
  std::map<CollectionName, std::shared_ptr<const deid::Policy>> beside_policies;
  bool keep_originals = true;  // false: a changed policy must re-read its sources
  chunk::ChunkOptions chunk;
  embed::EmbedOptions embed;
  size_t queue_bytes = 32u << 20;  // of a fused hop and lane; more: steadier flow, more memory
  store::IndexStoreOptions store;  // path, env, partitions and access_streams are set by Make
  rocksdb::Env* env = nullptr;     // null: the operating system's
  uint64_t seed = 1;               // of jitters
  ResidualLimits residual;         // of what the scan before indexing may find in a source before nothing of it goes on
  std::function<void(const SourceName&)> on_source_halted;  // by that scan; called on the sink's thread
  // Of each change that has taken effect in queries (index::SinkOptions); on the sink's thread.
  std::function<void(const Origin&, store::Operation, Time)> on_effect;
};

// Of the index below data_dir: for the process that writes it, and for those that follow it.
index::IndexOptions IndexOptionsOf(const RuntimeOptions& options);

struct RuntimeParts {
  log::Log& log;
  std::shared_ptr<const KeyRing> keys;
  const Clock& clock;
  MetricRegistry& metrics;
  std::shared_ptr<const model::Embedder> embedder;
  std::shared_ptr<const model::TokenCounter> tokens;
  // What a second generation of each collection is made by; null: there is to be none.
  std::shared_ptr<const GenerationRecipe> beside;
};

struct NamedWorker {
  std::string name;
  Worker* worker = nullptr;
};

// The topics of a tenant, as the log is asked for them.
struct TopicRetention {
  Duration time = std::chrono::days(7);
  uint64_t bytes = 64ull << 30;
};
std::vector<log::TopicSpec> TopicSpecs(const TenantName& tenant, uint32_t partitions, TopicRetention retention);

class Citations;
class Review;

class Runtime {
 public:
  // configuration, corrupt_store, io_error, key_missing, model_missing.
  static Result<std::unique_ptr<Runtime>> Make(RuntimeOptions options, RuntimeParts parts);
  ~Runtime();

  std::vector<NamedWorker> workers();
  // Null where the index step runs elsewhere.
  index::Index* index();
  // What reviewers do with documents in quarantine; null where de-identification runs elsewhere or keeps no originals.
  Review* review();
  // Null where that is.
  Citations* citations();
  // What makes generations of the index; null where the index step runs elsewhere.
  GenerationBuilder* generations();
  // Of what this view shows, by what is known here, under the policy that the recipe of its generation names.
  // not_found: no such collection is configured.
  Result<LeakScan> ScanForLeaks(const store::View& view, const CollectionName& collection,
                                std::string_view recipe) const;
  // By step, what the stages did since this process began; of embed one a lane, which has a worker of its own.
  std::multimap<std::string, const StageStats*> stats() const;
  // What became of the inputs of deid, chunk and embed, from stored progress, where it is this process's: of the runs
  // that end in its index, and of the partitions that it has read of others.
  std::map<std::pair<Step, Lane>, StageTotals> Totals() const;
  // Bytes that wait in memory in front of a step, where the hop before it is fused.
  std::map<std::pair<Step, Lane>, size_t> QueueBytes() const;
  // Whether a document's original is kept here, and whether this process keeps any.
  Result<bool> HasOriginal(const DocumentKey& document) const;
  bool keeps_originals() const;
  // Of each lane; none where the embed step runs elsewhere.
  std::vector<const embed::EmbedCounts*> embed_counts() const;
  // Records that the sink, or the steps before it, have not taken in yet, by lane.
  Result<std::map<Lane, uint64_t>> Backlog();
  // How long nothing of a source's backfill has come to the sink that could have (index::BackfillWatch); nothing where
  // the index step runs elsewhere.
  std::optional<Duration> BackfillStoodStill(const SourceName& source) const;
  // True when everything urgent that was in the log at start has been applied: from then on access is current.
  bool caught_up() const;
  // Stores what is due before a planned end: group progress, the lexical commit.
  Status Flush();

 private:
  struct State;
  explicit Runtime(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace freshet

// SimulatedWorld::Machine: what a power loss ends. Internal to world*.cc.
#pragma once

#include "common/log/embedded_log.h"
#include "common/store/follower_store.h"
#include "services/query/query.h"
#include "services/runtime/runtime.h"
#include "tests/simulation/flaky_embedder.h"
#include "tests/simulation/uneven_log.h"
#include "tests/simulation/world.h"

namespace freshet::test {

// Members are in the order in which they are made; they go in the reverse one.
struct SimulatedWorld::Machine {
  std::unique_ptr<rocksdb::Env> env;
  std::unique_ptr<log::EmbeddedLog> embedded;
  std::unique_ptr<UnevenLog> log;
  MetricRegistry metrics;
  std::shared_ptr<const KeyRing> keys;
  std::shared_ptr<const model::Embedder> embedder;  // that questions are embedded by
  std::shared_ptr<FlakyEmbedder> flaky;             // that documents are
  std::shared_ptr<const model::TokenCounter> tokens;
  std::unique_ptr<Runtime> runtime;
  std::unique_ptr<log::Consumer> guest;    // of one stage's group: it takes a partition, does nothing, and leaves
  store::IndexStoreOptions index_options;  // for who follows
  std::unique_ptr<query::QueryEngine> engine;
  // As of another process that reads the same directory, and its answers; null where nobody follows.
  std::unique_ptr<store::FollowerStore> follower;
  std::unique_ptr<query::QueryEngine> follower_engine;
};

inline TenantName SimulatedTenant() { return TenantName("sim"); }
inline SourceName SimulatedName() { return SourceName("sim"); }
inline CollectionName SimulatedCollection() { return CollectionName("notes"); }

// Whose progress a stage's is that reads a topic.
inline std::string GroupOf(Step step, Lane lane) {
  return "freshet." + SimulatedTenant().value + "." + std::string(freshet::NameOf(step)) + "." +
         std::string(freshet::NameOf(lane));
}

inline query::QueryEngineOptions EngineOptions(const PipelinePlan& plan) {
  return {.tenant = SimulatedTenant(),
          .sources = {{SimulatedName(), SimulatedCollection(), std::chrono::hours(24)}},
          .urgent = SinkStream(plan, Lane::kUrgent),
          .groups = StreamOf(Topic::kGroups),
          .live = SinkStream(plan, Lane::kLive),
          .backfill = SinkStream(plan, Lane::kBackfill)};
}

}  // namespace freshet::test

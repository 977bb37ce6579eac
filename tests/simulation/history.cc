#include "tests/simulation/history.h"

#include "tests/simulation/world.h"

namespace freshet::test {
namespace {

constexpr size_t kEvents = 200;
constexpr size_t kEventsWithCrashes = 150;

WorldOptions OptionsOf(uint64_t seed) {
  WorldOptions options{.seed = seed};
  if (seed % 2 == 1) {
    options.plan.fused.clear();
  } else {
    options.retention = std::chrono::milliseconds(200);  // all that is read is the sink's: it keeps what it needs
  }
  return options;
}

}  // namespace

std::string RunHistory(uint64_t seed, HistoryCounts& counts) {
  SimulatedWorld world(OptionsOf(seed));
  std::string wrong = world.Live(kEventsWithCrashes);
  if (wrong.empty()) wrong = world.Watch(kEvents);
  if (wrong.empty()) wrong = world.Settle();
  for (const char* kind : {"upsert", "delete", "silent delete", "access", "group", "withhold", "release", "edge",
                           "present", "duplicate", "straggler"}) {
    counts[kind] += world.source().count(kind);
  }
  counts["crash"] += world.crashes();
  counts["catch-up"] += world.catch_ups();
  counts["retry"] += world.retries();
  counts["rebalance"] += world.rebalances();
  return wrong;
}

}  // namespace freshet::test

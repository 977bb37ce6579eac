// Random histories of the whole pipeline, with power cuts, against a ten-line model (DESIGN §4.2-4.4, §4.6, §17).
//
//   FRESHET_SEED=17 build/dev/bin/simulation_test     replays one seed; FRESHET_SEEDS=50 runs the first 50

#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/simulation/history.h"

namespace freshet::test {
namespace {

uint64_t NumberFrom(const char* variable, uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(Simulation, EveryHistoryEndsAsTheModelSays) {
  HistoryCounts counts;
  const uint64_t one = NumberFrom("FRESHET_SEED", 0);
  const uint64_t first = one != 0 ? one : NumberFrom("FRESHET_FIRST_SEED", 1);
  const uint64_t last = one != 0 ? one : first + NumberFrom("FRESHET_SEEDS", 250) - 1;
  for (uint64_t seed = first; seed <= last; ++seed) {
    const std::string wrong = RunHistory(seed, counts);
    ASSERT_EQ(wrong, "") << "replay with FRESHET_SEED=" << seed;
  }
  for (const auto& [kind, count] : counts) {
    std::printf("%-14s %zu\n", kind.c_str(), count);
    if (one == 0) {
      EXPECT_GT(count, 0u) << "no history had a " << kind;
    }
  }
}

}  // namespace
}  // namespace freshet::test

// Linked with one planted bug ahead of the sound code: looks for seeds whose histories show it.
//
//   build/dev/bin/planted_<bug> [most seeds] [least catches]     0 and "caught by seed 3: ..."; 1 where too few show it

#include <cstdio>
#include <cstdlib>

#include "common/telemetry/log.h"
#include "tests/simulation/history.h"

int main(int argc, char** argv) {
  const uint64_t most = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100;
  const uint64_t least = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  freshet::ConfigureLogging({.level = freshet::LogLevel::kError});
  freshet::test::HistoryCounts counts;
  uint64_t caught = 0;
  for (uint64_t seed = 1; seed <= most && caught < least; ++seed) {
    const std::string wrong = freshet::test::RunHistory(seed, counts);
    if (wrong.empty()) continue;
    ++caught;
    std::printf("caught by seed %llu: %s\n", static_cast<unsigned long long>(seed), wrong.c_str());
    std::fflush(stdout);
  }
  std::printf("caught by %llu of at most %llu seeds\n", static_cast<unsigned long long>(caught),
              static_cast<unsigned long long>(most));
  return caught >= least ? EXIT_SUCCESS : EXIT_FAILURE;
}

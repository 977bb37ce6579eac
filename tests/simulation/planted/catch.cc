// Linked with one planted bug ahead of the sound code: looks for a seed whose history shows it.
//
//   build/dev/bin/planted_<bug> [most seeds]        0 and "caught by seed 3 of 100: ..."; 1 where none shows it

#include <cstdio>
#include <cstdlib>

#include "common/telemetry/log.h"
#include "tests/simulation/history.h"

int main(int argc, char** argv) {
  const uint64_t most = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100;
  freshet::ConfigureLogging({.level = freshet::LogLevel::kError});
  freshet::test::HistoryCounts counts;
  for (uint64_t seed = 1; seed <= most; ++seed) {
    const std::string wrong = freshet::test::RunHistory(seed, counts);
    if (wrong.empty()) continue;
    std::printf("caught by seed %llu of %llu: %s\n", static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(most), wrong.c_str());
    return EXIT_SUCCESS;
  }
  std::printf("not caught by %llu seeds\n", static_cast<unsigned long long>(most));
  return EXIT_FAILURE;
}

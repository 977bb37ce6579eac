// Patiently: asks again while the cluster is between two states: a leader or coordinator that is just being made.
// Internal to the Kafka log.
//
//   return Patiently(options.request_timeout, [&] { return groups.Committed(group, partitions); });
#pragma once

#include <chrono>
#include <thread>

#include "common/base/clock.h"
#include "common/base/status.h"

namespace freshet::log {

// The first answer (a Status or a Result) that is not log_unavailable, or the last one within `limit`.
template <class Ask>
auto Patiently(Duration limit, const Ask& ask) {
  constexpr Duration kAgain = std::chrono::milliseconds(20);
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (true) {
    auto answer = ask();
    if (answer.code() != Code::kLogUnavailable || std::chrono::steady_clock::now() > deadline) return answer;
    std::this_thread::sleep_for(kAgain);
  }
}

}  // namespace freshet::log

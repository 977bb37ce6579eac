// When to try again: jittered exponential backoff, and a circuit breaker that tells a poisoned input from a world that
// is down.
//
//   Backoff backoff({.first = 10ms, .longest = 5s}, seed);
//   next_try = clock.Now() + backoff.Next();   ...   backoff.Reset();
//
// Both belong to one thread.
#pragma once

#include <random>

#include "common/base/clock.h"

namespace freshet {

struct BackoffOptions {
  Duration first = std::chrono::milliseconds(10);
  Duration longest = std::chrono::seconds(5);
};

// "Full jitter" (M. Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015), never below half:
// uniform in [d/2, d], d doubling from first to longest.
class Backoff {
 public:
  Backoff(BackoffOptions options, uint64_t seed) : options_(options), random_(seed), next_(options.first) {}

  Duration Next() {
    const Duration limit = next_;
    next_ = std::min(next_ * 2, options_.longest);
    return Duration(std::uniform_int_distribution<int64_t>(limit.count() / 2, limit.count())(random_));
  }
  void Reset() { next_ = options_.first; }

 private:
  BackoffOptions options_;
  std::mt19937_64 random_;
  Duration next_;
};

// Closed: failures of single inputs count against them. Open, after `threshold` rounds in which nothing succeeded: the
// world is down, failures count against nobody, and a round is a probe. One success closes it.
class CircuitBreaker {
 public:
  explicit CircuitBreaker(unsigned threshold) : threshold_(threshold) {}

  void OnRound(bool any_succeeded) { failed_rounds_ = any_succeeded ? 0 : failed_rounds_ + 1; }
  bool open() const { return failed_rounds_ >= threshold_; }

 private:
  const unsigned threshold_;
  unsigned failed_rounds_ = 0;
};

}  // namespace freshet

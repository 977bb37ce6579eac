// Time as Freshet counts it, and a clock that a test can move.
//
//   ManualClock clock(Time(5s));   clock.Advance(200ms);   clock.Now()
//
// Both clocks may be called from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace freshet {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;  // UTC

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time Now() const override;
};

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Time start) : now_(start.time_since_epoch().count()) {}
  Time Now() const override { return Time(Duration(now_.load())); }
  void Advance(Duration by) { now_ += by.count(); }
  void Set(Time to) { now_ = to.time_since_epoch().count(); }

 private:
  std::atomic<int64_t> now_;
};

// True from `due` on. And where it lies further ahead than what is done `every` so often ever waits: the clock was set
// back, and what is due must not wait until it has come round again.
constexpr bool IsDue(Time due, Time now, Duration every) { return now >= due || due - now > every; }

constexpr int64_t ToMicros(Time time) { return time.time_since_epoch().count(); }
constexpr Time FromMicros(int64_t micros) { return Time(Duration(micros)); }
constexpr double ToMillis(Duration duration) { return static_cast<double>(duration.count()) / 1000.0; }

// RFC 3339 in UTC with milliseconds: "2026-01-31T09:30:00.125Z".
std::string FormatTime(Time time);
// Reads RFC 3339 with any fraction and offset, or a date alone (midnight UTC). invalid_argument.
Result<Time> ParseTime(std::string_view text);
// "250ms", "5s", "5m", "24h", "30d". invalid_argument.
Result<Duration> ParseDuration(std::string_view text);
// The shortest of the forms that ParseDuration reads back to the same value.
std::string FormatDuration(Duration duration);

}  // namespace freshet

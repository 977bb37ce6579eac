// What is promised of a source, and whether it holds.
//
//   Slo promise{.name = "searchable", .target = 5s, .objective = 0.999, .window = 30d,
//               .operations = {"insert", "update"}, .of_content = true};
//   SloReport report = EvaluateSlo(promise, measure, {.content = 180ms, .access = 120ms});
//   report.state            // kMet
//
// An event is a change of the live or urgent lane that took effect (good: within the target), or one that was skipped
// for an error (always bad). Backfills make no promise: their commits lie before anybody listened.
//
//   error budget = 1 - objective            the share of events that may be bad
//   burn rate    = share that was bad / error budget     1 uses the budget up exactly by the window's end
//   budget left  = 1 - burn rate over the window, at least 0
//
// Alarms look at two windows each, after the multi-window, multi-burn-rate rule of "The Site Reliability Workbook",
// chapter 5: the long one says that it matters, the short one (a twelfth) that it is still going on.
//
//   fast: 2 % of the budget gone within window/720 (an hour of 30 days): rate 14.4
//   slow: 5 % of the budget gone within window/120 (six hours of 30 days): rate 6
//
// Windows are at least 5 minutes long and 1 minute short, and the rate follows. Pure functions, any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.h"

namespace freshet::slo {

struct Slo {
  std::string name;
  Duration target = std::chrono::seconds(5);
  double objective = 0.999;
  Duration window = std::chrono::days(30);
  std::vector<std::string> operations;
  bool of_content = false;  // changes that are skipped count as bad, and content's watermark says what is overdue
};

struct Events {
  uint64_t good = 0;
  uint64_t bad = 0;
  uint64_t total() const { return good + bad; }
  Events& operator+=(const Events& other);
  bool operator==(const Events&) const = default;
};

// How many events there were in the last `window`; `operation` is one of the SLO's, or kSkips.
inline constexpr std::string_view kSkips = "skips";
using Measure = std::function<Events(std::string_view operation, Duration window)>;

enum class SloState : uint8_t {
  kUnknown,   // the source has not said yet how far it is
  kMet,       // within budget, and not about to leave it
  kAtRisk,    // the budget burns faster than an alarm allows, or the source is overdue
  kViolated,  // more bad events in the window than the objective allows
};
std::string_view NameOf(SloState state);  // "unknown", "met", "at_risk", "violated"

// A pair of windows and the rate at which both together are an alarm.
struct BurnAlarm {
  Duration long_window;
  Duration short_window;
  double rate;
};
BurnAlarm FastAlarm(const Slo& slo);
BurnAlarm SlowAlarm(const Slo& slo);

struct OperationReport {
  std::string operation;
  Events events;
  double burn_fast = 0;
  double budget_left = 1;
};

struct SloReport {
  Slo slo;
  SloState state = SloState::kUnknown;
  Events events;                            // of the window, skips among the bad
  uint64_t skips = 0;                       // of these
  double budget_left = 1;                   // 1 to 0
  double burn_fast = 0;                     // over FastAlarm's long window
  double burn_slow = 0;                     // over SlowAlarm's
  std::vector<OperationReport> operations;  // as the SLO lists them
};

// Now less what a source has vouched for; nothing where it has vouched for nothing yet.
struct Staleness {
  std::optional<Duration> content;
  std::optional<Duration> access;
};

// 0 where there were no events.
double BurnRate(const Events& events, double objective);

// An SLO whose source is further behind than the target (and than the few seconds between heartbeats) is at risk,
// whatever was counted: a change may be overdue.
SloReport EvaluateSlo(const Slo& slo, const Measure& measure, const Staleness& staleness);

}  // namespace freshet::slo

#include "common/slo/slo.h"

#include <algorithm>

namespace freshet::slo {
namespace {

// A connector vouches for its source every now and then, not all the time.
constexpr Duration kHeartbeatsApart = std::chrono::seconds(5);
constexpr Duration kLeastLong = std::chrono::minutes(5);
constexpr Duration kLeastShort = std::chrono::minutes(1);

struct AlarmRule {
  int64_t part_of_window;
  double share_of_budget;
};
constexpr AlarmRule kFast{720, 0.02};
constexpr AlarmRule kSlow{120, 0.05};

double Count(Duration duration) { return static_cast<double>(duration.count()); }

BurnAlarm AlarmOf(const Slo& slo, const AlarmRule& rule) {
  const Duration longer = std::max(slo.window / rule.part_of_window, kLeastLong);
  return {longer, std::max(longer / 12, kLeastShort), rule.share_of_budget * Count(slo.window) / Count(longer)};
}

// Of all the SLO's operations, skips among them where they count.
Events EventsOver(const Slo& slo, const Measure& measure, Duration window) {
  Events events;
  for (const std::string& operation : slo.operations) events += measure(operation, window);
  if (slo.of_content) events += measure(kSkips, window);
  return events;
}

bool IsBurning(const Slo& slo, const Measure& measure, const BurnAlarm& alarm) {
  for (const Duration window : {alarm.long_window, alarm.short_window}) {
    if (BurnRate(EventsOver(slo, measure, window), slo.objective) < alarm.rate) return false;
  }
  return true;
}

double BudgetLeft(const Events& events, double objective) {
  return std::clamp(1 - BurnRate(events, objective), 0.0, 1.0);
}

SloState StateOf(const Slo& slo, const Measure& measure, const Events& events, std::optional<Duration> staleness) {
  // What is counted cannot be talked away, whatever is unknown.
  if (BurnRate(events, slo.objective) > 1) return SloState::kViolated;
  if (!staleness) return SloState::kUnknown;
  const bool overdue = *staleness > std::max(slo.target, kHeartbeatsApart);
  const bool burning = IsBurning(slo, measure, FastAlarm(slo)) || IsBurning(slo, measure, SlowAlarm(slo));
  return overdue || burning ? SloState::kAtRisk : SloState::kMet;
}

}  // namespace

Events& Events::operator+=(const Events& other) {
  good += other.good;
  bad += other.bad;
  return *this;
}

std::string_view NameOf(SloState state) {
  static constexpr std::string_view kNames[] = {"unknown", "met", "at_risk", "violated"};
  return kNames[static_cast<size_t>(state)];
}

BurnAlarm FastAlarm(const Slo& slo) { return AlarmOf(slo, kFast); }
BurnAlarm SlowAlarm(const Slo& slo) { return AlarmOf(slo, kSlow); }

double BurnRate(const Events& events, double objective) {
  if (events.bad == 0) return 0;
  return static_cast<double>(events.bad) / static_cast<double>(events.total()) / (1 - objective);
}

SloReport EvaluateSlo(const Slo& slo, const Measure& measure, const Staleness& staleness) {
  SloReport report{.slo = slo};
  for (const std::string& operation : slo.operations) {
    const Events events = measure(operation, slo.window);
    const Events recent = measure(operation, FastAlarm(slo).long_window);
    report.operations.push_back(
        {operation, events, BurnRate(recent, slo.objective), BudgetLeft(events, slo.objective)});
    report.events += events;
  }
  if (slo.of_content) {
    const Events skips = measure(kSkips, slo.window);
    report.skips = skips.bad;
    report.events += skips;
  }
  report.budget_left = BudgetLeft(report.events, slo.objective);
  report.burn_fast = BurnRate(EventsOver(slo, measure, FastAlarm(slo).long_window), slo.objective);
  report.burn_slow = BurnRate(EventsOver(slo, measure, SlowAlarm(slo).long_window), slo.objective);
  report.state = StateOf(slo, measure, report.events, slo.of_content ? staleness.content : staleness.access);
  return report;
}

}  // namespace freshet::slo

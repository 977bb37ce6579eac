#include "services/query/slo_json.h"

#include "common/base/origin.h"

namespace freshet::query {
namespace {

using nlohmann::ordered_json;

constexpr size_t kMinutes = 60;

ordered_json EventsJson(const slo::Events& events) { return {{"good", events.good}, {"bad", events.bad}}; }

ordered_json AlarmJson(const slo::BurnAlarm& alarm) {
  return {{"long_ms", ToMillis(alarm.long_window)}, {"short_ms", ToMillis(alarm.short_window)}, {"rate", alarm.rate}};
}

ordered_json MinutesJson(const std::vector<LatencyCounts>& minutes) {
  ordered_json p95 = ordered_json::array(), count = ordered_json::array();
  for (const LatencyCounts& minute : minutes) {
    const auto quantile = minute.Quantile(0.95);
    p95.push_back(quantile ? ordered_json(ToMillis(*quantile)) : ordered_json(nullptr));
    count.push_back(minute.count());
  }
  return {{"p95", std::move(p95)}, {"count", std::move(count)}};
}

}  // namespace

ordered_json SloJson(const slo::SloReport& report) {
  const slo::Slo& slo = report.slo;
  ordered_json row = {{"name", slo.name},
                      {"target_ms", ToMillis(slo.target)},
                      {"objective", slo.objective},
                      {"window", FormatDuration(slo.window)},
                      {"budget_left", report.budget_left},
                      {"burn_fast", report.burn_fast},
                      {"burn_slow", report.burn_slow},
                      {"state", slo::NameOf(report.state)},
                      {"events", EventsJson(report.events)},
                      {"skipped", report.skips},
                      {"alarms", {{"fast", AlarmJson(FastAlarm(slo))}, {"slow", AlarmJson(SlowAlarm(slo))}}}};
  for (const slo::OperationReport& operation : report.operations) {
    row["operations"][operation.operation] = {{"events", EventsJson(operation.events)},
                                              {"budget_left", operation.budget_left},
                                              {"burn_fast", operation.burn_fast}};
  }
  return row;
}

void FillMinutes(const slo::SloBook& book, const SourceName& source, ordered_json& row) {
  for (const std::string_view operation : slo::kOperations) {
    const std::string name(operation);
    row["searchable_ms"][name] = MinutesJson(book.Minutes(source, "searchable/" + name, kMinutes));
  }
  for (size_t i = 0; i < kStepCount; ++i) {
    const std::string step(freshet::NameOf(static_cast<Step>(i)));
    row["stages_ms"][step] = MinutesJson(book.Minutes(source, "stage/" + step, kMinutes));
  }
}

}  // namespace freshet::query

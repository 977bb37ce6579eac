#include "common/telemetry/metric_table.h"

namespace freshet {

std::string_view NameOf(MetricType type) {
  static constexpr std::string_view kNames[] = {"counter", "gauge", "histogram"};
  return kNames[static_cast<size_t>(type)];
}

std::string MetricMarkdown() {
  std::string table = "| metric | type | labels | what it counts |\n|---|---|---|---|\n";
  for (const MetricRow& row : kMetricRows) {
    std::string labels;
    for (size_t i = 0; i < row.label_count; ++i) {
      labels.append(i == 0 ? "`" : ", `").append(row.labels[i]).append("`");
    }
    table.append("| `").append(row.name).append("` | ").append(NameOf(row.type)).append(" | ").append(labels);
    table.append(" | ").append(row.help).append(" |\n");
  }
  return table;
}

}  // namespace freshet

#include "services/pipeline.h"

#include <cstdio>

namespace freshet {

Step PipelinePlan::HeadOf(Step step) const {
  size_t head = static_cast<size_t>(step);
  while (head > static_cast<size_t>(Step::kDeid) && IsFused(static_cast<Step>(head - 1))) --head;
  return static_cast<Step>(head);
}

Stream SinkStream(const PipelinePlan& plan, Lane lane) {
  if (lane == Lane::kUrgent) return StreamOf(Topic::kChangesUrgent);
  return StreamOf(InputOf(plan.HeadOf(Step::kIndex), lane));
}

std::string DescribePipeline(const PipelinePlan& plan) {
  std::string text = "connectors\n";
  char line[200];
  for (const StageRow& row : kPipeline) {
    const bool durable = plan.HeadOf(row.step) == row.step;
    const std::string hop =
        durable ? "topics " + std::string(RowOf(row.in_live).suffix) + ", " + std::string(RowOf(row.in_backfill).suffix)
                : "in memory";
    std::snprintf(line, sizeof line, "   |  %s\n   v\n%-8s %s  [%s]\n", hop.c_str(), NameOf(row.step).data(), row.does,
                  *row.gives ? row.gives : "RocksDB + Lucene++");
    text += line;
  }
  text += "beside the lanes:\n";
  for (const TopicRow& row : AllTopics()) {
    if (row.topic == Topic::kChangesUrgent || row.topic == Topic::kIdentities || row.topic == Topic::kGroups) {
      std::snprintf(line, sizeof line, "   %-16s %s -> %s\n", row.suffix.data(), row.written_by.data(),
                    row.read_by.data());
      text += line;
    }
  }
  return text;
}

}  // namespace freshet

#include "services/runtime/rerun.h"

#include "services/runtime/change_record.h"

namespace freshet {

Status Rerunner::Run(Origin origin, const Upsert& upsert) const {
  const auto now = static_cast<uint64_t>(ToMicros(parts_.clock.Now()));
  origin.revision = {.deid_run = std::max(now, origin.revision.deid_run + 1)};
  origin.stamps = {};
  origin.StampOf(Step::kCaptured) = parts_.clock.Now();
  return Publish({std::move(origin), upsert}, Lane::kBackfill);
}

Status Rerunner::Withhold(Origin origin, Code reason) const {
  origin.stamps = {};
  origin.StampOf(Step::kCaptured) = parts_.clock.Now();
  origin.committed = parts_.clock.Now();
  return Publish({std::move(origin), freshet::Withhold{reason}}, Lane::kUrgent);
}

Status Rerunner::Publish(const ChangeEvent& event, Lane lane) const {
  FRESHET_ASSIGN_OR_RETURN(const log::NewRecord record,
                           ChangeRecord(event, lane, {options_.tenant, options_.partitions, *parts_.keys}));
  return parts_.log.Append({&record, 1}).status();
}

}  // namespace freshet

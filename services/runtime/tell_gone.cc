#include "services/runtime/tell_gone.h"

#include "services/runtime/change_record.h"

namespace freshet {
namespace {

constexpr size_t kToldPerCall = 5'000;

}  // namespace

Status TellGone(const HopContext& context, store::IndexStore& store) {
  FRESHET_ASSIGN_OR_RETURN(const std::vector<store::GoneDocument> untold, store.Untold(kToldPerCall));
  if (untold.empty()) return OkStatus();
  std::vector<log::NewRecord> records;
  for (const auto& [document, version] : untold) {
    const Time now = context.parts.clock.Now();
    ChangeEvent event{.origin = {.source = document.source,
                                 .collection = document.collection,
                                 .document = document.document,
                                 .version = version,
                                 .committed = now},
                      .change = Delete{}};
    event.origin.StampOf(Step::kCaptured) = now;
    const RuntimeOptions& options = context.options;
    FRESHET_ASSIGN_OR_RETURN(
        log::NewRecord record,
        ChangeRecord(event, Lane::kUrgent, {options.tenant, options.partitions, *context.parts.keys}));
    records.push_back(std::move(record));
  }
  FRESHET_RETURN_IF_ERROR(context.parts.log.Append(records).status());
  return store.Told(untold);
}

}  // namespace freshet

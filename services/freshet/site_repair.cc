// What operators may do to a running site (services/repair), of this process.
#include "connectors/registry.h"
#include "services/freshet/site_process.h"
#include "services/repair/operator_desk.h"
#include "services/runtime/review.h"

namespace freshet {
namespace {

NativeNames::Options NamesOf(const SiteConfig& site, const SourceConfig& source) {
  const CollectionConfig* const collection = site.FindCollection(source.collection);
  return {.tenant = site.tenant,
          .source = source.name,
          .collection = source.collection,
          .policy = collection->deidentify,
          .opaque = collection->deidentify != "none",
          .own_principals = source.principals == PrincipalSpace::kOwn};
}

// Whose snapshot a second reader may take: a walk of the folder, a run of the tap without a state. That of others would
// take from the first reader what it is to be told.
bool MayBeStepped(const SourceConfig& source) { return source.connector == "folder" || source.connector == "singer"; }

std::map<SourceName, repair::SourceEntry> EntriesOf(const SiteConfig& site) {
  std::map<SourceName, repair::SourceEntry> entries;
  for (const SourceConfig& source : site.sources) {
    repair::SourceEntry entry{
        .collection = source.collection, .may_step = MayBeStepped(source), .names = NamesOf(site, source)};
    entry.lister = [&source] { return MakeConnector(source.connector, source.options); };
    entries.emplace(source.name, std::move(entry));
  }
  return entries;
}

}  // namespace

void SiteProcess::OpenRepair() {
  const auto index = [this] { return this->index(); };
  std::function<Result<bool>(const DocumentKey&)> originals;
  if (runtime_ != nullptr && runtime_->keeps_originals()) {
    originals = [this](const DocumentKey& document) { return runtime_->HasOriginal(document); };
  }
  std::function<bool(const DocumentKey&)> is_held;
  if (runtime_ != nullptr && runtime_->review() != nullptr) {
    is_held = [this](const DocumentKey& document) { return runtime_->review()->IsHeld(document); };
  }
  desk_ = std::make_unique<repair::OperatorDesk>(
      repair::DeadLetterBox::Parts{.log = *log_, .tenant = config_.tenant, .partitions = config_.log.partitions},
      repair::SourceDesk::Parts{
          .data_dir = config_.data_dir, .keys = *keys_, .clock = clock_, .sources = EntriesOf(config_), .index = index},
      repair::ReceiptDesk::Parts{.log = *log_,
                                 .clock = clock_,
                                 .tenant = config_.tenant,
                                 .partitions = config_.log.partitions,
                                 .retention = config_.log.retention_time,
                                 .index = index,
                                 .has_original = std::move(originals),
                                 .is_held = std::move(is_held)});
}

Result<query::RepairAnswer> SiteProcess::Repair(const query::RepairCall& call) {
  for (const std::string_view action : {"generations", "promote", "rollback", "drop_generation"}) {
    if (call.action == action) return Generations(call);
  }
  FRESHET_ASSIGN_OR_RETURN(repair::OperatorAnswer answer,
                           desk_->Do({call.action, call.subject, call.parameters, call.body}));
  return query::RepairAnswer{std::move(answer.json), std::move(answer.audit)};
}

}  // namespace freshet

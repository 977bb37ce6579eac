#include "services/repair/source_listing.h"

#include <thread>

#include "connectors/dry_host.h"

namespace freshet::repair {
namespace {

class ListingHost final : public DryHost {
 public:
  ListingHost(const NativeNames& names, const Clock& clock) : DryHost(clock), names_(names) {}

  Status Publish(std::vector<ChangeEvent> events, Lane) override {
    for (const ChangeEvent& event : events) Take(event);
    return OkStatus();
  }

  std::set<std::string> documents;
  bool ended = false;

 private:
  void Take(const ChangeEvent& event) {
    const auto* const edge = std::get_if<SnapshotEdge>(&event.change);
    if (edge != nullptr && edge->side == SnapshotEdge::Side::kEnd) ended = true;
    const std::string id = names_.Document(event.origin.document.value).value;
    if (std::holds_alternative<Upsert>(event.change)) documents.insert(id);
    if (std::holds_alternative<Delete>(event.change)) documents.erase(id);
  }

  const NativeNames& names_;
};

const Status kTooLate(Code::kTimeout, "the source is not listed in time");

Result<std::set<std::string>> Snapshot(Connector& connector, const NativeNames& names, const ListingOptions& options) {
  ListingHost host(names, options.clock);
  const auto end = std::chrono::steady_clock::now() + options.limit;
  while (!host.ended) {
    if (std::chrono::steady_clock::now() > end) return kTooLate;
    FRESHET_ASSIGN_OR_RETURN(const bool did, connector.Step(host));
    if (!did) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return std::move(host.documents);
}

}  // namespace

Result<std::set<std::string>> ListSource(Connector& connector, const NativeNames& names,
                                         const ListingOptions& options) {
  std::set<std::string> documents;
  const auto end = std::chrono::steady_clock::now() + options.limit;
  const Status listed = connector.List([&](const std::string& id) {
    if (std::chrono::steady_clock::now() > end) return kTooLate;
    documents.insert(names.Document(id).value);
    return OkStatus();
  });
  if (listed.ok()) return documents;
  if (listed.code() != Code::kUnsupportedChange || !options.may_step) return listed;
  FRESHET_RETURN_IF_ERROR(connector.Check());
  return Snapshot(connector, names, options);
}

}  // namespace freshet::repair

#include "services/repair/source_desk.h"

#include "services/repair/source_listing.h"

namespace freshet::repair {

Result<const SourceEntry*> SourceDesk::Find(const SourceName& source) const {
  const auto found = parts_.sources.find(source);
  if (found == parts_.sources.end()) return Status(Code::kNotFound, "no source has this name");
  return &found->second;
}

Status SourceDesk::Change(const SourceName& source, const std::function<void(SignalState&)>& change) const {
  FRESHET_RETURN_IF_ERROR(Find(source).status());
  const std::filesystem::path file = SignalFileOf(parts_.data_dir, source);
  FRESHET_ASSIGN_OR_RETURN(SignalState state, ReadSignals(file));
  change(state);
  return WriteSignals(file, state);
}

Status SourceDesk::SetPaused(const SourceName& source, bool paused) const {
  return Change(source, [&](SignalState& state) { state.paused = paused; });
}

Status SourceDesk::Backfill(const SourceName& source, const Wish& wish) const {
  if (wish.documents.size() > parts_.most) {
    return Status(Code::kInvalidArgument, "at most " + std::to_string(parts_.most) + " documents at once");
  }
  return Change(source, [&](SignalState& state) {
    ++state.snapshots;
    state.again_documents = wish.documents;
    state.again_since.reset();
    if (wish.since) state.again_since = static_cast<uint64_t>(std::max<int64_t>(ToMicros(*wish.since), 0));
    if (!wish.since && wish.documents.empty()) state.again_since = 0;
  });
}

Result<Reconciled> SourceDesk::Reconcile(const SourceName& source, Mend mend) const {
  FRESHET_ASSIGN_OR_RETURN(const SourceEntry* const entry, Find(source));
  const store::IndexReader* const index = parts_.index ? parts_.index() : nullptr;
  if (index == nullptr) return Status(Code::kUnavailable, "this process has no index");
  FRESHET_ASSIGN_OR_RETURN(const std::unique_ptr<Connector> connector, entry->lister());
  const NativeNames names(entry->names, parts_.keys);
  FRESHET_ASSIGN_OR_RETURN(std::set<std::string> missing,
                           ListSource(*connector, names, {parts_.clock, parts_.list_limit, entry->may_step}));
  Reconciled found{.in_source = missing.size()};
  index->ForEachDocument([&](const store::KnownDocument& row) {
    if (row.source != source || row.collection != entry->collection) return true;
    if (row.state == store::DocumentState::kDeleted) return true;
    ++found.in_index;
    const bool in_source = missing.erase(row.document.value) > 0;
    if (in_source) return true;
    ++found.surplus_count;
    if (found.surplus.size() < parts_.most) found.surplus.push_back(row.document.value);
    return true;
  });
  if (const auto skipped = index->Skipped(); skipped.contains(source)) found.skipped = skipped.at(source);
  found.missing_count = missing.size();
  for (const std::string& id : missing) {
    if (found.missing.size() == parts_.most) break;
    found.missing.push_back(id);
  }
  found.mending = mend == Mend::kYes && found.missing_count + found.surplus_count > 0;
  if (!found.mending) return found;
  // More than can be named: everything.
  const bool named = found.missing_count <= parts_.most && found.missing_count > 0;
  const Time never = FromMicros(std::numeric_limits<int64_t>::max());
  Wish wish;
  if (named) wish.documents = found.missing;
  if (found.missing_count == 0) wish.since = never;  // a snapshot alone deletes the surplus
  FRESHET_RETURN_IF_ERROR(Backfill(source, wish));
  return found;
}

}  // namespace freshet::repair

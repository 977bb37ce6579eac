// The documents of a batch: those that are whole, then those that must be asked for, few at a time.
#include "connectors/rows/batch.h"
#include "connectors/rows/fetch.h"

namespace freshet::rows {
namespace {

size_t BytesOf(const Resolved& events) {
  size_t bytes = 0;
  for (const ChangeEvent& event : events.contents) bytes += std::get<Upsert>(event.change).content.size();
  return bytes;
}

}  // namespace

Status Batch::Resolve(RowSource* source, const Sink& sink) {
  Items items;
  for (auto& [key, pending] : pending_) items.emplace_back(key, std::move(pending));
  pending_.clear();
  bytes_ = 0;
  Resolved first;
  FRESHET_RETURN_IF_ERROR(ResolveLists(source, items, first));
  FRESHET_RETURN_IF_ERROR(ResolveIdentities(source, items, first));
  const auto wanted = [](const Pending& pending) {
    return pending.what == Touch::What::kUpsert || pending.what == Touch::What::kFetch;
  };
  for (const auto& [key, pending] : items) {
    if (key.kind != EntityKind::kDocument) continue;
    if (!wanted(pending)) AddDelete(key, pending, first);
    if (pending.what == Touch::What::kUpsert) AddDocument(key, pending, *pending.row, {}, first);
  }
  if (first.size() != 0) FRESHET_RETURN_IF_ERROR(sink(std::move(first)));
  return ResolveDocuments(source, items, sink);
}

// What cannot be asked for exists all the same: its version is accounted for, without content.
Status Batch::AddUnaskable(const Items& asked, Resolved& out) {
  for (const auto& [key, pending] : asked) {
    ChangeEvent event{
        .origin = {.version = VersionAt(pending.stamp, SubPlace::kContent), .committed = pending.stamp.committed},
        .change = Upsert{.refused = Code::kUnsupportedChange}};
    event.origin.document = DocumentId(assembler_.NativeId(key));
    out.contents.push_back(std::move(event));
  }
  return OkStatus();
}

Status Batch::AddAsked(RowSource& source, const Items& asked, Resolved& out) {
  const DocumentRule& rule = mapping_.documents()[asked.front().first.rule];
  std::vector<Key> keys;
  for (const auto& [key, pending] : asked) keys.push_back(key.values);
  FRESHET_ASSIGN_OR_RETURN(const auto found, FetchDocuments(rule, keys, source));
  for (const auto& [key, pending] : asked) {
    const auto at = found.find(key.values);
    Pending judged = pending;
    judged.what = at == found.end() ? Touch::What::kDelete : mapping_.JudgeDocument(rule, at->second.row);
    if (judged.what == Touch::What::kDelete || judged.what == Touch::What::kEnteredInError) {
      AddDelete(key, judged, out);
    } else {
      AddDocument(key, judged, at->second.row, at->second.children, out);
    }
  }
  return OkStatus();
}

Status Batch::ResolveDocuments(RowSource* source, const Items& items, const Sink& sink) {
  std::map<uint32_t, Items> by_rule;
  for (const auto& item : items) {
    if (item.first.kind != EntityKind::kDocument || item.second.what != Touch::What::kFetch) continue;
    by_rule[item.first.rule].push_back(item);
  }
  Resolved out;
  for (const auto& [rule, all] : by_rule) {
    for (size_t from = 0; from < all.size(); from += limits_.fetch) {
      const Items asked(all.begin() + from, all.begin() + std::min(all.size(), from + limits_.fetch));
      FRESHET_RETURN_IF_ERROR(source == nullptr ? AddUnaskable(asked, out) : AddAsked(*source, asked, out));
      if (BytesOf(out) >= limits_.bytes) FRESHET_RETURN_IF_ERROR(sink(std::exchange(out, {})));
    }
  }
  return out.size() == 0 ? OkStatus() : sink(std::move(out));
}

}  // namespace freshet::rows

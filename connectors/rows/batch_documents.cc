// The documents of a batch: those that are whole, then those that must be asked for, few at a time.
#include "connectors/rows/batch.h"
#include "connectors/rows/fetch.h"

namespace freshet::rows {

Result<Resolved> Batch::Resolve(RowSource* source) {
  Items items;
  for (auto& [key, pending] : pending_) items.emplace_back(key, std::move(pending));
  pending_.clear();
  bytes_ = 0;
  Resolved out;
  FRESHET_RETURN_IF_ERROR(ResolveLists(source, items, out));
  FRESHET_RETURN_IF_ERROR(ResolveIdentities(source, items, out));
  for (const auto& [key, pending] : items) {
    if (key.kind != EntityKind::kDocument) continue;
    if (pending.what == Touch::What::kUpsert) {
      AddDocument(mapping_, {.rule = key.rule, .row = *pending.row}, pending.stamp, out);
    } else if (pending.what != Touch::What::kFetch) {
      AddDelete(key, pending, out);
    }
  }
  FRESHET_RETURN_IF_ERROR(ResolveDocuments(source, items, out));
  return out;
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
      const WholeDocument& whole = at->second;
      AddDocument(mapping_, {.rule = key.rule, .row = whole.row, .children = whole.children}, pending.stamp, out);
    }
  }
  return OkStatus();
}

Status Batch::ResolveDocuments(RowSource* source, const Items& items, Resolved& out) {
  std::map<uint32_t, Items> by_rule;
  for (const auto& item : items) {
    if (item.first.kind != EntityKind::kDocument || item.second.what != Touch::What::kFetch) continue;
    by_rule[item.first.rule].push_back(item);
  }
  for (const auto& [rule, all] : by_rule) {
    for (size_t from = 0; from < all.size(); from += limits_.fetch) {
      const Items asked(all.begin() + from, all.begin() + std::min(all.size(), from + limits_.fetch));
      FRESHET_RETURN_IF_ERROR(source == nullptr ? AddUnaskable(asked, out) : AddAsked(*source, asked, out));
    }
  }
  return OkStatus();
}

}  // namespace freshet::rows

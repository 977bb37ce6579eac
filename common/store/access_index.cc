#include "common/store/access_index.h"

namespace freshet::store {

void AccessIndex::Take(const AccessList& list, const Roaring& documents) {
  if (list.removed || documents.isEmpty()) return;
  for (const Entry& entry : list.allow) allowed_.Add(entry, documents);
  for (const Entry& entry : list.deny) denied_.Add(entry, documents);
}

void AccessIndex::Drop(const AccessList& list, const Roaring& documents) {
  if (list.removed || documents.isEmpty()) return;
  for (const Entry& entry : list.allow) allowed_.Remove(entry, documents);
  for (const Entry& entry : list.deny) denied_.Remove(entry, documents);
}

void AccessIndex::Place(DocumentOrdinal document, const SourceKey& scope, const ScopeLists* lists,
                        const Version& content) {
  documents_of_[scope].Add(document.value);
  if (lists == nullptr) return;
  if (!IsSettled(*lists, content)) {
    waiting_.add(document.value);
    return;
  }
  const AccessList& list = lists->newest();
  if (list.removed) return;
  for (const Entry& entry : list.allow) allowed_.Add(entry, document.value);
  for (const Entry& entry : list.deny) denied_.Add(entry, document.value);
}

void AccessIndex::Unplace(DocumentOrdinal document, const SourceKey& scope, const ScopeLists* lists,
                          const Version& content) {
  const auto documents = documents_of_.find(scope);
  if (documents != documents_of_.end()) {
    documents->second.Remove(document.value);
    if (documents->second.empty()) documents_of_.erase(documents);
  }
  if (lists == nullptr) return;
  if (waiting_.removeChecked(document.value)) return;
  if (!IsSettled(*lists, content)) return;
  const uint32_t ordinal = document.value;
  Drop(lists->newest(), Roaring(1, &ordinal));
}

void AccessIndex::ScopeChanged(const SourceKey& scope, const ScopeLists* before, const ScopeLists& after,
                               const VersionOf& version_of) {
  const auto found = documents_of_.find(scope);
  if (found == documents_of_.end()) return;
  const Roaring documents = found->second.AsBitmap();
  if (before != nullptr) Drop(before->newest(), documents - waiting_);
  waiting_ -= documents;
  Roaring settled = documents;
  if (after.newest().content) {
    for (const uint32_t ordinal : documents) {
      if (IsSettled(after, version_of(DocumentOrdinal(ordinal)))) continue;
      settled.remove(ordinal);
      waiting_.add(ordinal);
    }
  }
  Take(after.newest(), settled);
}

Roaring AccessIndex::Allowed(Asking asking, const Judge& judge) const {
  Roaring allowed = allowed_.Of(asking);
  allowed -= denied_.Of(asking);
  for (const uint32_t ordinal : waiting_) {
    if (judge(DocumentOrdinal(ordinal))) allowed.add(ordinal);
  }
  return allowed;
}

}  // namespace freshet::store

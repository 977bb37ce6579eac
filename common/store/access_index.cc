#include "common/store/access_index.h"

namespace freshet::store {
namespace {

void Subtract(std::unordered_map<std::string, Roaring>& bitmaps, const std::string& principal,
              const Roaring& documents) {
  const auto found = bitmaps.find(principal);
  if (found == bitmaps.end()) return;
  found->second -= documents;
  if (found->second.isEmpty()) bitmaps.erase(found);
}

}  // namespace

void AccessIndex::Take(const AccessList& list, const Roaring& documents) {
  if (list.removed || documents.isEmpty()) return;
  for (const std::string& principal : list.allow) allowed_[principal] |= documents;
  for (const std::string& principal : list.deny) denied_[principal] |= documents;
}

void AccessIndex::Drop(const AccessList& list, const Roaring& documents) {
  if (list.removed || documents.isEmpty()) return;
  for (const std::string& principal : list.allow) Subtract(allowed_, principal, documents);
  for (const std::string& principal : list.deny) Subtract(denied_, principal, documents);
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
  for (const std::string& principal : list.allow) allowed_[principal].add(document.value);
  for (const std::string& principal : list.deny) denied_[principal].add(document.value);
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

Roaring AccessIndex::Union(const Bitmaps& bitmaps, const Principals& principals) {
  std::vector<const Roaring*> parts;
  for (const std::string& principal : principals) {
    const auto found = bitmaps.find(principal);
    if (found != bitmaps.end()) parts.push_back(&found->second);
  }
  return parts.empty() ? Roaring() : Roaring::fastunion(parts.size(), parts.data());
}

Roaring AccessIndex::Allowed(const Principals& principals, const Judge& judge) const {
  Roaring allowed = Union(allowed_, principals);
  allowed -= Union(denied_, principals);
  for (const uint32_t ordinal : waiting_) {
    if (judge(DocumentOrdinal(ordinal))) allowed.add(ordinal);
  }
  return allowed;
}

}  // namespace freshet::store

// AccessIndex: for each principal, the documents of one collection that it is allowed and denied, as Roaring bitmaps,
// changed by change, so that a filter is a few unions.
//
//   index.Place(document, scope, lists, version);        // a version is in
//   index.ScopeChanged(scope, before, after, version_of);
//   Roaring allowed = index.Allowed({principals, moment}, judge);
//
// Only documents whose newest access list decides alone are in the bitmaps. Those that wait for the content their list
// was made for are few: they are `waiting`, and judged one by one. Readers may run together, not beside a writer.
#pragma once

#include <functional>
#include <roaring/roaring.hh>
#include <string>
#include <unordered_map>

#include "common/store/access_record.h"
#include "common/store/keys.h"
#include "common/store/ordinal_set.h"
#include "common/store/principal_bitmaps.h"

namespace freshet::store {

class AccessIndex {
 public:
  // `lists` null: the scope's list is not known, and so nobody is allowed.
  void Place(DocumentOrdinal document, const SourceKey& scope, const ScopeLists* lists, const Version& content);
  // With the lists that are in force now, and the scope and version of the Place to undo.
  void Unplace(DocumentOrdinal document, const SourceKey& scope, const ScopeLists* lists, const Version& content);

  using VersionOf = std::function<Version(DocumentOrdinal)>;
  void ScopeChanged(const SourceKey& scope, const ScopeLists* before, const ScopeLists& after,
                    const VersionOf& version_of);

  // Documents that who asks may read; `judge` decides over those that wait.
  using Judge = std::function<bool(DocumentOrdinal)>;
  Roaring Allowed(Asking asking, const Judge& judge) const;
  template <class Visit>
  void ForEachOf(const SourceKey& scope, Visit visit) const {
    const auto found = documents_of_.find(scope);
    if (found == documents_of_.end()) return;
    found->second.ForEach([&](uint32_t ordinal) { visit(DocumentOrdinal(ordinal)); });
  }
  bool IsWaiting(DocumentOrdinal document) const { return waiting_.contains(document.value); }

 private:
  void Take(const AccessList& list, const Roaring& documents);
  void Drop(const AccessList& list, const Roaring& documents);

  PrincipalBitmaps allowed_;
  PrincipalBitmaps denied_;
  Roaring waiting_;
  std::unordered_map<SourceKey, OrdinalSet> documents_of_;  // by scope
};

}  // namespace freshet::store

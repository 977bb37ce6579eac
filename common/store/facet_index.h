// FacetIndex: which documents of a collection carry an attribute's value, and when they took effect: for exact
// restrictions.
//
//   index.Add(document, facets, effective);      index.Narrow(candidates, restriction);
//
// All attributes of a restriction must hold; values of one are alternatives. Both ends of a range of time are in it;
// a document whose time is unknown (the epoch) is in none. Readers may run together, not beside a writer.
#pragma once

#include <roaring/roaring.hh>
#include <string>
#include <unordered_map>

#include "common/store/document_record.h"
#include "common/store/ordinal_set.h"
#include "common/store/view.h"

namespace freshet::store {

class FacetIndex {
 public:
  void Add(DocumentOrdinal document, const Facets& facets, Time effective);
  void Remove(DocumentOrdinal document, const Facets& facets);
  // Takes from the candidates what the restriction does not let through.
  void Narrow(Roaring& candidates, const Restriction& restriction) const;

 private:
  std::unordered_map<std::string, Roaring> documents_of_;  // by name, 0x00, value
  PagedArray<int64_t> effective_;                          // microseconds; of removed documents too
};

bool IsRestricted(const Restriction& restriction);
// The same answer for one document, from its facets.
bool Matches(const Facets& facets, Time effective, const Restriction& restriction);

}  // namespace freshet::store

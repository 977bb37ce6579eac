// Whole documents and lists by their keys, as the source has them now.
//
//   FRESHET_ASSIGN_OR_RETURN(auto found, FetchDocuments(rule, keys, source));
//   found.at({"7"}).row, found.at({"7"}).children
//
// Holds what it asks for: ask for few at a time. Codes: the source's.
#pragma once

#include <map>

#include "connectors/rows/assemble.h"

namespace freshet::rows {

using Key = std::vector<std::string>;

struct WholeDocument {
  Row row;
  std::vector<ChildRows> children;  // as rule.children
};

// Keys whose row is gone are not in the answer.
Result<std::map<Key, WholeDocument>> FetchDocuments(const DocumentRule& rule, const std::vector<Key>& keys,
                                                    RowSource& source);
// The children of documents whose own rows are known.
Result<std::map<Key, std::vector<ChildRows>>> FetchChildren(const DocumentRule& rule, const std::vector<Key>& keys,
                                                            RowSource& source);
// All rows of each name; of a name without rows: none.
Result<std::map<Key, std::vector<Row>>> FetchLists(const ListRule& rule, const std::vector<Key>& keys,
                                                   RowSource& source);
Result<std::map<Key, Row>> FetchIdentities(const IdentityRule& rule, const std::vector<Key>& keys, RowSource& source);

// A document by its id, as the source has it now. not_found: no row is this document.
Result<Upsert> FetchDocument(const Mapping& mapping, const DocumentId& document, RowSource& source);

}  // namespace freshet::rows

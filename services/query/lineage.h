// Lineage: the journey of one document: what version is in, each step's stamp, and where it is now.
//
//   Result<std::string> json = LineageJson(engine, caller, CollectionName("policies"), DocumentId("falls.md"));
//
// not_found also where the caller may not see the document: whether it exists is told to nobody else. Deleted, withheld
// and skipped documents have no content left to be asked for: their journey is told to callers with operator rights
// only.
#pragma once

#include <string>

#include "services/query/query.h"

namespace freshet::query {

// Callers of this group see the journey of every document of their tenant.
inline constexpr std::string_view kOperatorGroup = "freshet-operators";
bool IsOperator(const Caller& caller);

Result<std::string> LineageJson(const QueryEngine& engine, const Caller& caller, const CollectionName& collection,
                                const DocumentId& document);

}  // namespace freshet::query

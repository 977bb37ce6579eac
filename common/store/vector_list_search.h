// One search through inverted lists of vectors.
//
//   std::vector<Hit> hits = SearchLists(*lists, {.vector = query, .count = 10, .documents = bitmap, .share = .1,
//                                                .live = live, .rescore = lend}, 12, read);
//
// Looks into the nearest lists (vector_lists.h), `least` or more: into more where `share` says that a filter lets few
// documents through, and in any case until `count` have been found.
// query.commit is not used: query.live must say what is there. Any thread.
#pragma once

#include "common/store/vector_index.h"
#include "common/store/vector_list_cache.h"
#include "common/store/vector_lists.h"

namespace freshet::store {

// Null where it cannot be read.
using ReadList = FunctionRef<std::shared_ptr<const ResidentList>(uint32_t list)>;

std::vector<Hit> SearchLists(const VectorLists& lists, const VectorQuery& query, size_t least, ReadList read);

}  // namespace freshet::store

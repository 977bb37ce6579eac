// The work behind the citation route of the query service, by the originals of the pipeline in this process.
//
//   parts.citations = DeskOf(*runtime->citations());     // which outlives it
#pragma once

#include "services/query/citation.h"
#include "services/runtime/citations.h"

namespace freshet {

query::CitationDesk DeskOf(Citations& citations);

}  // namespace freshet

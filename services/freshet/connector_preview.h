// PreviewSource: what reading a source would do to the index, before anything is published: its connector runs against
// a host that keeps nothing, and what it says goes through the very de-identification and chunker of the pipeline.
//
//   FRESHET_RETURN_IF_ERROR(PreviewSource(site, site.sources[0], std::cout));
//   upserts          1240     deletes 0     access lists 12
//   refused          3        document_too_large 2, invalid_utf8 1
//   identifiers      18112    NAME 9120, DATE 4410, ...
//   chunks to embed  5204
//   freshness        up to 2026-01-31T09:30:00.125Z (0.2 s behind)
//
// Counts only: nothing of a document is printed or kept. Ends when the source is at rest and its snapshot is over, or
// after two minutes. Codes: the connector's, and those of the policy and the model.
#pragma once

#include <iosfwd>

#include "services/freshet/site.h"

namespace freshet {

Status PreviewSource(const SiteConfig& site, const SourceConfig& source, std::ostream& out);

}  // namespace freshet

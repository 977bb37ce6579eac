// `freshet chunk batch`: chunks of texts outside the pipeline, by the very chunker that the pipeline uses.
//
//   in:  {"id","text"[,"media_type"]}        a line each, UTF-8; id is any JSON value; media_type is text/plain if
//   absent out: {"id","chunks":[{"ordinal","text","context","section":[...],"start","end","tokens","hash"}]}
//        in the order of the lines; start and end are code points of the clean text, hash is hexadecimal
//        {"id","error":"document_too_large"} where a document is one that the pipeline would skip
//
// Codes: invalid_argument with the number of the line that is not such an object; retry and halt codes of `parse`.
#pragma once

#include <functional>
#include <istream>
#include <ostream>

#include "services/chunk/chunk.h"

namespace freshet::chunk {

// Makes a clean document of a text: de-identification under the policy `none`, given by the caller.
using ParseText = std::function<Result<CleanDocument>(std::string_view text, std::string_view media_type)>;

Status RunChunkBatch(std::istream& in, std::ostream& out, Chunker& chunker, const ParseText& parse);

}  // namespace freshet::chunk

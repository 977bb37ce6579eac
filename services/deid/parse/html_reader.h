// HtmlReader: HTML into a BlockWriter, for the HTML parser and for formats that hold HTML (mail, FHIR narrative).
//
//   BlockWriter out;
//   FRESHET_RETURN_IF_ERROR(ReadHtml(text, out));
//
// The text is UTF-8. Tags by libxml2's HTML tokenizer, no tree is built. malformed_document: elements nest deeper than
// kMostNesting, where matching their ends would no longer be linear.
#pragma once

#include "services/deid/parse/block_writer.h"

namespace freshet::deid {

inline constexpr size_t kMostNesting = 512;

Status ReadHtml(const std::string& text, BlockWriter& out);

}  // namespace freshet::deid

// Plain text: paragraphs between blank lines, list items by their markers, and headings where a line can be nothing
// else: "HISTORY OF PRESENT ILLNESS", "Assessment and Plan:". The text is the source, but for line ends and a byte
// order mark. See parser.h.
#pragma once

#include "services/deid/parse/parser.h"

namespace freshet::deid {

const Parser& PlainTextParser();

// The same for text that SourceText has checked already.
Result<ParsedDocument> ParsePlainText(std::string text);

}  // namespace freshet::deid

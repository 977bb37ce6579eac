// PDF (poppler): the text of each page as plain text, paragraphs between blank lines; the title of its properties.
// Scanned pages without a text layer have none. source_place "page=3 line=1", lines of the page's text. Codes:
// malformed_document (no PDF, or one that wants a password), document_too_large (over kMostPages). See parser.h.
#pragma once

#include "services/deid/parse/parser.h"

namespace freshet::deid {

inline constexpr int kMostPages = 5000;

const Parser& PdfParser();

}  // namespace freshet::deid

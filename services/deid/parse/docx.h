// DOCX (ECMA-376, WordprocessingML): the main part's paragraphs, headings (by style or outline level), list items and
// table rows, then footnotes and endnotes. Text that was deleted in tracked changes, comments, headers and properties
// but the title are no text. source_place "paragraph=12", as they stand in the part, from 1. Codes: malformed_document
// (no archive, no main part), document_too_large (a part over kMostPartBytes when unpacked). See parser.h.
#pragma once

#include "services/deid/parse/parser.h"

namespace freshet::deid {

inline constexpr size_t kMostPartBytes = 64u << 20;

const Parser& DocxParser();

}  // namespace freshet::deid

// RTF (Microsoft's Rich Text Format 1.9.1): paragraphs, headings by outline level, table rows with cells between bars,
// in the document's code page and Unicode. Hidden and deleted text, fonts, styles, pictures, fields' instructions,
// headers and properties but the title are no text. source_place "paragraph=12", from 1. Codes: malformed_document (it
// does not begin as RTF, groups nest deeper than 512 or are never closed), empty_document, document_too_large. See
// parser.h.
#pragma once

#include "services/deid/parse/parser.h"

namespace freshet::deid {

const Parser& RtfParser();

}  // namespace freshet::deid

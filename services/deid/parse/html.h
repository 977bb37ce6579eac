// HTML, as browsers take it (libxml2's HTML parser): headings, paragraphs, list items with their markers, table rows
// with cells between bars, preformatted text. What a reader does not see is no text: attributes, comments, scripts,
// styles. The title is <title>, else the first heading. source_place "line=12". See parser.h.
#pragma once

#include "services/deid/parse/parser.h"

namespace freshet::deid {

const Parser& HtmlParser();

}  // namespace freshet::deid

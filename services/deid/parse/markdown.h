// Markdown (CommonMark with GitHub's tables and strike-through, by cmark-gfm): headings, paragraphs, list items with
// their markers, table rows with cells between bars, code. Emphasis, link targets and HTML tags are no text; what they
// enclose is. A document whose nesting would make the work more than linear (markdown_guard.h) is read as plain text.
// YAML front matter is a code block; its "title:" is the title where no heading of level 1 is. See parser.h.
#pragma once

#include "services/deid/parse/parser.h"

namespace freshet::deid {

const Parser& MarkdownParser();

}  // namespace freshet::deid

// CSV and tab-separated values (RFC 4180; quotes may hold separators, quotes and line ends): each record is a table row
// with its cells between bars. The separator is the one of , ; and tab that the first line has most of. source_place is
// the line where the record begins. malformed_document: a quote that is never closed. See parser.h.
#pragma once

#include "services/deid/parse/parser.h"

namespace freshet::deid {

const Parser& CsvParser();

}  // namespace freshet::deid

// Parser: bytes of one media type to readable text with its blocks, and the one list of parsers.
//
//   Result<ParsedDocument> parsed = Parse("text/markdown; charset=utf-8", bytes);
//   // services/deid/parse/parser.cc: {"text/markdown", &MarkdownParser()},     <- the one line of a new format
//
// What every parser keeps: the text is valid UTF-8 with '\n' as line end and holds the readable content exactly, in
// order; blocks are in order, do not overlap, are not empty, and cover all of the text but white space between them;
// work is linear in the size of the input, memory a small multiple of it, no recursion over the input's nesting.
// Codes: unsupported_media_type, invalid_utf8, binary_content (NUL bytes), empty_document (nothing but white space),
// document_too_large (over kMaxTextBytes of text), malformed_document. Messages carry sizes and offsets, no content.
// Parsers have no state: any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "schemas/clean.h"

namespace freshet::deid {

struct ParsedDocument {
  std::string text;
  std::string title;          // what the document calls itself, empty where it does not
  std::vector<Block> blocks;  // source_place "line=12": coordinates in the source, from 1
};

class Parser {
 public:
  virtual ~Parser() = default;
  virtual Result<ParsedDocument> Parse(std::string_view bytes) const = 0;
};

struct ParserRow {
  std::string_view media_type;
  const Parser& (*parser)();
};

// All media types that can be read.
std::span<const ParserRow> AllParsers();

// The media type without its parameters, in lower case.
std::string MediaTypeOf(std::string_view media_type);

// Nothing where no parser reads it.
const Parser* FindParser(std::string_view media_type);

Result<ParsedDocument> Parse(std::string_view media_type, std::string_view bytes);

}  // namespace freshet::deid

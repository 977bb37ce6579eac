// For tests of parsers: a parsed document as lines "H2 line=4 |text|".
#pragma once

#include <string>

#include "common/base/utf8.h"
#include "services/deid/parse/parser.h"

namespace freshet::deid {

inline std::string NameOf(const Block& block) {
  switch (block.kind) {
    case Block::Kind::kParagraph:
      return "P";
    case Block::Kind::kHeading:
      return "H" + std::to_string(block.level);
    case Block::Kind::kListItem:
      return "I" + std::to_string(block.level);
    case Block::Kind::kTableRow:
      return "R";
    case Block::Kind::kCode:
      return "C";
  }
  return "?";
}

inline std::string Printed(const Result<ParsedDocument>& parsed) {
  if (!parsed.ok()) return parsed.status().ToString();
  std::string out;
  for (const Block& block : parsed->blocks) {
    out += NameOf(block) + " " + block.source_place + " |" + parsed->text.substr(block.begin, block.end - block.begin) +
           "|\n";
  }
  return out;
}

// What breaks the promises of parser.h: text outside of blocks, empty or unordered blocks, broken UTF-8. Empty: none.
inline std::string UncoveredText(const ParsedDocument& parsed) {
  if (!IsValidUtf8(parsed.text)) return "not UTF-8";
  std::string out;
  uint32_t at = 0;
  for (const Block& block : parsed.blocks) {
    if (block.begin < at || block.end <= block.begin || block.end > parsed.text.size()) return "a block out of order";
    out += parsed.text.substr(at, block.begin - at);
    at = block.end;
  }
  out += parsed.text.substr(at);
  std::erase_if(out, [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
  return out;
}

}  // namespace freshet::deid

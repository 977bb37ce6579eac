#include "services/deid/parse/plain_text.h"

#include <algorithm>

#include "services/deid/parse/source_text.h"

namespace freshet::deid {
namespace {

constexpr size_t kMaxHeading = 80;  // bytes

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

size_t CountWords(std::string_view line) {
  size_t words = 0;
  for (size_t i = 0; i < line.size(); ++i) words += line[i] != ' ' && (i == 0 || line[i - 1] == ' ');
  return words;
}

// The length of "- ", "* ", "1. " or "12) " at the begin of a trimmed line, or 0.
size_t MarkerOf(std::string_view line) {
  if (line.size() > 2 && (line[0] == '-' || line[0] == '*' || line[0] == '+') && line[1] == ' ') return 2;
  if (line.starts_with("\u2022 ")) return 4;
  size_t digits = 0;
  while (digits < line.size() && digits < 3 && IsDigit(line[digits])) ++digits;
  const bool numbered =
      digits > 0 && digits + 2 < line.size() && (line[digits] == '.' || line[digits] == ')') && line[digits + 1] == ' ';
  return numbered ? digits + 2 : 0;
}

// 1: a line of capitals; 2: a title with a colon; 0: no heading. A note typed all in capitals has no capital headings.
uint32_t HeadingLevel(std::string_view line, bool capitals_tell) {
  if (line.size() < 3 || line.size() > kMaxHeading || !(IsUpper(line[0]) || IsDigit(line[0]))) return 0;
  const auto upper = std::count_if(line.begin(), line.end(), IsUpper);
  const auto lower = std::count_if(line.begin(), line.end(), IsLower);
  const auto digits = std::count_if(line.begin(), line.end(), IsDigit);
  const bool colon = line.back() == ':';
  if (upper >= 3 && lower == 0 && digits <= 2 && (colon || capitals_tell) && line.back() != '.' && line.back() != ',' &&
      CountWords(line) <= 8) {
    return 1;
  }
  return colon && upper > 0 && CountWords(line) <= 6 && line.find(':') == line.size() - 1 ? 2 : 0;
}

class PlainTextReader {
 public:
  explicit PlainTextReader(std::string text) { document_.text = std::move(text); }

  ParsedDocument Read() && {
    const std::string_view text = document_.text;
    const auto lower = std::count_if(text.begin(), text.end(), IsLower);
    const auto upper = std::count_if(text.begin(), text.end(), IsUpper);
    capitals_tell_ = 4 * lower > upper;
    uint32_t number = 0;
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      ++number;
      Line(text.substr(at, end - at), static_cast<uint32_t>(at), number);
      at = end + 1;
    }
    Close();
    if (!document_.blocks.empty() && document_.blocks.front().kind == Block::Kind::kHeading) {
      const Block& first = document_.blocks.front();
      document_.title = document_.text.substr(first.begin, first.end - first.begin);
      if (document_.title.back() == ':') document_.title.pop_back();
    }
    return std::move(document_);
  }

 private:
  void Line(std::string_view raw, uint32_t at, uint32_t number) {
    const std::string_view line = Trimmed(raw);
    if (line.empty()) return Close();
    const auto begin = at + static_cast<uint32_t>(line.data() - raw.data());
    const auto end = begin + static_cast<uint32_t>(line.size());
    const size_t indent = begin - at;
    if (MarkerOf(line) > 0) {
      Close();
      Open(Block::Kind::kListItem, static_cast<uint32_t>(1 + indent / 4), begin, number);
      item_indent_ = indent;
    } else if (const uint32_t level = open_ ? 0 : HeadingLevel(line, capitals_tell_); level > 0) {
      Open(Block::Kind::kHeading, level, begin, number);
      block_.end = end;
      return Close();
    } else if (open_ && block_.kind == Block::Kind::kListItem && indent <= item_indent_) {
      Close();
    }
    if (!open_) Open(Block::Kind::kParagraph, 0, begin, number);
    block_.end = end;
  }

  void Open(Block::Kind kind, uint32_t level, uint32_t begin, uint32_t number) {
    block_ = {.kind = kind, .level = level, .begin = begin, .source_place = "line=" + std::to_string(number)};
    open_ = true;
  }

  void Close() {
    if (open_) document_.blocks.push_back(std::move(block_));
    open_ = false;
  }

  ParsedDocument document_;
  Block block_;
  bool open_ = false;
  bool capitals_tell_ = true;
  size_t item_indent_ = 0;
};

class PlainText final : public Parser {
 public:
  Result<ParsedDocument> Parse(std::string_view bytes) const override {
    FRESHET_ASSIGN_OR_RETURN(std::string text, SourceText(bytes));
    return ParsePlainText(std::move(text));
  }
};

}  // namespace

Result<ParsedDocument> ParsePlainText(std::string text) {
  FRESHET_RETURN_IF_ERROR(CheckTextSize(text.size()));
  return PlainTextReader(std::move(text)).Read();
}

const Parser& PlainTextParser() {
  static const PlainText kParser;
  return kParser;
}

}  // namespace freshet::deid

#include "services/deid/parse/block_writer.h"

#include "schemas/codec.h"
#include "services/deid/parse/source_text.h"

namespace freshet::deid {
namespace {

constexpr std::string_view kSpaces = " \t\n\r\f\v";

bool IsSpace(char c) { return kSpaces.find(c) != std::string_view::npos; }

bool IsTight(Block::Kind before, Block::Kind after) {
  return before == after && (after == Block::Kind::kListItem || after == Block::Kind::kTableRow);
}

// Code keeps the indentation of its first line.
std::string_view WithoutBlankEnds(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  const size_t line = text.rfind('\n', first);
  const size_t begin = line == std::string_view::npos ? 0 : line + 1;
  return text.substr(begin, text.find_last_not_of(kSpaces) + 1 - begin);
}

}  // namespace

void BlockWriter::Open(Block::Kind kind, uint32_t level, std::string place) {
  Close();
  open_ = true;
  cells_ = 0;
  place_ = place;
  block_ = {.kind = kind, .level = level, .source_place = std::move(place)};
}

void BlockWriter::OpenIfNone() {
  if (open_) return;
  const bool item = in_list();
  const auto level = static_cast<uint32_t>(numbers_.size());
  Open(item ? Block::Kind::kListItem : Block::Kind::kParagraph, level, place_);
}

void BlockWriter::Break() { Close(); }

void BlockWriter::Text(std::string_view text) {
  if (full_) return;
  for (size_t at = 0; at < text.size();) {
    if (IsSpace(text[at])) {
      const bool needed = open_ && !pending_.empty() && !IsSpace(pending_.back());
      if (needed) pending_ += ' ';
      at = std::min(text.find_first_not_of(kSpaces, at), text.size());
      continue;
    }
    const size_t end = std::min(text.find_first_of(kSpaces, at), text.size());
    OpenIfNone();
    pending_ += text.substr(at, end - at);
    at = end;
  }
  full_ = pending_.size() + document_.text.size() > kMaxTextBytes;
}

void BlockWriter::Verbatim(std::string_view text) {
  if (full_) return;
  if (!open_ && Trimmed(text).empty()) return;
  OpenIfNone();
  pending_ += text;
  full_ = pending_.size() + document_.text.size() > kMaxTextBytes;
}

void BlockWriter::LineBreak() {
  if (!open_ || pending_.empty()) return;
  const bool row = block_.kind == Block::Kind::kTableRow;
  if (row && (pending_.ends_with("| ") || pending_.ends_with('\n'))) return;  // a cell begins in its row
  while (!pending_.empty() && pending_.back() == ' ') pending_.pop_back();
  pending_ += '\n';
}

void BlockWriter::OpenList(bool ordered) {
  Close();
  numbers_.push_back(ordered ? 1 : -1);
}

void BlockWriter::CloseList() {
  Close();
  if (!numbers_.empty()) numbers_.pop_back();
}

void BlockWriter::Item(std::string place) {
  Open(Block::Kind::kListItem, std::max<uint32_t>(1, static_cast<uint32_t>(numbers_.size())), std::move(place));
  const bool bullet = numbers_.empty() || numbers_.back() < 0;
  pending_ = bullet ? "- " : std::to_string(numbers_.back()++) + ". ";
}

void BlockWriter::Row(std::string place) { Open(Block::Kind::kTableRow, 0, std::move(place)); }

void BlockWriter::Cell() {
  if (!open_ || block_.kind != Block::Kind::kTableRow) return;
  if (cells_++ == 0) return;
  while (!pending_.empty() && IsSpace(pending_.back())) pending_.pop_back();
  pending_ += pending_.empty() ? "| " : " | ";
}

void BlockWriter::Store(Block block, std::string_view text) {
  std::string& out = document_.text;
  if (!out.empty()) out += IsTight(document_.blocks.back().kind, block.kind) ? "\n" : "\n\n";
  block.begin = static_cast<uint32_t>(out.size());
  out += text;
  block.end = static_cast<uint32_t>(out.size());
  document_.blocks.push_back(std::move(block));
}

void BlockWriter::Close() {
  if (!std::exchange(open_, false)) return;
  const std::string pending = std::exchange(pending_, {});
  const std::string_view text = block_.kind == Block::Kind::kCode ? WithoutBlankEnds(pending) : Trimmed(pending);
  // A marker or bars alone say nothing.
  const bool item =
      block_.kind == Block::Kind::kListItem && (text == "-" || text.find_first_not_of("0123456789.") == text.npos);
  const bool row = block_.kind == Block::Kind::kTableRow && text.find_first_not_of("| \n") == std::string_view::npos;
  if (text.empty() || item || row) return;
  if (block_.kind == Block::Kind::kHeading && document_.title.empty()) document_.title = text;
  Store(std::move(block_), text);
}

void BlockWriter::Append(const ParsedDocument& inner, const std::string& place) {
  Close();
  for (Block block : inner.blocks) {
    if (full_) return;
    const std::string_view text = std::string_view(inner.text).substr(block.begin, block.end - block.begin);
    block.source_place = block.source_place.empty() ? place : place + " " + block.source_place;
    Store(std::move(block), text);
    full_ = document_.text.size() > kMaxTextBytes;
  }
}

Result<ParsedDocument> BlockWriter::Finish() && {
  Close();
  if (full_) return Status(Code::kDocumentTooLarge, "over " + std::to_string(kMaxTextBytes) + " bytes of text.");
  if (document_.blocks.empty()) return Status(Code::kEmptyDocument, "Markup without text.");
  FRESHET_RETURN_IF_ERROR(CheckTextSize(document_.text.size()));
  return std::move(document_);
}

}  // namespace freshet::deid

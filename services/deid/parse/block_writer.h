// BlockWriter: builds a ParsedDocument from the events of any format: blocks, runs of text, lists, tables.
//
//   BlockWriter out;
//   out.Open(Block::Kind::kHeading, 1, "page=1");
//   out.Text("Plan of  care");                   // white space runs are one space
//   out.Break();                                 // what follows is a paragraph of its own
//   return std::move(out).Finish();
//
// Blocks without text vanish, items get their markers, cells stand between bars: as parser.h promises. Text beyond
// kMaxTextBytes is counted and not kept. One thread. Codes of Finish: empty_document, document_too_large.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/deid/parse/parser.h"

namespace freshet::deid {

class BlockWriter {
 public:
  // Begins a block; the one before ends.
  void Open(Block::Kind kind, uint32_t level, std::string place);
  // Ends the block; text after it begins a paragraph (in a list: a part of its item).
  void Break();
  // Where a paragraph that text opens by itself begins.
  void At(std::string place) { place_ = std::move(place); }

  void Text(std::string_view text);      // white space collapses
  void Verbatim(std::string_view text);  // kept as it is
  void LineBreak();

  void OpenList(bool ordered);
  void CloseList();
  void Item(std::string place);
  void Row(std::string place);
  void Cell();  // of the row, before its text
  bool in_list() const { return !numbers_.empty(); }

  // The blocks of another document, their places behind `place`.
  void Append(const ParsedDocument& inner, const std::string& place);

  void set_title(std::string title) { document_.title = std::move(title); }
  const std::string& title() const { return document_.title; }
  // The text of the block that is open.
  const std::string& pending() const { return pending_; }
  bool full() const { return full_; }

  Result<ParsedDocument> Finish() &&;

 private:
  void Close();
  void OpenIfNone();
  void Store(Block block, std::string_view text);

  ParsedDocument document_;
  bool open_ = false;
  bool full_ = false;
  Block block_;
  std::string pending_;
  std::string place_;
  std::vector<int> numbers_;  // of each list around; -1: bullets
  int cells_ = 0;
};

}  // namespace freshet::deid

#include "services/chunk/units.h"

#include <algorithm>

#include "services/chunk/long_units.h"
#include "services/chunk/sentences.h"
#include "services/chunk/strength.h"
#include "services/chunk/visible.h"

namespace freshet::chunk {
namespace {

// An item or row up to this long is one unit; longer ones are taken apart into sentences.
constexpr uint32_t kWholeItemTokens = 64;

using Kind = Block::Kind;

class Builder {
 public:
  Builder(const UnitSource& source, UnitList& out) : source_(source), out_(out), long_units_(source.counter) {}

  void Run() {
    OpenSection(0);
    uint32_t covered = 0;
    const auto count = static_cast<uint32_t>(source_.blocks.size());
    for (uint32_t i = 0; i < count; ++i) {
      const Block& block = source_.blocks[i];
      AddParagraph({covered, block.begin}, i == 0 ? 0 : i - 1);
      if (block.kind == Kind::kHeading) {
        AddHeading(i);
      } else {
        AddBlock(i);
      }
      covered = block.end;
    }
    AddParagraph({covered, static_cast<uint32_t>(source_.text.size())}, count == 0 ? 0 : count - 1);
    CloseSection(0);
  }

 private:
  bool IsRow(uint32_t block) const {
    return block < source_.blocks.size() && source_.blocks[block].kind == Kind::kTableRow;
  }

  // A section that begins before block `next`, under the headings of path_.
  void OpenSection(uint32_t next) {
    section_ = {.path = path_, .room = source_.room(path_), .unit_begin = out_.units.size(), .unit_end = 0};
    table_ = kNoBlock;
    for (uint32_t i = next; i < source_.blocks.size() && source_.blocks[i].kind != Kind::kHeading; ++i) {
      if (!IsRow(i) || !IsRow(i + 1) || (i > next && IsRow(i - 1))) continue;
      section_.path.push_back(i);
      section_.room = std::min(section_.room, source_.room(section_.path));
      section_.path.pop_back();
    }
  }

  void PushSection() {
    section_.unit_end = out_.units.size();
    if (section_.unit_end > section_.unit_begin) out_.sections.push_back(section_);
  }

  // `next_level` is that of the heading that ends the section, 0 at the end of the text.
  void CloseSection(uint32_t next_level) {
    PushSection();
    if (section_.unit_end > section_.unit_begin || path_.empty()) return;
    const uint32_t heading = path_.back();
    if (next_level > source_.blocks[heading].level) return;  // it has headings under it, which carry it in their path
    path_.pop_back();
    section_ = {.path = path_, .room = source_.room(path_), .unit_begin = out_.units.size(), .unit_end = 0};
    AddSentences(RangeOf(heading), heading, Edge::kBlock);
    PushSection();
  }

  void AddHeading(uint32_t block) {
    const uint32_t level = source_.blocks[block].level;
    CloseSection(std::max(level, 1u));
    while (!path_.empty() && source_.blocks[path_.back()].level >= level) path_.pop_back();
    path_.push_back(block);
    OpenSection(block + 1);
  }

  Range RangeOf(uint32_t block) const { return {source_.blocks[block].begin, source_.blocks[block].end}; }

  void AddBlock(uint32_t block) {
    const Range range = RangeOf(block);
    if (!IsRow(block)) table_ = kNoBlock;
    switch (source_.blocks[block].kind) {
      case Kind::kListItem:
        AddItem(range, block, kNoBlock);
        break;
      case Kind::kTableRow:
        AddItem(range, block, table_);
        if (table_ == kNoBlock) table_ = block;
        break;
      case Kind::kCode:
        AddLines(range, block);
        break;
      default:
        AddParagraph(range, block);
    }
  }

  void AddParagraph(Range range, uint32_t block) {
    range = Trim(source_.text, range);
    if (range.empty()) return;
    AddSentences(range, block, Edge::kBlock);
  }

  void AddItem(Range range, uint32_t block, uint32_t header_row) {
    range = Trim(source_.text, range);
    if (range.empty()) return;
    header_row_ = header_row;
    const auto tokens = static_cast<uint32_t>(source_.counter.Count(Text(range)));
    if (tokens <= std::min(kWholeItemTokens, section_.room)) {
      Append({.begin = range.begin, .end = range.end, .block = block, .tokens = tokens}, Edge::kItem);
    } else {
      AddSentences(range, block, Edge::kItem);
    }
    header_row_ = kNoBlock;
  }

  void AddLines(Range range, uint32_t block) {
    Edge edge = Edge::kBlock;
    for (uint32_t at = range.begin; at < range.end;) {
      const size_t newline = Text({at, range.end}).find('\n');
      const uint32_t end = newline == std::string_view::npos ? range.end : at + static_cast<uint32_t>(newline) + 1;
      if (AddText({at, end}, block, edge)) edge = Edge::kSentence;
      at = end;
    }
  }

  void AddSentences(Range range, uint32_t block, Edge edge) {
    SentenceEnds(Text(range), ends_);
    uint32_t begin = range.begin;
    for (const uint32_t end : ends_) {
      if (AddText({begin, range.begin + end}, block, edge)) edge = Edge::kSentence;
      begin = range.begin + end;
    }
  }

  // False where there is nothing visible in it.
  bool AddText(Range range, uint32_t block, Edge edge) {
    range = Trim(source_.text, range);
    if (range.empty()) return false;
    const auto tokens = static_cast<uint32_t>(source_.counter.Count(Text(range)));
    Append({.begin = range.begin, .end = range.end, .block = block, .tokens = tokens}, edge);
    return true;
  }

  void Append(Unit unit, Edge edge) {
    unit.header_row = header_row_;
    unit.strength = StrengthOf(edge, Text({unit.begin, unit.end}));
    if (unit.tokens <= section_.room) {
      out_.units.push_back(unit);
    } else {
      long_units_.Append(source_.text, unit, section_.room, out_.units);
    }
  }

  std::string_view Text(Range range) const { return source_.text.substr(range.begin, range.size()); }

  const UnitSource& source_;
  UnitList& out_;
  LongUnits long_units_;
  std::vector<uint32_t> path_;
  Section section_;
  uint32_t table_ = kNoBlock;       // first row of the table that the last block was in
  uint32_t header_row_ = kNoBlock;  // of the row being added
  std::vector<uint32_t> ends_;
};

}  // namespace

void BuildUnits(const UnitSource& source, UnitList& out) {
  out.units.clear();
  out.sections.clear();
  Builder(source, out).Run();
}

}  // namespace freshet::chunk

#include "services/deid/replace.h"

#include <algorithm>

namespace freshet::deid {

void PlaceholderReplacer::Append(const Finding& finding, std::string_view, std::string& out) const {
  if (policy_.rule(finding.type).action != Action::kPlaceholder) return;
  out += '[';
  out += LabelOf(finding.type);
  out += ']';
}

Replaced Replace(std::string_view text, std::span<const Block> blocks, std::span<const Finding> findings,
                 const Replacer& replacer) {
  Replaced out;
  out.text.reserve(text.size() + text.size() / 16);
  out.blocks.reserve(blocks.size());
  size_t copied = 0;  // of text
  size_t next = 0;    // finding
  const auto advance = [&](uint32_t to) {
    for (; next < findings.size() && findings[next].end <= to; ++next) {
      const Finding& finding = findings[next];
      out.text.append(text, copied, finding.begin - copied);
      replacer.Append(finding, text.substr(finding.begin, finding.end - finding.begin), out.text);
      copied = finding.end;
    }
    if (to > copied) {
      out.text.append(text, copied, to - copied);
      copied = to;
    }
    return static_cast<uint32_t>(out.text.size());
  };
  for (const Block& block : blocks) {
    Block moved = block;
    moved.begin = advance(block.begin);
    moved.end = advance(block.end);
    if (moved.begin < moved.end) out.blocks.push_back(std::move(moved));
  }
  advance(static_cast<uint32_t>(text.size()));
  return out;
}

bool IsInPlaceholder(std::string_view text, uint32_t begin, uint32_t end) {
  const uint32_t from = begin > 16 ? begin - 16 : 0;
  const size_t open = text.substr(from, begin - from).rfind('[');
  if (open == std::string_view::npos) return false;
  const size_t label = from + open + 1;
  const size_t close = text.find(']', label);
  if (close == std::string_view::npos || close < end || close - label > 16) return false;
  const std::string_view inside = text.substr(label, close - label);
  return std::any_of(AllIdentifiers().begin(), AllIdentifiers().end(),
                     [&](const IdentifierRow& row) { return row.label == inside; });
}

}  // namespace freshet::deid

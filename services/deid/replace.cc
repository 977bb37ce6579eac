#include "services/deid/replace.h"

#include <algorithm>
#include <iterator>

#include "services/deid/date_shift.h"
#include "services/deid/surrogates.h"
#include "services/deid/text.h"

namespace freshet::deid {
namespace {

// Three-digit areas of 20,000 people and fewer, Census 2000.
constexpr std::string_view kSmallAreas[] = {"036", "059", "063", "102", "203", "556", "692", "790", "821",
                                            "823", "830", "831", "878", "879", "884", "890", "893"};

std::string Generalised(IdentifierType type, std::string_view original) {
  if (type == IdentifierType::kAge) return "90+";
  const Text text(original);
  if (type == IdentifierType::kZip) return GeneralisedZip(text.folded()).value_or("");
  const std::optional<int> year = YearOfDate(text.folded());
  return year ? std::to_string(*year) : "";
}

}  // namespace

std::optional<std::string> GeneralisedZip(std::string_view zip) {
  size_t digits = 0;
  while (digits < zip.size() && IsDigit(zip[digits])) ++digits;
  const bool plus_four =
      zip.size() == 10 && digits == 5 && zip[5] == '-' && std::all_of(zip.begin() + 6, zip.end(), IsDigit);
  if (digits != 5 || (zip.size() != 5 && !plus_four)) return std::nullopt;
  const std::string_view area = zip.substr(0, 3);
  const bool small = std::find(std::begin(kSmallAreas), std::end(kSmallAreas), area) != std::end(kSmallAreas);
  return std::string(small ? "000" : area);
}

PolicyReplacer::PolicyReplacer(const Policy& policy, const ReplaceKeys& keys)
    : policy_(policy), keys_(keys), placeholder_(policy) {
  if (keys.keys != nullptr && !keys.patient.empty()) days_ = DaysFor(*keys.keys, keys.patient, policy.keep_weekdays);
}

std::string PolicyReplacer::Made(const Finding& finding, std::string_view original) const {
  switch (policy_.rule(finding.type).action) {
    case Action::kSurrogate:
      return keys_.keys == nullptr ? "" : Surrogates(*keys_.keys).For(finding.type, original);
    case Action::kShift:
      if (days_ == 0) return {};
      return ShiftDate(Text(original).folded(), {.days = days_, .year = keys_.year}).value_or("");
    case Action::kGeneralise:
      return Generalised(finding.type, original);
    case Action::kKeep:
    case Action::kRemove:
    case Action::kPlaceholder:
      break;
  }
  return {};
}

void PolicyReplacer::Append(const Finding& finding, std::string_view original, std::string& out) const {
  const std::string made = Made(finding, original);
  const bool safe = made.find_first_of("<>&\"") == std::string::npos;
  if (made.empty() || !safe || made == original) return placeholder_.Append(finding, original, out);
  out += made;
}

void PlaceholderReplacer::Append(const Finding& finding, std::string_view, std::string& out) const {
  const Action action = policy_.rule(finding.type).action;
  if (action == Action::kRemove || action == Action::kKeep) return;
  out += '[';
  out += LabelOf(finding.type);
  out += ']';
}

Replaced Replace(std::string_view text, std::span<const Block> blocks, std::span<const Finding> findings,
                 const Replacer& replacer) {
  Replaced out;
  out.text.reserve(text.size() + text.size() / 16);
  out.blocks.reserve(blocks.size());
  out.edits.reserve(findings.size());
  size_t copied = 0;  // of text
  size_t next = 0;    // finding
  const auto advance = [&](uint32_t to) {
    for (; next < findings.size() && findings[next].end <= to; ++next) {
      const Finding& finding = findings[next];
      out.text.append(text, copied, finding.begin - copied);
      const auto clean_begin = static_cast<uint32_t>(out.text.size());
      replacer.Append(finding, text.substr(finding.begin, finding.end - finding.begin), out.text);
      const auto clean_end = static_cast<uint32_t>(out.text.size());
      out.edits.push_back({finding.begin, finding.end, clean_begin, clean_end, finding.type});
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

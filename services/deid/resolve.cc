#include "services/deid/resolve.h"

#include <algorithm>

namespace freshet::deid {
namespace {

bool IsBefore(const Finding& a, const Finding& b) {
  return std::tuple(a.begin, ~a.end, static_cast<int>(a.type), a.detector) <
         std::tuple(b.begin, ~b.end, static_cast<int>(b.type), b.detector);
}

bool IsSurer(const Finding& a, const Finding& b) {
  if (a.score != b.score) return a.score > b.score;
  if (a.end - a.begin != b.end - b.begin) return a.end - a.begin > b.end - b.begin;
  return static_cast<int>(a.type) < static_cast<int>(b.type);
}

// Somebody's for certain, whatever else it looks like.
bool IsKnown(const Finding& finding) {
  return finding.detector.starts_with("roster/") || finding.detector.starts_with("document/") ||
         finding.detector == "name/again";
}

// A span that only the name model takes for a town may hold a street or a number that a pattern has seen: its word
// counts for what are words alone.
bool MayStandFor(const Finding& kept, const Finding& finding) {
  const bool words = finding.type == IdentifierType::kName || finding.type == IdentifierType::kStaffName ||
                     finding.type == IdentifierType::kFacility;
  return words || !kept.detector.starts_with("model/");
}

// Ranges that the policy lets stay, to look up what covers a range.
class Kept {
 public:
  void Add(const Finding& finding) {
    while (!kept_.empty() && kept_.back().end <= finding.end && kept_.back().begin >= finding.begin) kept_.pop_back();
    if (kept_.empty() || finding.end > kept_.back().end) kept_.push_back(finding);
  }

  bool CoversWithMore(const Finding& finding) const {
    auto after = std::upper_bound(kept_.begin(), kept_.end(), finding.begin,
                                  [](uint32_t begin, const Finding& one) { return begin < one.begin; });
    if (after == kept_.begin()) return false;
    const Finding& last = *--after;
    return last.end >= finding.end && last.score >= finding.score && MayStandFor(last, finding);
  }

 private:
  std::vector<Finding> kept_;  // ascending begins and ends
};

// "Ada" and "Quill", "Monday" and "May 3": one mention in two findings.
bool IsOneMention(std::string_view source, const Finding& a, const Finding& b) {
  if (LabelOf(a.type) != LabelOf(b.type) || b.begin - a.end > 2) return false;
  const std::string_view gap = source.substr(a.end, b.begin - a.end);
  if (a.type == IdentifierType::kDate) return gap == " " || gap == ", ";
  return (a.type == IdentifierType::kName || a.type == IdentifierType::kStaffName) && (gap == " " || gap == "-");
}

void Unite(Finding& into, const Finding& other) {
  const Finding& surer = IsSurer(other, into) ? other : into;
  into = {into.begin, std::max(into.end, other.end), surer.type, surer.score, surer.detector};
}

}  // namespace

Resolved Resolve(const Text& text, const Policy& policy, std::vector<Finding> findings) {
  for (Finding& finding : findings) {
    const Range range = text.ToSource({finding.begin, finding.end});
    finding.begin = range.begin;
    finding.end = range.end;
  }
  std::sort(findings.begin(), findings.end(), IsBefore);
  Kept kept;
  for (const Finding& finding : findings) {
    if (policy.rule(finding.type).action == Action::kKeep) kept.Add(finding);
  }
  Resolved resolved;
  std::vector<Finding> removed;
  for (const Finding& finding : findings) {
    if (policy.Removes(finding) && (IsKnown(finding) || !kept.CoversWithMore(finding))) removed.push_back(finding);
  }
  std::vector<Finding>& out = resolved.findings;
  out = Union(std::move(removed));
  size_t last = 0;
  for (size_t i = 1; i < out.size(); ++i) {
    if (IsOneMention(text.source(), out[last], out[i])) {
      Unite(out[last], out[i]);
    } else {
      out[++last] = out[i];
    }
  }
  if (!out.empty()) out.resize(last + 1);
  size_t at = 0;
  for (const Finding& finding : findings) {
    if (policy.rule(finding.type).action == Action::kKeep || policy.Removes(finding)) continue;
    while (at < out.size() && out[at].end <= finding.begin) ++at;
    const bool gone = at < out.size() && out[at].begin <= finding.begin && finding.end <= out[at].end;
    if (!gone && !kept.CoversWithMore(finding)) resolved.guesses.push_back(finding);
  }
  return resolved;
}

std::vector<Finding> Union(std::vector<Finding> findings) {
  std::sort(findings.begin(), findings.end(), IsBefore);
  std::vector<Finding> out;
  for (const Finding& finding : findings) {
    if (!out.empty() && finding.begin < out.back().end) {
      Unite(out.back(), finding);
    } else {
      out.push_back(finding);
    }
  }
  return out;
}

std::vector<Finding> ClipToBlocks(std::span<const Finding> findings, std::span<const Block> blocks) {
  std::vector<Finding> clipped;
  size_t block = 0;
  for (const Finding& finding : findings) {
    while (block < blocks.size() && blocks[block].end <= finding.begin) ++block;
    for (size_t i = block; i < blocks.size() && blocks[i].begin < finding.end; ++i) {
      Finding part = finding;
      part.begin = std::max(finding.begin, blocks[i].begin);
      part.end = std::min(finding.end, blocks[i].end);
      if (part.begin < part.end) clipped.push_back(part);
    }
  }
  return clipped;
}

}  // namespace freshet::deid

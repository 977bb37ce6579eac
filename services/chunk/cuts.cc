#include "services/chunk/cuts.h"

#include <algorithm>

namespace freshet::chunk {

// Nearest stronger unit on either side, by a stack of units that get stronger from top to bottom. The first unit of the
// section and its end stand for something stronger than all.
void Cutter::FindReach(std::span<const Unit> units) {
  const auto count = static_cast<uint32_t>(units.size());
  before_.assign(1, 0);
  for (const Unit& unit : units) before_.push_back(before_.back() + unit.tokens);
  reach_.assign(count, 0);
  stack_.clear();
  for (uint32_t i = 1; i < count; ++i) {
    while (!stack_.empty() && units[i].strength < units[stack_.back()].strength) {
      const uint32_t weaker = stack_.back();
      reach_[weaker] = std::min(reach_[weaker], TokensIn(weaker, i));
      stack_.pop_back();
    }
    reach_[i] = TokensIn(stack_.empty() ? 0 : stack_.back(), i);
    stack_.push_back(i);
  }
  for (const uint32_t i : stack_) reach_[i] = std::min(reach_[i], TokensIn(i, count));
}

uint32_t Cutter::BestCut(uint32_t begin, uint32_t end) const {
  const uint32_t all = TokensIn(begin, end), margin = limits_.spacing / 2;
  uint32_t best = begin, latest = begin + 1;
  for (uint32_t i = begin + 1; i < end; ++i) {
    const uint32_t left = TokensIn(begin, i);
    if (left > limits_.room) break;
    latest = i;
    const uint32_t right = all - left;
    if (left < margin || right < margin || (all <= 2 * limits_.room && right > limits_.room)) continue;
    if (best == begin || reach_[i] >= reach_[best]) best = i;
  }
  return best == begin ? latest : best;
}

void Cutter::CutGap(uint32_t begin, uint32_t end) {
  starts_.push_back(begin);
  while (TokensIn(begin, end) > limits_.room && end - begin > 1) {
    begin = BestCut(begin, end);
    starts_.push_back(begin);
  }
}

std::span<const uint32_t> Cutter::Cut(std::span<const Unit> units, const CutLimits& limits) {
  limits_ = limits;
  starts_.clear();
  if (units.empty()) return starts_;
  FindReach(units);
  const auto count = static_cast<uint32_t>(units.size());
  uint32_t begin = 0;
  // A section that fits stays whole.
  for (uint32_t i = 1; i < count && TokensIn(0, count) > limits.room; ++i) {
    if (reach_[i] < limits.spacing) continue;
    CutGap(begin, i);
    begin = i;
  }
  CutGap(begin, count);
  return starts_;
}

}  // namespace freshet::chunk

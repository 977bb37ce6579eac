#include "common/stage/lanes.h"

namespace freshet {

LaneWheel::LaneWheel(std::vector<LaneWeight> weights) : weights_(std::move(weights)) {
  for (const LaneWeight& row : weights_) credit_.push_back(row.weight);
}

std::vector<size_t> LaneWheel::Order() const {
  std::vector<size_t> order;
  for (size_t i = 0; i < credit_.size(); ++i) {
    if (credit_[i] > 0) order.push_back(i);
  }
  for (size_t i = 0; i < credit_.size(); ++i) {
    if (credit_[i] == 0) order.push_back(i);
  }
  return order;
}

void LaneWheel::Served(size_t lane) {
  if (credit_[lane] > 0) {
    --credit_[lane];
    return;
  }
  // Whoever still has credit had no work: the turn is over.
  for (size_t i = 0; i < credit_.size(); ++i) credit_[i] = weights_[i].weight;
  --credit_[lane];
}

}  // namespace freshet

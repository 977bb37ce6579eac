// The part of BM25 that is an entry's own (lexical_search.h has the whole formula and its source): how much of a word's
// weight it gets for holding the word f times among l words, where the mean entry has L.
//
//   Saturation saturation(mean_length);
//   float share = saturation.Share(3, 120);           // f / (f + k1 * (1 - b + b * l / L)): from 0 to below 1
//   MostShare most(saturation);  most.Add(3, 120);  most.Add(1, 20);
//   float bound = most.Take();                        // the largest of them, 0 of none
//
// Plain values.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

namespace freshet::store {

inline constexpr float kBm25K1 = 0.6f;
inline constexpr float kBm25B = 0.4f;

struct Saturation {
  explicit Saturation(float mean_length) : slope(kBm25K1 * kBm25B / std::max(mean_length, 1e-6f)) {}

  float Half(uint32_t length) const { return constant + slope * static_cast<float>(length); }
  float Share(uint32_t frequency, uint32_t length) const {
    const auto f = static_cast<float>(frequency);
    return f / (f + Half(length));
  }
  // What no share exceeds that is at most `share` by another saturation: the mean length counts less than in
  // proportion.
  float Bound(float share, const Saturation& other) const {
    constexpr float kRounding = 1 + 1e-5f;
    return std::min(1.0f, share * std::max(1.0f, other.slope / slope) * kRounding);
  }

  float constant = kBm25K1 * (1 - kBm25B);
  float slope;
};

// The largest share of some entries. Of those with the same small frequency only the shortest can have it, so that most
// cost a comparison of integers; there is one division for all.
class MostShare {
 public:
  explicit MostShare(Saturation saturation = Saturation(1)) : saturation_(saturation) { shortest_.fill(kNone); }
  void Add(uint32_t frequency, uint32_t length) {
    if (frequency < shortest_.size()) {
      shortest_[frequency] = std::min(shortest_[frequency], length);
    } else {
      Weigh(frequency, length);
    }
  }
  float Take() {
    for (uint32_t frequency = 1; frequency < shortest_.size(); ++frequency) {
      if (shortest_[frequency] != kNone) Weigh(frequency, std::exchange(shortest_[frequency], kNone));
    }
    const float share = frequency_ / (frequency_ + half_);
    frequency_ = 0;
    half_ = 1;
    return share;
  }

 private:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  void Weigh(uint32_t frequency, uint32_t length) {
    const auto f = static_cast<float>(frequency);
    const float half = saturation_.Half(length);
    if (f * half_ <= frequency_ * half) return;  // f / half is what a share grows with
    frequency_ = f;
    half_ = half;
  }

  Saturation saturation_;
  std::array<uint32_t, 8> shortest_;  // by frequency
  float frequency_ = 0;
  float half_ = 1;
};

}  // namespace freshet::store

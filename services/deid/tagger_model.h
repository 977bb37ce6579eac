// TaggerModel: the weights of the name model, as model/train.py writes them (its card: model/README.md).
//
//   const Result<const TaggerModel*> model = TaggerModel::Get();
//   model->WordBits(token.hash)             // which lists hold the word
//   model->Row(7)                           // 16 weights, one a label, the last five unused
//
//   file     := "FNM1" row_bits:u8 word_bits:u8 labels:u8 doubt:u8 scale:f32 moves words rows         little-endian
//   moves    := labels x labels of i16: from one label to the next; -30 / scale and less where never
//   words    := 2^word_bits of u16: 0 free, else fingerprint << 4 | bits; open addressing from hash >> 20
//   rows     := 2^row_bits of (labels of i8)
// A weight is its number times scale. `doubt` is taken from every token's weight to be outside: a name that stays costs
// more than a word that goes. Codes: corrupt_store where the bytes are no such file. Immutable: any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet::deid {

// In the order of the model's labels: 0 is outside, then begin and inside of each kind.
enum class TagKind : uint8_t { kName, kStreet, kCity, kOrganisation, kFacility };
inline constexpr size_t kTags = 11;
inline constexpr size_t kTagLanes = 16;

namespace word_list {
inline constexpr uint32_t kGiven = 1;
inline constexpr uint32_t kSurname = 2;
inline constexpr uint32_t kTown = 4;
inline constexpr uint32_t kCommon = 8;
}  // namespace word_list

class TaggerModel {
 public:
  using Lanes = std::array<int8_t, kTagLanes>;
  using Moves = std::array<std::array<int32_t, kTagLanes>, kTags>;

  // The one that is part of the program.
  static Result<const TaggerModel*> Get();
  static Result<TaggerModel> Parse(std::string_view file);

  uint32_t WordBits(uint64_t hash) const {
    const auto wanted = static_cast<uint16_t>(hash >> 52);
    for (size_t at = hash >> 20 & word_mask_;; at = (at + 1) & word_mask_) {
      if (words_[at] == 0) return 0;
      if (words_[at] >> 4 == wanted) return words_[at] & 15u;
    }
  }
  // For a word that will be asked for soon: the table is larger than the nearest caches.
  void Prefetch(uint64_t hash) const { __builtin_prefetch(&words_[hash >> 20 & word_mask_]); }
  // The row of a feature's value (tagger.h).
  const Lanes& RowOf(uint64_t feature, uint64_t value) const {
    uint64_t x = value * 0x9E3779B97F4A7C15 ^ feature * 0xC2B2AE3D27D4EB4F;
    x = (x ^ x >> 29) * 0xBF58476D1CE4E5B9;
    return rows_[x >> row_shift_];
  }
  const Moves& moves() const { return moves_; }
  float scale() const { return scale_; }
  int32_t doubt() const { return doubt_; }

 private:
  float scale_ = 0;
  int32_t doubt_ = 0;
  int row_shift_ = 0;
  size_t word_mask_ = 0;
  Moves moves_{};
  std::vector<uint16_t> words_;
  std::vector<Lanes> rows_;
};

}  // namespace freshet::deid

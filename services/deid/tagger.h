// Tagger: the statistical sequence model for names and places that nobody listed: a linear-chain CRF (Lafferty,
// McCallum, Pereira 2001) over hashed features, decoded by Viterbi.
//
//   Tagger tagger(**TaggerModel::Get());
//   tagger.Tag(text, spans);     // "Why is Ada Quill late?" -> {kName, tokens 2 to 4, score .97}
//
// A token's features: itself (only where it is a common word: a name shall be known by its form and its neighbours, not
// by having been seen), the lists that hold it, its case, the case of the text around, its ends, the gaps beside it,
// and pairs of these with those of two tokens on either side. model/features.py computes the same; the numbering is
// theirs. A text is cut into windows of at most 256 tokens, preferably where a paragraph or sentence ends, so work is
// linear in the text and memory is constant: nothing is allocated per token. One instance a thread.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "services/deid/tagger_model.h"
#include "services/deid/text.h"

namespace freshet::deid {

struct TaggedSpan {
  TagKind kind = TagKind::kName;
  uint32_t first = 0;  // token
  uint32_t last = 0;   // token, inclusive
  // The odds, per token, of the best labelling against the best that leaves it out; under 0.5 a guess: the odds of the
  // best labelling that has it against the best, which does not. Down to kLeastGuess.
  float score = 0;

  bool operator==(const TaggedSpan&) const = default;
};

using TagScores = std::array<int32_t, kTagLanes>;

// The best labelling of a sequence, and what it is worth: states[i][label] plus moves between neighbours.
class Viterbi {
 public:
  explicit Viterbi(const TaggerModel::Moves& moves) : moves_(moves) {}

  // `labels` gets one label a token; begins are free of cost. Returns the best sum.
  int32_t Decode(std::span<const TagScores> states, std::span<uint8_t> labels);
  // After Decode, with the same states and its labels: how much less the best labelling is worth that flips token i:
  // in which it is outside if it is inside, and the other way; and that labelling's label (max-marginals).
  struct Flip {
    int32_t loss = 0;
    uint8_t label = 0;
  };
  void Flips(std::span<const TagScores> states, std::span<const uint8_t> labels, std::span<Flip> flips);

 private:
  const TaggerModel::Moves& moves_;
  std::vector<TagScores> forward_;
  std::vector<std::array<uint8_t, kTagLanes>> from_;
};

class Tagger {
 public:
  static constexpr size_t kWindow = 256;
  static constexpr float kLeastGuess = 0.05f;

  explicit Tagger(const TaggerModel& model);

  // Appends, in order.
  void Tag(const Text& text, std::vector<TaggedSpan>& spans);

 private:
  // What features are made of.
  struct Trait {
    uint64_t word = 1;  // its hash where it is a common word, else its form
    uint64_t bits = 0;  // word_list
    uint64_t form = 0;  // letters in lower case, capitals, digits
    uint64_t mode = 0;  // of the window: 0 mixed, 1 lower case alone, 2 capitals
    uint64_t size = 0;
    uint64_t suffix2 = 0;
    uint64_t suffix3 = 0;
    uint64_t prefix3 = 0;
    uint64_t gap = 0;  // before it

    uint64_t shape() const { return form + 8 * mode + 24 * (size < 6 ? size : 6); }
    uint64_t known() const { return bits + 16 * form + 128 * mode; }
  };

  void ReadTraits(const Text& text, size_t begin, size_t end);
  TagScores ScoresOf(const Trait* trait) const;
  void TagWindow(size_t begin, size_t count, std::vector<TaggedSpan>& spans);
  bool MayGuess(const TagScores& scores) const;
  float MeanOdds(size_t first, size_t end) const;

  const TaggerModel& model_;
  Viterbi viterbi_;
  std::vector<Trait> traits_;  // two empty ones on either side
  std::vector<TagScores> states_;
  std::array<uint8_t, kWindow> labels_{};
  std::array<Viterbi::Flip, kWindow> flips_{};
  int32_t guess_loss_ = 0;                  // what a guess may lose at most
  std::array<int32_t, kTagLanes> alone_{};  // of a single token with a begin's label: what its moves lose
};

}  // namespace freshet::deid

// Phrases: how much of a question's own wording stands in a passage, word beside word.
//
//   const Phrases phrases("What are the signs of heart failure?");      // one: "heart failure"
//   phrases.ShareIn({"Heart failure", "Swollen ankles are common."});   // 1: it stands in the title
//   float score = hit.score * (1 + kPhraseWeight * share);
//
// A phrase is two words that follow each other in the question, both content (question_words.h); it stands in a text
// where their stems follow each other there. BM25 does not see order: "lung cancer" and "cancer ... lung" are one to
// it. Neighbouring words are evidence of their own (Metzler & Croft, A Markov Random Field Model for Term Dependencies,
// SIGIR 2005: the ordered window). The weight is one of a flat range (.2 to .5), measured on questions whose answer is
// known (tests/bench/README.md). Immutable: any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace freshet::query {

inline constexpr float kPhraseWeight = 0.5f;
inline constexpr size_t kMaxPhrases = 64;   // of a question
inline constexpr size_t kPhraseDepth = 50;  // hits of a list whose text is read

class Phrases {
 public:
  explicit Phrases(std::string_view question);

  bool empty() const { return pairs_.empty(); }
  // Of the question's phrases, the share that stands in any of these parts; 0 where there are none.
  float ShareIn(std::span<const std::string_view> parts) const;

 private:
  size_t NumberOf(std::string_view stem);

  std::vector<std::string> stems_;  // each once
  std::vector<std::pair<size_t, size_t>> pairs_;
};

}  // namespace freshet::query

#include "services/deid/tagger.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace freshet::deid {
namespace {

constexpr size_t kMargin = 2;
constexpr int32_t kNever = std::numeric_limits<int32_t>::min() / 4;

constexpr uint64_t Pair(uint64_t a, uint64_t b) { return (a * 0xD6E8FEB86659FD93 + b) * 0xA0761D6478BD642F; }

uint64_t LittleEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(ToLower(bytes[i]));
  return value;
}

// A gap of up to three bytes is itself; of a longer one its first two count.
uint64_t GapValue(std::string_view gap) {
  uint64_t value = 0;
  for (size_t i = std::min<size_t>(gap.size(), 3); i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(gap.size() > 3 && i == 2 ? '~' : gap[i]);
  }
  return value + 1;
}

enum Form : uint64_t { kLowerCase, kCapital, kCapitals, kMixed, kInitial, kDigits, kDigitsToo, kOtherScript };

Form FormOf(const Token& token, std::string_view word, size_t capitals) {
  if (token.has_digit) return token.has_alpha ? kDigitsToo : kDigits;
  if (static_cast<signed char>(word[0]) < 0) return kOtherScript;
  if (capitals == 0) return kLowerCase;
  if (word.size() == 1) return kInitial;
  if (capitals == word.size()) return kCapitals;
  return capitals == 1 && IsUpper(word[0]) ? kCapital : kMixed;
}

uint64_t ModeOf(size_t letters, size_t capitals) {
  if (capitals == 0) return 1;
  return capitals * 5 > letters * 4 ? 2 : 0;
}

// The paragraph's end where it is near, else a sentence's in the second half of the window, else its full length.
size_t EndOfWindow(const Text& text, size_t begin) {
  const std::vector<Token>& tokens = text.tokens();
  size_t sentence = 0;
  size_t i = begin + 1;
  for (; i < tokens.size() && i < begin + Tagger::kWindow; ++i) {
    const std::string_view gap = text.folded().substr(tokens[i - 1].end, tokens[i].begin - tokens[i - 1].end);
    if (gap.size() > 1 && gap.find("\n\n") != std::string_view::npos) return i;
    if (i > begin + Tagger::kWindow / 2 && gap.starts_with(". ")) sentence = i;
  }
  return i < tokens.size() && sentence != 0 ? sentence : i;
}

// What belongs to the paragraph before its first token and after its last.
std::string_view GapAtBegin(std::string_view gap) {
  if (const size_t cut = gap.rfind("\n\n"); cut != std::string_view::npos) gap.remove_prefix(cut + 2);
  while (!gap.empty() && IsSpace(gap.front())) gap.remove_prefix(1);
  return gap;
}
std::string_view GapAtEnd(std::string_view gap) {
  gap = gap.substr(0, gap.find("\n\n"));
  while (!gap.empty() && IsSpace(gap.back())) gap.remove_suffix(1);
  return gap;
}

float Odds(double margin) { return static_cast<float>(1 / (1 + std::exp(-margin))); }

}  // namespace

int32_t Viterbi::Decode(std::span<const TagScores> states, std::span<uint8_t> labels) {
  if (states.empty()) return 0;
  forward_.resize(states.size());
  from_.resize(states.size());
  forward_[0] = states[0];
  // An inside label begins nothing.
  for (size_t label = 2; label < kTags; label += 2) forward_[0][label] = kNever;
  for (size_t i = 1; i < states.size(); ++i) {
    TagScores best;
    best.fill(kNever);
    std::array<int32_t, kTagLanes> from{};
    for (size_t before = 0; before < kTags; ++before) {
      const int32_t sum = forward_[i - 1][before];
      for (size_t label = 0; label < kTagLanes; ++label) {
        const int32_t candidate = sum + moves_[before][label];
        from[label] = candidate > best[label] ? static_cast<int32_t>(before) : from[label];
        best[label] = std::max(best[label], candidate);
      }
    }
    for (size_t label = 0; label < kTagLanes; ++label) {
      forward_[i][label] = best[label] + states[i][label];
      from_[i][label] = static_cast<uint8_t>(from[label]);
    }
  }
  const auto last = std::max_element(forward_.back().begin(), forward_.back().begin() + kTags);
  auto label = static_cast<uint8_t>(last - forward_.back().begin());
  for (size_t i = states.size(); i-- > 0;) {
    labels[i] = label;
    label = from_[i][label];
  }
  return *last;
}

void Viterbi::Flips(std::span<const TagScores> states, std::span<const uint8_t> labels, std::span<Flip> flips) {
  if (states.empty()) return;
  const int32_t best = *std::max_element(forward_.back().begin(), forward_.back().begin() + kTags);
  TagScores backward{};
  for (size_t i = states.size(); i-- > 0;) {
    Flip flip{.loss = best - (forward_[i][0] + backward[0])};
    for (uint8_t label = 1; labels[i] == 0 && label < kTags; ++label) {
      const int32_t loss = best - (forward_[i][label] + backward[label]);
      if (label == 1 || loss < flip.loss) flip = {loss, label};
    }
    flips[i] = flip;
    TagScores next;
    next.fill(kNever);
    TagScores ahead;
    for (size_t label = 0; label < kTagLanes; ++label) ahead[label] = states[i][label] + backward[label];
    for (size_t before = 0; before < kTags; ++before) {
      for (size_t label = 0; label < kTags; ++label) {
        next[before] = std::max(next[before], moves_[before][label] + ahead[label]);
      }
    }
    backward = next;
  }
}

Tagger::Tagger(const TaggerModel& model) : model_(model), viterbi_(model.moves()) {
  const double most = std::log((1 - static_cast<double>(kLeastGuess)) / static_cast<double>(kLeastGuess));
  guess_loss_ = static_cast<int32_t>(most / static_cast<double>(model.scale()));
  const TaggerModel::Moves& moves = model.moves();
  for (size_t label = 1; label < kTags; label += 2) {
    const int32_t after = std::max(moves[label][0], moves[label][label + 1]);
    alone_[label] = 2 * moves[0][0] - moves[0][label] - after;
  }
}

void Tagger::ReadTraits(const Text& text, size_t begin, size_t end) {
  const std::string_view folded = text.folded();
  const std::vector<Token>& tokens = text.tokens();
  traits_.assign(end - begin + 2 * kMargin, Trait{});
  size_t letters = 0, capitals_of_all = 0;
  uint32_t before = begin == 0 ? 0 : tokens[begin - 1].end;
  constexpr size_t kAhead = 8;
  for (size_t i = begin; i < end; ++i) {
    if (i + kAhead < end) model_.Prefetch(tokens[i + kAhead].hash);
    const Token& token = tokens[i];
    const std::string_view word = folded.substr(token.begin, token.size());
    size_t capitals = 0;
    for (const char c : word) {
      capitals += IsUpper(c);
      letters += IsUpper(c) || IsLower(c);
    }
    capitals_of_all += capitals;
    Trait& trait = traits_[i - begin + kMargin];
    trait.bits = model_.WordBits(token.hash);
    trait.form = FormOf(token, word, capitals);
    trait.size = std::min<size_t>(word.size(), 9);
    trait.word = (trait.bits & word_list::kCommon) != 0
                     ? token.hash
                     : 16 + trait.form + (trait.form == kDigits ? 8 * trait.size : 0);
    trait.suffix2 = LittleEndian(word.substr(word.size() - std::min<size_t>(word.size(), 2)));
    trait.suffix3 = LittleEndian(word.substr(word.size() - std::min<size_t>(word.size(), 3)));
    trait.prefix3 = LittleEndian(word.substr(0, 3));
    const std::string_view gap = folded.substr(before, token.begin - before);
    trait.gap = GapValue(i == begin ? GapAtBegin(gap) : gap);
    before = token.end;
  }
  const size_t after = end < tokens.size() ? tokens[end].begin : folded.size();
  traits_[end - begin + kMargin].gap = GapValue(GapAtEnd(folded.substr(before, after - before)));
  const uint64_t mode = ModeOf(letters, capitals_of_all);
  for (size_t i = kMargin; i < end - begin + kMargin; ++i) traits_[i].mode = mode;
}

TagScores Tagger::ScoresOf(const Trait* trait) const {
  const Trait &a = trait[-2], &b = trait[-1], &t = trait[0], &d = trait[1], &e = trait[2];
  const uint64_t around = b.form + 8 * t.form + 64 * d.form + 512 * t.mode;
  const uint64_t words_before = Pair(a.word, b.word);
  const uint64_t values[] = {
      t.word,
      b.word,
      d.word,
      a.word,
      e.word,
      Pair(b.word, t.word),
      Pair(t.word, d.word),
      words_before,
      Pair(d.word, e.word),
      t.shape(),
      around,
      t.known(),
      Pair(b.bits, t.known()),
      Pair(d.bits, t.known()),
      Pair(Pair(b.bits, d.bits), t.bits + 16 * t.mode),
      t.suffix2 + (t.mode << 32),
      t.suffix3,
      t.prefix3,
      Pair(t.gap, t.form),
      Pair(d.gap, t.form),
      Pair(t.gap, d.gap),
      Pair(Pair(b.word, t.gap), t.form),
      Pair(Pair(d.word, d.gap), t.form),
      Pair(a.form, around),
      Pair(words_before, t.known()),
      Pair(b.shape(), d.shape()),
      b.known(),
      d.known(),
  };
  std::array<int16_t, kTagLanes> sums{};
  for (uint64_t feature = 0; feature < std::size(values); ++feature) {
    const TaggerModel::Lanes& row = model_.RowOf(feature, values[feature]);
    for (size_t lane = 0; lane < kTagLanes; ++lane) sums[lane] = static_cast<int16_t>(sums[lane] + row[lane]);
  }
  TagScores scores;
  std::copy(sums.begin(), sums.end(), scores.begin());
  scores[0] -= model_.doubt();
  return scores;
}

// Whether a token that is outside could begin something within what a guess may lose: cheap, and no promise.
bool Tagger::MayGuess(const TagScores& scores) const {
  bool may = false;
  for (size_t label = 1; label < kTags; label += 2) may |= scores[0] - scores[label] + alone_[label] <= guess_loss_;
  return may;
}

float Tagger::MeanOdds(size_t first, size_t end) const {
  int64_t loss = 0;
  for (size_t i = first; i < end; ++i) loss += flips_[i].loss;
  const double mean =
      static_cast<double>(loss) * static_cast<double>(model_.scale()) / static_cast<double>(end - first);
  return labels_[first] != 0 ? Odds(mean) : std::min(Odds(-mean), 0.49f);
}

void Tagger::TagWindow(size_t begin, size_t count, std::vector<TaggedSpan>& spans) {
  states_.resize(count);
  for (size_t i = 0; i < count; ++i) states_[i] = ScoresOf(&traits_[i + kMargin]);
  viterbi_.Decode(states_, labels_);
  const auto is_quiet = [&](size_t i) { return labels_[i] == 0 && !MayGuess(states_[i]); };
  size_t quiet = 0;
  while (quiet < count && is_quiet(quiet)) ++quiet;
  if (quiet == count) return;
  viterbi_.Flips(states_, labels_, flips_);
  for (size_t i = 0; i < count;) {
    const size_t first = i++;
    const bool guess = labels_[first] == 0;
    if (guess && flips_[first].loss > guess_loss_) continue;
    const auto label_of = [&](size_t at) { return guess ? flips_[at].label : labels_[at]; };
    const auto kind = static_cast<TagKind>((label_of(first) - 1) / 2);
    const auto goes_on = [&](size_t at) {
      if ((labels_[at] == 0) != guess || (guess && flips_[at].loss > guess_loss_)) return false;
      return label_of(at) % 2 == 0 && static_cast<TagKind>((label_of(at) - 1) / 2) == kind;
    };
    while (i < count && goes_on(i)) ++i;
    const auto last = static_cast<uint32_t>(begin + i - 1);
    spans.push_back({kind, static_cast<uint32_t>(begin + first), last, MeanOdds(first, i)});
  }
}

void Tagger::Tag(const Text& text, std::vector<TaggedSpan>& spans) {
  const size_t size = text.tokens().size();
  for (size_t begin = 0; begin < size;) {
    const size_t end = EndOfWindow(text, begin);
    ReadTraits(text, begin, end);
    TagWindow(begin, end - begin, spans);
    begin = end;
  }
}

}  // namespace freshet::deid

#include "services/deid/tagger.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace freshet::deid {
namespace {

TaggerModel::Moves InventMoves(std::mt19937& random) {
  TaggerModel::Moves moves{};
  for (auto& row : moves) {
    for (size_t label = 0; label < kTags; ++label) row[label] = static_cast<int32_t>(random() % 200) - 100;
  }
  // As in the model: inside follows only its own begin or inside.
  for (size_t before = 0; before < kTags; ++before) {
    for (size_t label = 2; label < kTags; label += 2) {
      if (before != label && before + 1 != label) moves[before][label] = -6000;
    }
  }
  return moves;
}

std::vector<TagScores> InventStates(std::mt19937& random, size_t count) {
  std::vector<TagScores> states(count);
  for (TagScores& state : states) {
    for (size_t label = 0; label < kTags; ++label) state[label] = static_cast<int32_t>(random() % 600) - 300;
  }
  return states;
}

struct Brute {
  int32_t best = std::numeric_limits<int32_t>::min();
  std::vector<std::array<int32_t, kTags>> best_with;  // of labellings whose token i has this label
};

// Every labelling, one after another.
Brute TryAll(const TaggerModel::Moves& moves, const std::vector<TagScores>& states) {
  Brute brute{.best_with = std::vector<std::array<int32_t, kTags>>(states.size())};
  for (auto& row : brute.best_with) row.fill(std::numeric_limits<int32_t>::min());
  size_t count = 1;
  for (size_t i = 0; i < states.size(); ++i) count *= kTags;
  for (size_t code = 0; code < count; ++code) {
    std::vector<size_t> labels;
    for (size_t rest = code; labels.size() < states.size(); rest /= kTags) labels.push_back(rest % kTags);
    if (labels[0] >= 2 && labels[0] % 2 == 0) continue;
    int32_t sum = 0;
    for (size_t i = 0; i < labels.size(); ++i) {
      sum += states[i][labels[i]] + (i > 0 ? moves[labels[i - 1]][labels[i]] : 0);
    }
    brute.best = std::max(brute.best, sum);
    for (size_t i = 0; i < labels.size(); ++i) {
      brute.best_with[i][labels[i]] = std::max(brute.best_with[i][labels[i]], sum);
    }
  }
  return brute;
}

TEST(ViterbiTest, FindsWhatTryingAllLabellingsFinds) {
  std::mt19937 random(5);
  for (int round = 0; round < 60; ++round) {
    const TaggerModel::Moves moves = InventMoves(random);
    const std::vector<TagScores> states = InventStates(random, 1 + round % 4);
    const Brute brute = TryAll(moves, states);
    Viterbi viterbi(moves);
    std::vector<uint8_t> labels(states.size());
    ASSERT_EQ(viterbi.Decode(states, labels), brute.best) << "round " << round;
    int32_t sum = 0;
    for (size_t i = 0; i < labels.size(); ++i) {
      sum += states[i][labels[i]] + (i > 0 ? moves[labels[i - 1]][labels[i]] : 0);
    }
    EXPECT_EQ(sum, brute.best) << "the labels are not worth what was said, round " << round;
    std::vector<Viterbi::Flip> flips(states.size());
    viterbi.Flips(states, labels, flips);
    for (size_t i = 0; i < states.size(); ++i) {
      const auto& with = brute.best_with[i];
      const int32_t flipped = labels[i] != 0 ? with[0] : *std::max_element(with.begin() + 1, with.end());
      EXPECT_EQ(flips[i].loss, brute.best - flipped) << "round " << round << ", token " << i;
      EXPECT_EQ(with[flips[i].label], flipped) << "round " << round << ", token " << i;
      EXPECT_EQ(flips[i].label == 0, labels[i] != 0);
    }
  }
}

TEST(ViterbiTest, NothingToDecode) {
  std::mt19937 random(1);
  const TaggerModel::Moves moves = InventMoves(random);
  Viterbi viterbi(moves);
  EXPECT_EQ(viterbi.Decode({}, {}), 0);
  viterbi.Flips({}, {}, {});
}

std::string Tagged(std::string_view source) {
  const auto model = TaggerModel::Get();
  if (!model.ok()) return "no model";
  Tagger tagger(**model);
  const Text text(source);
  std::vector<TaggedSpan> spans;
  tagger.Tag(text, spans);
  std::string out;
  for (const TaggedSpan& span : spans) {
    if (span.score < 0.5f) continue;  // a guess
    static constexpr const char* kNames[] = {"name", "street", "city", "organisation", "facility"};
    const uint32_t begin = text.tokens()[span.first].begin;
    if (!out.empty()) out += "; ";
    out += kNames[static_cast<size_t>(span.kind)];
    out += ' ';
    out += text.folded().substr(begin, text.tokens()[span.last].end - begin);
  }
  return out;
}

TEST(TaggerTest, FindsNamesAndPlacesThatNobodyAnnounces) {
  EXPECT_EQ(Tagged("Why is Tamsin Okonjo so late today?"), "name Tamsin Okonjo");
  EXPECT_EQ(Tagged("why is tamsin okonjo so late today?"), "name tamsin okonjo");
  EXPECT_EQ(Tagged("We moved here from Wroclaw in 2014."), "city Wroclaw");
}

TEST(TaggerTest, GuessesAreWhatTheBestLabellingLeavesOut) {
  const auto model = TaggerModel::Get();
  ASSERT_TRUE(model.ok());
  Tagger tagger(**model);
  const Text text("He met someone near the lake. Reviewed with Hollins. Seen by quill. Rose slept; may felt better.");
  std::vector<TaggedSpan> spans;
  tagger.Tag(text, spans);
  uint32_t end = 0;
  for (const TaggedSpan& span : spans) {
    EXPECT_GE(span.first, end) << "in order and disjoint";
    EXPECT_GE(span.score, Tagger::kLeastGuess * 0.9f);
    EXPECT_LE(span.score, 1.0f);
    end = span.last + 1;
  }
  EXPECT_TRUE(std::any_of(spans.begin(), spans.end(), [](const TaggedSpan& span) { return span.score < 0.5f; }));
}

TEST(TaggerTest, LeavesClinicalProseAlone) {
  EXPECT_EQ(Tagged("Continue metformin 500 mg BID for type 2 diabetes; check creatinine in 3 months."), "");
  EXPECT_EQ(Tagged("Patients with Crohn's disease may have abdominal pain and weight loss."), "");
  EXPECT_EQ(Tagged(""), "");
  EXPECT_EQ(Tagged("... !?"), "");
}

// Windows follow one another without a gap: a name far into a text is found as near its begin.
TEST(TaggerTest, FindsNamesInEveryWindow) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += "The patient reports no pain and continues the same dose of the drug. ";
  EXPECT_EQ(Tagged(text), "");
  EXPECT_EQ(Tagged(text + "Why is Tamsin Okonjo so late today?"), "name Tamsin Okonjo");
}

TEST(TaggerTest, TakesLinearTimeOnAnyInput) {
  const auto model = TaggerModel::Get();
  ASSERT_TRUE(model.ok());
  Tagger tagger(**model);
  for (const std::string_view unit : {"9", "<", "a", "A ", "Dr. Quill ", "1 "}) {
    std::string text;
    while (text.size() < 2'000'000) text += unit;
    std::vector<TaggedSpan> spans;
    const auto begin = std::chrono::steady_clock::now();
    tagger.Tag(Text(text), spans);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    EXPECT_LT(spent.count(), 60) << "unit '" << unit << "'";
  }
}

TEST(TaggerModelTest, RefusesWhatIsNoModel) {
  EXPECT_EQ(TaggerModel::Parse("").status().code(), Code::kCorruptStore);
  std::string file("FNM1\x01\x01\x0b\x00", 8);
  file += std::string("\x00\x00\x80\x3f", 4);
  const size_t body = kTags * kTags * 2 + 2 * 2 + 2 * kTags;
  EXPECT_TRUE(TaggerModel::Parse(file + std::string(body, '\0')).ok());
  EXPECT_EQ(TaggerModel::Parse(file + std::string(body - 1, '\0')).status().code(), Code::kCorruptStore);
  // Lists without a free place would be searched for ever.
  EXPECT_EQ(TaggerModel::Parse(file + std::string(body, '\x11')).status().code(), Code::kCorruptStore);
  file[0] = 'G';
  EXPECT_EQ(TaggerModel::Parse(file + std::string(body, '\0')).status().code(), Code::kCorruptStore);
}

TEST(TaggerModelTest, ReadsWeightsAndLists) {
  std::string file("FNM1\x01\x01\x0b\x00", 8);
  file += std::string("\x00\x00\x00\x3f", 4);
  std::string moves(kTags * kTags * 2, '\0');
  moves[2] = '\xfe';  // from outside to the first kind's begin: -2
  moves[3] = '\xff';
  const uint64_t hash = 0xabc00000'00000000;
  const std::string words("\xc5\xab\x00\x00", 4);  // fingerprint abc, bits 5
  std::string rows(2 * kTags, '\x07');
  const auto model = TaggerModel::Parse(file + moves + words + rows);
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(model->scale(), 0.5f);
  EXPECT_EQ(model->moves()[0][1], -2);
  EXPECT_EQ(model->WordBits(hash), 5u);
  EXPECT_EQ(model->WordBits(hash + (uint64_t{1} << 60)), 0u);
  EXPECT_EQ(model->RowOf(3, 4)[0], 7);
  EXPECT_EQ(model->RowOf(3, 4)[kTags], 0) << "lanes past the labels are empty";
}

}  // namespace
}  // namespace freshet::deid

#include "common/store/lexical_search.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <set>

#include "common/store/abbreviations.h"
#include "common/store/filter_bitmap.h"
#include "common/store/lexical_postings.h"
#include "common/store/question_words.h"
#include "common/store/stemmer.h"
#include "common/store/top_hits.h"

namespace freshet::store {
namespace {

constexpr uint32_t kUnits = 65536;  // of a score in one
constexpr uint32_t kWindow = 4096;
// Word counts up to this are used as they are: more would let scores leave 32 bits.
constexpr float kMostRepeats = 16;
constexpr float kRelatedShare = 0.3f;   // of a word that only an abbreviation brings in
constexpr size_t kMaxReadWords = 1024;  // distinct words of a query among which the rarest are chosen

uint32_t ToUnits(float score) { return static_cast<uint32_t>(score * kUnits + 0.5f); }

// k1 * (1 - b + b * l / L) as constant + slope * l.
struct Saturation {
  float constant;
  float slope;

  uint32_t Score(float weight, uint32_t frequency, uint32_t length) const {
    const auto f = static_cast<float>(frequency);
    return ToUnits(weight * f / (f + constant + slope * static_cast<float>(length)));
  }
};

// One word of the query in one segment.
struct WordInSegment {
  PostingCursor cursor;
  float weight;
  uint32_t bound;  // what it can add at most
};

// The scores of kWindow rows, and which of them have one; all zero between two uses.
struct Window {
  std::array<uint32_t, kWindow> scores{};
  std::array<uint64_t, kWindow / 64> touched{};
};

// What all segments of one search share.
struct Task {
  size_t words;
  Saturation saturation;
  const LexicalAccept& accept;
  const Filter::Bitmap* few;     // where the filter lets few through: asked first of all
  const Filter::Bitmap* fewest;  // where it lets so few through that these alone are scored
  TopHits& hits;
  Window& window;
};

// Where most entries are of documents that nobody asks for, to leave them out is cheaper than to score them; and where
// almost all are, to seek each of the others in the lists of the words is cheaper than to read the lists.
constexpr uint64_t kFewOf = 4;
constexpr uint64_t kFewestOf = 200;

const Filter::Bitmap* IfLessThanOneIn(uint64_t many, const LexicalAccept& accept, uint64_t entries) {
  const bool less = accept.documents != nullptr && accept.documents->documents.cardinality() * many < entries;
  return less ? accept.documents : nullptr;
}

// Scores one segment into the hits.
class SegmentScorer {
 public:
  SegmentScorer(const LexicalSegment& segment, const Task& task)
      : segment_(segment), task_(task), hits_(task.hits), scores_(task.window.scores), touched_(task.window.touched) {
    words_.reserve(task.words);
  }

  // The least weight first.
  void AddWord(uint32_t term, float weight) {
    // No frequency exceeds a length, so this bounds every entry's share.
    const uint32_t bound = std::max(ToUnits(weight), 1u);
    words_.push_back({PostingCursor(segment_, term), weight, bound});
  }

  void Run() {
    if (task_.fewest != nullptr) return RunThrough(*task_.fewest);
    uint64_t begin = 0;
    while (FindEssential() && NextWindow(begin)) {
      for (size_t i = essential_; i < words_.size(); ++i) Accumulate(words_[i], static_cast<uint32_t>(begin));
      Collect(static_cast<uint32_t>(begin));
      begin += kWindow;
    }
  }

 private:
  // The search turned around: not through what the words stand in, but through what may be read.
  void RunThrough(const Filter::Bitmap& documents) {
    if (words_.empty()) return;
    for (const WordInSegment& word : words_) rest_ += word.bound;
    essential_ = words_.size();
    for (uint32_t row = 0; row < segment_.rows(); ++row) {
      if (!documents.Contains(DocumentOrdinal(segment_.documents[row]))) continue;
      uint32_t score = 0;
      if (AddRest(row, score)) Take(row, score);
    }
  }

  // Words below essential_ together cannot make a hit. False where no words can.
  bool FindEssential() {
    while (essential_ < words_.size() && !hits_.CouldTake(rest_ + words_[essential_].bound)) {
      rest_ += words_[essential_++].bound;
    }
    return essential_ < words_.size();
  }

  // Moves `begin` on to the next row with an essential word. False where there is none.
  bool NextWindow(uint64_t& begin) const {
    uint64_t next = UINT64_MAX;
    for (size_t i = essential_; i < words_.size(); ++i) {
      if (!words_[i].cursor.done()) next = std::min<uint64_t>(next, words_[i].cursor.row());
    }
    begin = std::max(begin, next);
    return next != UINT64_MAX;
  }

  void Accumulate(WordInSegment& word, uint32_t begin) {
    const uint64_t end = static_cast<uint64_t>(begin) + kWindow;
    PostingCursor& cursor = word.cursor;
    for (; !cursor.done() && cursor.row() < end; cursor.Next()) {
      const uint32_t row = cursor.row();
      if (task_.few != nullptr && !task_.few->Contains(DocumentOrdinal(segment_.documents[row]))) continue;
      const uint32_t place = row - begin;
      scores_[place] += task_.saturation.Score(word.weight, cursor.frequency(), segment_.lengths[row]);
      touched_[place / 64] |= uint64_t{1} << (place % 64);
    }
  }

  void Collect(uint32_t begin) {
    for (uint32_t word = 0; word < touched_.size(); ++word) {
      for (uint64_t bits = std::exchange(touched_[word], 0); bits != 0; bits &= bits - 1) {
        const uint32_t place = 64 * word + static_cast<uint32_t>(std::countr_zero(bits));
        const uint32_t score = std::exchange(scores_[place], 0);
        if (hits_.CouldTake(score + rest_)) Finish(begin + place, score);
      }
    }
  }

  void Finish(uint32_t row, uint32_t score) {
    const DocumentOrdinal document(segment_.documents[row]);
    if (task_.accept.documents != nullptr && !task_.accept.documents->Contains(document)) return;
    AddRest(row, score);
    Take(row, score);
  }

  // Adds what the words below essential_ give, the most first, until it is clear that it is not enough. Whether one
  // did.
  bool AddRest(uint32_t row, uint32_t& score) {
    uint32_t rest = rest_;
    bool found = false;
    for (size_t i = essential_; i > 0 && hits_.CouldTake(score + rest); --i) {
      WordInSegment& word = words_[i - 1];
      rest -= word.bound;
      if (!word.cursor.SeekTo(row)) continue;
      found = true;
      score += task_.saturation.Score(word.weight, word.cursor.frequency(), segment_.lengths[row]);
    }
    return found;
  }

  void Take(uint32_t row, uint32_t score) {
    const ChunkOrdinal chunk(segment_.chunks[row]);
    const DocumentOrdinal document(segment_.documents[row]);
    if (!hits_.WouldTake(score, chunk)) return;
    if (task_.accept.live && !task_.accept.live(chunk, document)) return;
    hits_.Take(score, chunk, document);
  }

  const LexicalSegment& segment_;
  const Task& task_;
  TopHits& hits_;
  std::array<uint32_t, kWindow>& scores_;
  std::array<uint64_t, kWindow / 64>& touched_;
  std::vector<WordInSegment> words_;  // the least bound first
  size_t essential_ = 0;
  uint32_t rest_ = 0;  // bounds below essential_ together
};

// Stems of the query's content words, with how often they count; of what abbreviations stand for, and the other way,
// too.
std::map<std::string, float> Shares(std::string_view query) {
  std::vector<std::string> words;
  std::map<std::string, float> shares;
  std::set<std::string> distinct;
  Stemmer stemmer;
  for (QuestionWord& word : ReadQuestion(query)) {
    if (distinct.size() == kMaxReadWords) break;
    distinct.insert(word.word);
    if (word.content) {
      float& share = shares[std::string(stemmer.Stem(word.word))];
      share = std::min(share + 1, kMostRepeats);
    }
    words.push_back(std::move(word.word));
  }
  for (const std::string& word : Abbreviations::Known().Related(words)) {
    shares.try_emplace(std::string(stemmer.Stem(word)), kRelatedShare);
  }
  return shares;
}

}  // namespace

struct LexicalSearcher::QueryWord {
  uint64_t entries = 0;         // that hold it
  std::vector<uint32_t> terms;  // by segment
  float weight = 0;
};

LexicalSearcher::LexicalSearcher(LexicalSegments segments) : segments_(std::move(segments)) {
  std::stable_sort(segments_.begin(), segments_.end(),
                   [](const auto& a, const auto& b) { return a->rows() > b->rows(); });
  uint64_t words = 0;
  for (const auto& segment : segments_) {
    entries_ += segment->rows();
    words += segment->words;
  }
  if (words > 0) mean_length_ = static_cast<float>(static_cast<double>(words) / static_cast<double>(entries_));
}

std::vector<LexicalSearcher::QueryWord> LexicalSearcher::LookUp(std::string_view query) const {
  std::vector<QueryWord> words;
  for (const auto& [name, share] : Shares(query)) {
    QueryWord word;
    const uint64_t hash = WordHash(name);
    for (const auto& segment : segments_) {
      word.terms.push_back(segment->terms.Find(name, hash));
      if (word.terms.back() != LexicalTerms::kNoTerm) word.entries += segment->terms[word.terms.back()].count;
    }
    if (word.entries == 0) continue;
    const double rarity = (static_cast<double>(entries_ - word.entries) + 0.5) / (word.entries + 0.5);
    word.weight = static_cast<float>(std::log1p(rarity) * (kBm25K1 + 1) * share);
    words.push_back(std::move(word));
  }
  if (words.size() > kMaxQueryWords) {
    std::nth_element(words.begin(), words.begin() + kMaxQueryWords, words.end(),
                     [](const QueryWord& a, const QueryWord& b) { return a.entries < b.entries; });
    words.resize(kMaxQueryWords);
  }
  std::stable_sort(words.begin(), words.end(),
                   [](const QueryWord& a, const QueryWord& b) { return a.weight < b.weight; });
  return words;
}

std::vector<Hit> LexicalSearcher::Search(std::string_view query, size_t count, const LexicalAccept& accept) const {
  if (count == 0) return {};
  const std::vector<QueryWord> words = LookUp(query);
  TopHits hits(count);
  Window window;
  const Task task{
      .words = words.size(),
      .saturation = {.constant = kBm25K1 * (1 - kBm25B), .slope = kBm25K1 * kBm25B / mean_length_},
      .accept = accept,
      .few = IfLessThanOneIn(kFewOf, accept, entries_),
      .fewest = IfLessThanOneIn(kFewestOf, accept, entries_),
      .hits = hits,
      .window = window,
  };
  for (size_t i = 0; i < segments_.size(); ++i) {
    SegmentScorer scorer(*segments_[i], task);
    for (const QueryWord& word : words) {
      if (word.terms[i] != LexicalTerms::kNoTerm) scorer.AddWord(word.terms[i], word.weight);
    }
    scorer.Run();
  }
  return hits.Sorted(1.0f / kUnits);
}

}  // namespace freshet::store

#include "common/store/lexical_search.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "common/store/abbreviations.h"
#include "common/store/lexical_scorer.h"
#include "common/store/question_words.h"
#include "common/store/stemmer.h"

namespace freshet::store {
namespace {

// Word counts up to this are used as they are: more would let scores leave 32 bits.
constexpr float kMostRepeats = 16;
constexpr float kRelatedShare = 0.3f;   // of a word that only an abbreviation brings in
constexpr size_t kMaxReadWords = 1024;  // distinct words of a query among which the rarest are chosen

// Where most entries are of documents that nobody asks for, to leave them out is cheaper than to score them; and where
// almost all are, to seek each of the others in the lists of the words is cheaper than to read the lists.
constexpr uint64_t kFewOf = 2;
constexpr uint64_t kFewestOf = 200;

const Filter::Bitmap* IfLessThanOneIn(uint64_t many, const LexicalAccept& accept, uint64_t entries) {
  const bool less = accept.documents != nullptr && accept.documents->documents.cardinality() * many < entries;
  return less ? accept.documents : nullptr;
}

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
  ScoreWindow window;
  const ScoringTask task{
      .words = words.size(),
      .saturation = Saturation(mean_length_),
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

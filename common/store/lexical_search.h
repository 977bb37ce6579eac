// BM25 over lexical segments, exact under a filter.
//
//   LexicalSearcher searcher(segments);
//   std::vector<Hit> hits = searcher.Search("contact precautions", 50, accept);
//
// Words are compared by their stems (stemmer.h). Function words of a query ("what", "of") are looked for only where it
// has no other (question_words.h). What clinical abbreviations in the query stand for is looked for too, and
// abbreviations of what is spelt out in it, at a lower weight (abbreviations.h).
//
//   score = sum over the query's words, repeated ones as often, of  idf * f * (k1 + 1) / (f + k1 * (1 - b + b * l / L))
//   idf   = ln(1 + (N - n + .5) / (n + .5))
// with k1 = .6, b = .4 (Robertson & Zaragoza, The Probabilistic Relevance Framework, 2009; idf as Lucene's, never below
// 0), f = occurrences in the entry, l = its length, L = the mean length, N = entries, n = entries with the word. An
// entry is a passage, where once says most of what often does: k1 is lower than the 1.2 of whole documents, as for MS
// MARCO's passages; tests/bench/README.md has what was measured.
// Scores are sums of whole 65536ths, so that they are the same in whatever order words are read.
//
// How: entries are scored 4096 at a time, word after word. As soon as enough good hits are known, words that cannot
// bring in another by themselves, by the most that they give within those 4096, are only looked up for entries that
// others brought (MaxScore: Turtle & Flood, 1995, with block maxima: lexical_segment.h). Where a filter lets few
// through, these are looked up word by word instead. Immutable: any thread.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "common/store/lexical.h"
#include "common/store/lexical_bm25.h"
#include "common/store/lexical_segment.h"
#include "common/store/question_words.h"

namespace freshet::store {

using LexicalSegments = std::vector<std::shared_ptr<const LexicalSegment>>;

inline constexpr size_t kMaxQueryWords = 64;  // distinct ones, the rarest

class LexicalSearcher {
 public:
  explicit LexicalSearcher(LexicalSegments segments);

  uint64_t entries() const { return entries_; }
  std::vector<Hit> Search(std::string_view query, size_t count, const LexicalAccept& accept) const;

 private:
  struct QueryWord;
  std::vector<QueryWord> LookUp(std::string_view query) const;

  LexicalSegments segments_;  // the largest first
  uint64_t entries_ = 0;
  float mean_length_ = 1;
};

}  // namespace freshet::store

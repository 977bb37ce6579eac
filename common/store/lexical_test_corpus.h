// For tests: a small random corpus of entries, and BM25 over it written as plainly as can be.
#pragma once

#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "common/store/analyzer.h"
#include "common/store/lexical.h"
#include "common/store/lexical_buffer.h"

namespace freshet::store {

struct TestEntry {
  ChunkOrdinal chunk;
  DocumentOrdinal document;
  std::string title;
  std::string section;
  std::string text;

  operator LexicalEntry() const { return {chunk, document, title, section, text}; }  // NOLINT: implicit by design
};

inline std::string WordFor(uint32_t rank) { return "w" + std::to_string(rank); }

// Words of a Zipf-like distribution: low ranks are in nearly every text.
inline std::string RandomText(std::mt19937& random, size_t words, uint32_t vocabulary) {
  std::string text;
  for (size_t i = 0; i < words; ++i) {
    const double uniform = std::uniform_real_distribution<double>(0, 1)(random);
    text += WordFor(static_cast<uint32_t>(std::pow(vocabulary, uniform)) - 1) + (random() % 9 == 0 ? ". " : " ");
  }
  return text;
}

inline TestEntry RandomEntry(std::mt19937& random, uint32_t chunk, uint32_t vocabulary) {
  return {.chunk = ChunkOrdinal(chunk),
          .document = DocumentOrdinal(chunk / 3),
          .title = RandomText(random, random() % 4, vocabulary),
          .section = RandomText(random, random() % 3, vocabulary),
          .text = RandomText(random, 1 + random() % 60, vocabulary)};
}

// The formula of lexical_search.h, entry by entry.
class ReferenceBm25 {
 public:
  explicit ReferenceBm25(const std::vector<TestEntry>& entries) {
    for (const TestEntry& entry : entries) {
      Counted counted{.entry = &entry};
      Count(entry.title, kHeadingWeight, counted);
      Count(entry.section, kHeadingWeight, counted);
      Count(entry.text, 1, counted);
      for (const auto& [word, count] : counted.words) ++holders_[word];
      total_ += counted.length;
      counted_.push_back(std::move(counted));
    }
  }

  // All hits, best first; `accept(entry)` says which may be.
  template <class Accept>
  std::vector<Hit> Search(const std::string& query, Accept accept) const {
    std::vector<Hit> hits;
    for (const Counted& counted : counted_) {
      if (!accept(*counted.entry)) continue;
      const auto [score, found] = Score(query, counted);
      if (found) hits.push_back({counted.entry->chunk, counted.entry->document, static_cast<float>(score)});
    }
    std::sort(hits.begin(), hits.end(),
              [](const Hit& a, const Hit& b) { return a.score != b.score ? a.score > b.score : a.chunk < b.chunk; });
    return hits;
  }

 private:
  struct Counted {
    const TestEntry* entry;
    std::map<std::string, double> words;
    double length = 0;
  };

  static void Count(std::string_view text, uint32_t weight, Counted& counted) {
    WordReader reader(text);
    std::string_view word;
    while (reader.Next(word)) {
      counted.words[std::string(word)] += weight;
      counted.length += weight;
    }
  }

  std::pair<double, bool> Score(const std::string& query, const Counted& counted) const {
    double score = 0;
    bool found = false;
    WordReader reader(query);
    std::string_view word;
    while (reader.Next(word)) {
      const auto it = counted.words.find(std::string(word));
      if (it == counted.words.end()) continue;
      found = true;
      const double entries = static_cast<double>(counted_.size());
      const double holders = holders_.at(it->first);
      const double idf = std::log(1 + (entries - holders + 0.5) / (holders + 0.5));
      const double mean = total_ / entries;
      score += idf * it->second * 1.6 / (it->second + 0.6 * (0.6 + 0.4 * counted.length / mean));
    }
    return {score, found};
  }

  std::vector<Counted> counted_;
  std::map<std::string, double> holders_;
  double total_ = 0;
};

// Equal but for rounding: the scores rank by rank, and each hit's own.
inline void ExpectSameHits(const std::vector<Hit>& actual, std::vector<Hit> expected_all, size_t count) {
  std::map<uint32_t, float> scores;
  for (const Hit& hit : expected_all) scores[hit.chunk.value] = hit.score;
  if (expected_all.size() > count) expected_all.resize(count);
  ASSERT_EQ(actual.size(), expected_all.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_NEAR(actual[i].score, expected_all[i].score, 2e-3) << "rank " << i;
    ASSERT_TRUE(scores.contains(actual[i].chunk.value)) << "not to be found: " << actual[i].chunk.value;
    EXPECT_NEAR(actual[i].score, scores[actual[i].chunk.value], 2e-3);
    EXPECT_EQ(actual[i].document.value, actual[i].chunk.value / 3);
    if (i > 0) {
      EXPECT_TRUE(actual[i - 1].score > actual[i].score ||
                  (actual[i - 1].score == actual[i].score && actual[i - 1].chunk < actual[i].chunk));
    }
  }
}

}  // namespace freshet::store

#include "common/store/lexical_search.h"

#include <gtest/gtest.h>

#include <set>

#include "common/store/filter_bitmap.h"
#include "common/store/lexical_test_corpus.h"

namespace freshet::store {
namespace {

// The entries in segments of about `segment_rows`.
LexicalSegments SegmentsOf(const std::vector<TestEntry>& entries, size_t segment_rows) {
  LexicalSegments segments;
  LexicalBuffer buffer;
  for (const TestEntry& entry : entries) {
    buffer.Add(entry);
    if (buffer.rows() == segment_rows) segments.push_back(buffer.Flush().segment);
  }
  if (const BuiltSegment last = buffer.Flush()) segments.push_back(last.segment);
  return segments;
}

std::vector<TestEntry> Corpus(uint32_t seed, uint32_t entries, uint32_t vocabulary) {
  std::mt19937 random(seed);
  std::vector<TestEntry> corpus;
  for (uint32_t chunk = 0; chunk < entries; ++chunk) corpus.push_back(RandomEntry(random, chunk, vocabulary));
  return corpus;
}

struct Shape {
  uint32_t entries;
  uint32_t vocabulary;
  size_t segment_rows;
};

class LexicalSearch : public testing::TestWithParam<Shape> {};

TEST_P(LexicalSearch, EqualsTheFormulaWhateverTheFilter) {
  const Shape shape = GetParam();
  const std::vector<TestEntry> corpus = Corpus(shape.entries, shape.entries, shape.vocabulary);
  const LexicalSearcher searcher(SegmentsOf(corpus, shape.segment_rows));
  const ReferenceBm25 reference(corpus);
  std::mt19937 random(17);
  for (int round = 0; round < 60; ++round) {
    const std::string query = RandomText(random, 1 + random() % 8, shape.vocabulary) + " unknown";
    const size_t count = std::array<size_t, 4>{1, 10, 50, 100000}[random() % 4];
    const uint32_t keep = std::array<uint32_t, 4>{1, 2, 20, 400}[random() % 4];  // one in so many documents passes
    const uint32_t alive = 1 + random() % 3;
    Roaring passing;
    for (uint32_t document = 0; document <= shape.entries / 3; ++document) {
      if (random() % keep == 0) passing.add(document);
    }
    const Filter::Bitmap bitmap(passing);
    const auto live = [&](ChunkOrdinal chunk, DocumentOrdinal) { return alive == 1 || chunk.value % alive != 0; };
    const std::vector<Hit> hits = searcher.Search(query, count, {.documents = &bitmap, .live = live});
    const std::vector<Hit> expected = reference.Search(query, [&](const TestEntry& entry) {
      return passing.contains(entry.document.value) && live(entry.chunk, entry.document);
    });
    ExpectSameHits(hits, expected, count);
    if (HasFailure()) FAIL() << "round " << round << ", query " << query;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, LexicalSearch,
                         testing::Values(Shape{1, 10, 10}, Shape{40, 30, 7}, Shape{3000, 50, 100000},
                                         Shape{3000, 2000, 400}, Shape{20000, 300, 9000}));

TEST(LexicalSearchOrder, IsTheSameHoweverEntriesLieInSegments) {
  const std::vector<TestEntry> corpus = Corpus(5, 5000, 300);
  const LexicalSearcher one(SegmentsOf(corpus, corpus.size()));
  const LexicalSearcher many(SegmentsOf(corpus, 123));
  std::mt19937 random(3);
  for (int round = 0; round < 40; ++round) {
    const std::string query = RandomText(random, 5, 300);
    const std::vector<Hit> a = one.Search(query, 30, {});
    const std::vector<Hit> b = many.Search(query, 30, {});
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].chunk, b[i].chunk);
      EXPECT_EQ(a[i].score, b[i].score);
    }
  }
}

// What a block of a segment can give is known for the segment's own mean length: the index's may be far from it.
TEST(LexicalSearchOrder, SegmentsOfShortAndOfLongEntriesGoTogether) {
  std::mt19937 random(23);
  std::vector<TestEntry> corpus;
  for (uint32_t chunk = 0; chunk < 9000; ++chunk) {
    const size_t words = chunk < 3000 ? 2 : chunk < 6000 ? 300 : 12;
    corpus.push_back({ChunkOrdinal(chunk), DocumentOrdinal(chunk / 3), "", "", RandomText(random, words, 40)});
  }
  const LexicalSearcher searcher(SegmentsOf(corpus, 3000));
  const ReferenceBm25 reference(corpus);
  for (int round = 0; round < 60; ++round) {
    const std::string query = RandomText(random, 1 + random() % 6, 40);
    ExpectSameHits(searcher.Search(query, 10, {}), reference.Search(query, [](const TestEntry&) { return true; }), 10);
  }
}

TEST(LexicalSearchOrder, AsksAcceptOnlyForWhatWouldBeAHit) {
  const std::vector<TestEntry> corpus = Corpus(9, 5000, 300);
  const LexicalSearcher searcher(SegmentsOf(corpus, 1000));
  size_t asked = 0;
  const auto live = [&](ChunkOrdinal, DocumentOrdinal) { return ++asked > 0; };
  EXPECT_EQ(searcher.Search(WordFor(0), 10, {.live = live}).size(), 10u);
  EXPECT_LT(asked, corpus.size() / 4);
}

TEST(LexicalSearchOrder, HeadingsCountMore) {
  const TestEntry text{ChunkOrdinal(0), DocumentOrdinal(0), "", "", "alpha beta gamma delta"};
  const TestEntry title{ChunkOrdinal(1), DocumentOrdinal(0), "alpha", "", "beta gamma"};
  const TestEntry section{ChunkOrdinal(2), DocumentOrdinal(0), "", "alpha", "beta gamma"};
  const LexicalSearcher searcher(SegmentsOf({text, title, section}, 10));
  const std::vector<Hit> hits = searcher.Search("alpha", 10, {});
  ASSERT_EQ(hits.size(), 3u);
  EXPECT_EQ(hits[0].chunk.value, 1u);
  EXPECT_EQ(hits[1].chunk.value, 2u);
  EXPECT_EQ(hits[0].score, hits[1].score);
  EXPECT_GT(hits[1].score, hits[2].score);
}

TEST(LexicalSearchHostile, QueriesAreSafeAndBounded) {
  const std::vector<TestEntry> corpus = Corpus(11, 2000, 3000);
  const LexicalSearcher searcher(SegmentsOf(corpus, 500));
  EXPECT_TRUE(searcher.Search("", 10, {}).empty());
  EXPECT_TRUE(searcher.Search(" \t\r\n.,;:!?()[]\"'", 10, {}).empty());
  EXPECT_TRUE(searcher.Search(std::string("\0\x01\x02\x7F", 4), 10, {}).empty());
  EXPECT_TRUE(searcher.Search("\xFF\xFE\xC0\xAF", 10, {}).empty());
  EXPECT_TRUE(searcher.Search("w1 w2", 0, {}).empty());
  EXPECT_TRUE(LexicalSearcher({}).Search("w1", 10, {}).empty());
  std::string megabyte;
  while (megabyte.size() < (1 << 20)) megabyte += WordFor(static_cast<uint32_t>(megabyte.size() % 3001)) + " ";
  EXPECT_EQ(searcher.Search(megabyte, 10, {}).size(), 10u);
  EXPECT_EQ(searcher.Search(std::string(1 << 20, 'w'), 10, {}).size(), 0u);
  std::string repeated = "w1";
  for (int i = 0; i < 100000; ++i) repeated += " w1";
  EXPECT_FALSE(searcher.Search(repeated, 10, {}).empty());
}

TEST(LexicalSearchHostile, OfManyWordsTheRarestCount) {
  std::vector<TestEntry> corpus;
  std::string query;
  for (uint32_t i = 0; i < 200; ++i) {
    // Word i is in entries 0..i: low numbers are rare.
    std::string text = "filler ";
    for (uint32_t word = i; word < 200; ++word) text += WordFor(word) + " ";
    corpus.push_back({ChunkOrdinal(i), DocumentOrdinal(i / 3), "", "", text});
    query += WordFor(i) + " ";
  }
  const LexicalSearcher searcher(SegmentsOf(corpus, 50));
  const std::vector<Hit> hits = searcher.Search(query, 1000, {});
  EXPECT_EQ(hits.size(), kMaxQueryWords);  // the 64 rarest words are in entries 0..63 alone
  for (const Hit& hit : hits) EXPECT_LT(hit.chunk.value, kMaxQueryWords);
}

}  // namespace
}  // namespace freshet::store

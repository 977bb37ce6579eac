// Ranking against Fuse of lists that were weighed whole.
#include "services/query/ranking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace freshet::query {
namespace {

constexpr float kMost = 1.5f;
constexpr size_t kDepth = 12;

using Lists = std::vector<CollectionHits>;

// Scores of few values, so that many are equal.
Lists RandomLists(std::mt19937& random, size_t collections) {
  Lists lists;
  for (size_t collection = 0; collection < collections; ++collection) {
    CollectionHits list{.collection = collection};
    for (uint32_t chunk = 0; chunk < 40; ++chunk) {
      if (random() % 2 == 0) continue;
      const float score = static_cast<float>(random() % 60) / 8 - 1;
      list.hits.push_back({.chunk = ChunkOrdinal(chunk), .document = DocumentOrdinal(chunk / 2), .score = score});
    }
    std::stable_sort(list.hits.begin(), list.hits.end(),
                     [](const auto& a, const auto& b) { return a.score > b.score; });
    lists.push_back(std::move(list));
  }
  return lists;
}

float FactorOf(size_t collection, ChunkOrdinal chunk) {
  return 1 + .5f * static_cast<float>((collection * 7 + chunk.value * 5) % 4) / 3;
}

Lists Weighed(Lists lists) {
  for (CollectionHits& list : lists) {
    for (size_t i = 0; i < std::min(list.hits.size(), kDepth); ++i) {
      list.hits[i].score *= FactorOf(list.collection, list.hits[i].chunk);
    }
  }
  return lists;
}

class Counted {
 public:
  Weighing weighing() {
    return {.factor =
                [this](const Candidate& candidate) {
                  EXPECT_TRUE(asked_.emplace(candidate.collection, candidate.chunk).second) << "twice";
                  return FactorOf(candidate.collection, candidate.chunk);
                },
            .most = kMost,
            .depth = kDepth};
  }
  size_t count() const { return asked_.size(); }

 private:
  std::set<std::pair<size_t, ChunkOrdinal>> asked_;
};

TEST(Ranking, IsTheOrderOfAllHitsWeighed) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const Lists lexical = RandomLists(random, seed % 4), vector = RandomLists(random, seed / 4 % 3);
    Counted counted;
    Ranking ranking(lexical, vector, counted.weighing());
    for (const Candidate& expected : Fuse(Weighed(lexical), vector)) {
      const std::optional<Candidate> next = ranking.Next();
      ASSERT_TRUE(next.has_value());
      EXPECT_EQ(next->collection, expected.collection) << "seed " << seed;
      EXPECT_EQ(next->chunk, expected.chunk) << "seed " << seed;
      EXPECT_EQ(next->document, expected.document);
      EXPECT_EQ(next->score, expected.score);
      EXPECT_EQ(next->lexical, expected.lexical);
      EXPECT_EQ(next->vector, expected.vector);
    }
    EXPECT_FALSE(ranking.Next().has_value());
  }
}

TEST(Ranking, WeighsOnlyWhatMayBeAmongThoseAskedFor) {
  Lists lexical(1), vector(1);
  for (uint32_t i = 0; i < 12; ++i) {
    lexical[0].hits.push_back({ChunkOrdinal(i), DocumentOrdinal(i), 20.0f - static_cast<float>(i)});
    vector[0].hits.push_back({ChunkOrdinal(8 + i), DocumentOrdinal(8 + i), .9f - .01f * static_cast<float>(i)});
  }
  Counted by_words, by_both;
  Ranking(lexical, {}, by_words.weighing()).Next();
  EXPECT_GE(by_words.count(), 1u);
  EXPECT_LE(by_words.count(), 10u) << "12 * 1.5 is more than 20, 10 * 1.5 is not";
  Ranking both(lexical, vector, by_both.weighing());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(both.Next().has_value());
  EXPECT_LT(by_both.count(), 12u) << "hits by words alone cannot be above hits by meaning";
}

TEST(Ranking, WithoutWeighingIsFusion) {
  std::mt19937 random(1);
  const Lists lexical = RandomLists(random, 2), vector = RandomLists(random, 2);
  Ranking ranking(lexical, vector, {});
  for (const Candidate& expected : Fuse(lexical, vector)) EXPECT_EQ(ranking.Next()->chunk, expected.chunk);
}

}  // namespace
}  // namespace freshet::query

// Fusion against the formula, written plainly, and the few properties that readers of answers rely on.
#include "services/query/fusion.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace freshet::query {
namespace {

CollectionHits List(size_t collection, std::vector<std::pair<uint32_t, float>> hits) {
  CollectionHits list{.collection = collection};
  for (const auto& [chunk, score] : hits) {
    list.hits.push_back({.chunk = ChunkOrdinal(chunk), .document = DocumentOrdinal(chunk / 2), .score = score});
  }
  return list;
}

std::string Names(const std::vector<Candidate>& candidates) {
  std::string names;
  for (const Candidate& candidate : candidates) {
    names +=
        (names.empty() ? "" : " ") + std::to_string(candidate.collection) + "/" + std::to_string(candidate.chunk.value);
  }
  return names;
}

TEST(Fusion, NothingFusesToNothing) {
  EXPECT_TRUE(Fuse({}, {}).empty());
  EXPECT_TRUE(Fuse({List(0, {})}, {List(0, {}), List(1, {})}).empty());
}

TEST(Fusion, FirstEverywhereIsOne) {
  const auto fused = Fuse({List(0, {{7, 9.5f}, {8, 2}})}, {List(0, {{7, 0.9f}})});
  EXPECT_EQ(Names(fused), "0/7 0/8");
  EXPECT_FLOAT_EQ(fused[0].score, 1);
  EXPECT_EQ(fused[0].lexical, 9.5f);
  EXPECT_EQ(fused[0].vector, 0.9f);
  EXPECT_EQ(fused[0].document, DocumentOrdinal(3));
  EXPECT_EQ(fused[1].vector, std::nullopt);
}

TEST(Fusion, OneKindOfSearchKeepsItsOrder) {
  const auto lexical = Fuse({List(0, {{3, 9}, {1, 7}, {2, 5}})}, {});
  EXPECT_EQ(Names(lexical), "0/3 0/1 0/2");
  EXPECT_FLOAT_EQ(lexical[0].score, 1);
  EXPECT_EQ(Names(Fuse({}, {List(0, {{3, .9f}, {1, .7f}, {2, .5f}})})), "0/3 0/1 0/2");
}

TEST(Fusion, BothSearchesBeatOne) {
  const auto fused = Fuse({List(0, {{1, 9}, {2, 8}})}, {List(0, {{3, .9f}, {2, .8f}})});
  EXPECT_EQ(Names(fused), "0/2 0/3 0/1");
}

TEST(Fusion, CollectionsAreRankedTogetherByScore) {
  EXPECT_EQ(Names(Fuse({List(0, {{1, 3}, {2, 1}}), List(1, {{1, 4}, {2, 2}})}, {})), "1/1 0/1 1/2 0/2");
}

TEST(Fusion, EqualScoresAreInTheOrderOfTheirOrdinals) {
  EXPECT_EQ(Names(Fuse({List(0, {{9, 1}, {4, 1}})}, {List(0, {{9, .5f}, {4, .5f}})})), "0/4 0/9");
  EXPECT_EQ(Names(Fuse({List(1, {{5, 1}}), List(0, {{5, 1}})}, {})), "0/5 1/5");
}

TEST(Fusion, MeaningWeighsMoreThanWords) {
  EXPECT_EQ(Names(Fuse({List(0, {{1, 9}, {2, 1}})}, {List(0, {{2, .9f}, {1, .6f}})})), "0/2 0/1");
  EXPECT_EQ(Names(Fuse({List(0, {{1, 9}, {2, 1}})}, {List(0, {{2, .9f}, {1, .8f}})})), "0/1 0/2") << "by how much";
}

TEST(Fusion, WhatIsOppositeAddsNothing) {
  const auto fused = Fuse({List(0, {{1, 9}})}, {List(0, {{2, -.1f}, {1, -.5f}})});
  EXPECT_EQ(Names(fused), "0/1 0/2");
  EXPECT_FLOAT_EQ(fused[0].score, 1 - kVectorWeight);
  EXPECT_EQ(fused[1].score, 0);
}

// The formula, in doubles: every chunk, every list.
double Expected(const std::vector<CollectionHits>& lists, size_t collection, ChunkOrdinal chunk) {
  double best = 0, score = 0;
  for (const CollectionHits& list : lists) {
    for (const store::Hit& hit : list.hits) {
      best = std::max(best, double{hit.score});
      if (list.collection == collection && hit.chunk == chunk) score = std::max(0.0, double{hit.score});
    }
  }
  return best > 0 ? score / best : 0;
}

std::vector<CollectionHits> RandomLists(std::mt19937& random) {
  std::vector<CollectionHits> lists;
  for (size_t collection = 0; collection < 3; ++collection) {
    std::set<uint32_t> chunks;
    while (chunks.size() < random() % 40) chunks.insert(random() % 60);
    std::vector<std::pair<uint32_t, float>> hits;
    for (const uint32_t chunk : chunks) hits.emplace_back(chunk, float(random() % 1000'000) - 100'000);
    std::sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    lists.push_back(List(collection, hits));
  }
  return lists;
}

TEST(Fusion, IsTheFormulaForEveryChunk) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const auto lexical = RandomLists(random), vector = RandomLists(random);
    const auto fused = Fuse(lexical, vector);
    std::set<std::pair<size_t, ChunkOrdinal>> seen, given;
    for (const auto& lists : {lexical, vector}) {
      for (const auto& list : lists) {
        for (const store::Hit& hit : list.hits) given.emplace(list.collection, hit.chunk);
      }
    }
    for (size_t i = 0; i < fused.size(); ++i) {
      const Candidate& candidate = fused[i];
      EXPECT_TRUE(seen.emplace(candidate.collection, candidate.chunk).second) << "twice, seed " << seed;
      const double score = 0.2 * Expected(lexical, candidate.collection, candidate.chunk) +
                           0.8 * Expected(vector, candidate.collection, candidate.chunk);
      EXPECT_NEAR(candidate.score, score, 1e-6) << "seed " << seed;
      EXPECT_GE(candidate.score, 0);
      EXPECT_LE(candidate.score, 1 + 1e-6f);
      EXPECT_GE(i == 0 ? 1.1f : fused[i - 1].score, candidate.score);
    }
    EXPECT_EQ(seen, given) << "seed " << seed;
  }
}

}  // namespace
}  // namespace freshet::query

#include "common/store/vector_scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "common/model/half.h"
#include "common/store/filter_bitmap.h"

namespace freshet::store {
namespace {

using Vector = std::vector<float>;

Vector UnitLength(Vector vector) {
  double square = 0;
  for (const float value : vector) square += value * value;
  for (float& value : vector) value = static_cast<float>(value / std::sqrt(square));
  return vector;
}

Vector RandomVector(std::mt19937& random, size_t dimensions) {
  std::normal_distribution<float> normal;
  Vector vector(dimensions);
  for (float& value : vector) value = normal(random);
  return UnitLength(std::move(vector));
}

Vector Near(std::mt19937& random, const Vector& center, float distance) {
  Vector vector = RandomVector(random, center.size());
  for (size_t i = 0; i < vector.size(); ++i) vector[i] = center[i] + distance * vector[i];
  return UnitLength(std::move(vector));
}

std::vector<uint16_t> ToHalf(const Vector& vector) {
  std::vector<uint16_t> half(vector.size());
  model::FloatsToHalves(vector, half);
  return half;
}

double Dot(const Vector& a, const Vector& b) {
  double dot = 0;
  for (size_t i = 0; i < a.size(); ++i) dot += static_cast<double>(a[i]) * b[i];
  return dot;
}

// An index and its owner, who has the vectors.
struct Owner {
  explicit Owner(uint32_t dimensions) : index(NewVectorScan(dimensions)) {}

  void Add(uint32_t chunk, uint64_t commit, const Vector& vector) {
    vectors[chunk] = vector;
    ASSERT_TRUE(index->Add({ChunkOrdinal(chunk), DocumentOrdinal(chunk / 2), commit}, ToHalf(vector)).ok());
  }
  std::vector<Hit> Search(VectorQuery query) const {
    const auto lend = [&](std::span<const ChunkOrdinal> chunks, GiveVector give) {
      for (size_t i = 0; i < chunks.size(); ++i) {
        const auto found = vectors.find(chunks[i].value);
        if (found != vectors.end()) give(i, ToHalf(found->second));
      }
    };
    query.rescore = lend;
    return index->Search(query);
  }
  std::set<uint32_t> Found(uint64_t commit) const {
    const Vector query(index->dimensions(), 1.0f);
    std::set<uint32_t> chunks;
    for (const Hit& hit : Search({.vector = query, .count = 100000, .commit = commit})) {
      EXPECT_TRUE(chunks.insert(hit.chunk.value).second) << "twice: " << hit.chunk.value;
    }
    return chunks;
  }

  std::unique_ptr<VectorIndex> index;
  std::map<uint32_t, Vector> vectors;
};

std::vector<uint32_t> ExactBest(const Owner& owner, const Vector& query, size_t count) {
  std::vector<std::pair<double, uint32_t>> scored;
  for (const auto& [chunk, vector] : owner.vectors) scored.emplace_back(-Dot(query, vector), chunk);
  std::sort(scored.begin(), scored.end());
  std::vector<uint32_t> best;
  for (size_t i = 0; i < std::min(count, scored.size()); ++i) best.push_back(scored[i].second);
  return best;
}

double Recall(const Owner& owner, const std::vector<Vector>& queries) {
  double shared = 0;
  for (const Vector& query : queries) {
    const std::vector<uint32_t> best = ExactBest(owner, query, 10);
    for (const Hit& hit : owner.Search({.vector = query, .count = 10})) {
      shared += std::find(best.begin(), best.end(), hit.chunk.value) != best.end() ? 0.1 : 0;
    }
  }
  return shared / static_cast<double>(queries.size());
}

TEST(VectorScan, RecallIsAtLeast99PercentOnRandomVectors) {
  std::mt19937 random(1);
  Owner owner(384);
  for (uint32_t chunk = 0; chunk < 4000; ++chunk) owner.Add(chunk, 1, RandomVector(random, 384));
  std::vector<Vector> queries;
  for (int i = 0; i < 40; ++i) queries.push_back(RandomVector(random, 384));
  EXPECT_GE(Recall(owner, queries), 0.99);
}

TEST(VectorScan, RecallIsAtLeast99PercentOnClusters) {
  std::mt19937 random(2);
  Owner owner(384);
  std::vector<Vector> centers;
  for (int i = 0; i < 40; ++i) centers.push_back(RandomVector(random, 384));
  for (uint32_t chunk = 0; chunk < 4000; ++chunk) owner.Add(chunk, 1, Near(random, centers[chunk % 40], 0.3f));
  std::vector<Vector> queries;
  for (int i = 0; i < 40; ++i) queries.push_back(Near(random, centers[i], 0.3f));
  EXPECT_GE(Recall(owner, queries), 0.99);
}

TEST(VectorScan, ScoresAreCosinesBestFirstTiesByChunk) {
  std::mt19937 random(3);
  Owner owner(48);
  const Vector twin = RandomVector(random, 48);
  for (uint32_t chunk = 0; chunk < 300; ++chunk) {
    owner.Add(chunk, 1, chunk % 50 == 7 ? twin : RandomVector(random, 48));
  }
  const std::vector<Hit> hits = owner.Search({.vector = twin, .count = 30});
  ASSERT_EQ(hits.size(), 30u);
  for (size_t i = 0; i < hits.size(); ++i) {
    EXPECT_NEAR(hits[i].score, Dot(twin, owner.vectors[hits[i].chunk.value]), 1e-3);
    EXPECT_EQ(hits[i].document.value, hits[i].chunk.value / 2);
    if (i < 6) {
      EXPECT_EQ(hits[i].chunk.value, 50 * i + 7);
    }
    if (i > 0) {
      EXPECT_GE(hits[i - 1].score, hits[i].score);
    }
  }
  const std::vector<Hit> by_code = owner.index->Search({.vector = twin, .count = 30});
  ASSERT_EQ(by_code.size(), 30u);
  EXPECT_NEAR(by_code[0].score, 1, 0.02);
}

TEST(VectorScan, EntriesShowFromTheirCommitUntilTheirRemoval) {
  std::mt19937 random(4);
  Owner owner(16);
  for (uint32_t chunk = 0; chunk < 10; ++chunk) owner.Add(chunk, 10 + chunk, RandomVector(random, 16));
  owner.index->Remove(ChunkOrdinal(2), 15);
  owner.index->Remove(ChunkOrdinal(2), 13);   // removed already
  owner.index->Remove(ChunkOrdinal(77), 15);  // never was there
  using Chunks = std::set<uint32_t>;
  EXPECT_EQ(owner.Found(9), Chunks{});
  EXPECT_EQ(owner.Found(10), Chunks{0});
  EXPECT_EQ(owner.Found(14), (Chunks{0, 1, 2, 3, 4}));
  EXPECT_EQ(owner.Found(15), (Chunks{0, 1, 3, 4, 5}));
  EXPECT_EQ(owner.Found(UINT64_MAX), (Chunks{0, 1, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(VectorScan, AddingAgainChangesNothing) {
  std::mt19937 random(5);
  Owner owner(16);
  const Vector vector = RandomVector(random, 16);
  owner.Add(1, 5, vector);
  owner.Add(1, 3, vector);
  EXPECT_EQ(owner.index->entries(), 1u);
  EXPECT_TRUE(owner.Found(4).empty());
  owner.index->Remove(ChunkOrdinal(1), 6);
  owner.Add(1, 7, vector);
  EXPECT_TRUE(owner.Found(8).empty());
}

TEST(VectorScan, AVectorOfAnotherLengthIsRefused) {
  Owner owner(16);
  EXPECT_EQ(owner.index->Add({ChunkOrdinal(0), DocumentOrdinal(0), 1}, std::vector<uint16_t>(15)).code(),
            Code::kInvalidArgument);
  EXPECT_TRUE(owner.index->Search({.vector = Vector(15, 1.0f)}).empty());
  EXPECT_TRUE(owner.index->Search({.vector = Vector(16, 1.0f), .count = 0}).empty());
}

TEST(VectorScan, ZeroAndNonsenseVectorsAreHarmless) {
  Owner owner(16);
  const auto infinite = std::vector<uint16_t>(16, 0x7C00);
  const auto nan = std::vector<uint16_t>(16, 0x7E00);
  ASSERT_TRUE(owner.index->Add({ChunkOrdinal(0), DocumentOrdinal(0), 1}, infinite).ok());
  ASSERT_TRUE(owner.index->Add({ChunkOrdinal(1), DocumentOrdinal(0), 1}, nan).ok());
  owner.Add(2, 1, Vector(16, 0.0f));
  owner.Add(3, 1, Vector(16, 0.25f));
  EXPECT_EQ(owner.Found(1).count(3), 1u);
  owner.Search({.vector = Vector(16, 0.0f)});
  owner.Search({.vector = Vector(16, std::nanf(""))});
}

TEST(VectorScan, FiltersAreExact) {
  std::mt19937 random(6);
  Owner owner(32);
  for (uint32_t chunk = 0; chunk < 3000; ++chunk) owner.Add(chunk, 1, RandomVector(random, 32));
  for (const uint32_t keep : {1u, 2u, 30u, 1500u}) {
    Roaring documents;
    for (uint32_t document = 0; document < 1500; document += keep) documents.add(document);
    const Filter::Bitmap bitmap(documents);
    const auto live = [](ChunkOrdinal chunk, DocumentOrdinal) { return chunk.value % 3 != 0; };
    const Vector query = RandomVector(random, 32);
    std::set<uint32_t> expected;
    for (uint32_t chunk = 0; chunk < 3000; ++chunk) {
      if (documents.contains(chunk / 2) && chunk % 3 != 0) expected.insert(chunk);
    }
    std::set<uint32_t> found;
    for (const Hit& hit : owner.Search({.vector = query, .count = 5000, .documents = &bitmap, .live = live})) {
      found.insert(hit.chunk.value);
    }
    EXPECT_EQ(found, expected);
  }
}

TEST(VectorScan, WhatTheOwnerDoesNotHaveIsNoHit) {
  std::mt19937 random(7);
  Owner owner(16);
  for (uint32_t chunk = 0; chunk < 20; ++chunk) owner.Add(chunk, 1, RandomVector(random, 16));
  for (uint32_t chunk = 0; chunk < 20; chunk += 2) owner.vectors.erase(chunk);
  for (const uint32_t chunk : owner.Found(1)) EXPECT_EQ(chunk % 2, 1u);
  EXPECT_EQ(owner.Found(1).size(), 10u);
}

TEST(VectorScan, SweepDropsTheDeadThatNoViewNeeds) {
  std::mt19937 random(8);
  Owner owner(16);
  for (uint32_t chunk = 0; chunk < 5000; ++chunk) owner.Add(chunk, 1, RandomVector(random, 16));
  const size_t full = owner.index->MemoryBytes();
  for (uint32_t chunk = 0; chunk < 4000; ++chunk) owner.index->Remove(ChunkOrdinal(chunk), 2 + chunk % 2);
  EXPECT_EQ(owner.index->Sweep(1), 0u);
  EXPECT_EQ(owner.index->Sweep(2), 2000u);
  EXPECT_EQ(owner.index->entries(), 3000u);
  EXPECT_EQ(owner.Found(2).size(), 3000u);
  EXPECT_EQ(owner.Found(3).size(), 1000u);
  EXPECT_EQ(owner.index->Sweep(100), 2000u);
  EXPECT_EQ(owner.Found(3).size(), 1000u);
  EXPECT_LT(owner.index->MemoryBytes(), full - full / 3);
  owner.index->Remove(ChunkOrdinal(4999), 200);  // still known by its chunk
  EXPECT_EQ(owner.Found(200).size(), 999u);
  owner.Add(5000, 201, RandomVector(random, 16));
  EXPECT_EQ(owner.Found(201).size(), 1000u);
}

// A random history against a list of what was added and removed when.
TEST(VectorScan, EveryViewSeesItsOwnState) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    Owner owner(16);
    std::map<uint32_t, std::pair<uint64_t, uint64_t>> lives;  // chunk -> added, removed
    uint64_t oldest = 0;
    for (uint64_t commit = 1; commit < 400; ++commit) {
      const uint32_t dice = random() % 10;
      if (dice < 6) {
        const auto chunk = static_cast<uint32_t>(lives.size());
        owner.Add(chunk, commit, RandomVector(random, 16));
        lives[chunk] = {commit, UINT64_MAX};
      } else if (dice < 9 && !lives.empty()) {
        const uint32_t chunk = random() % lives.size();
        owner.index->Remove(ChunkOrdinal(chunk), commit);
        lives[chunk].second = std::min(lives[chunk].second, commit);
      } else {
        oldest = std::max(oldest, commit - std::min<uint64_t>(commit, random() % 30));
        owner.index->Sweep(oldest);
      }
      const uint64_t view = oldest + random() % (commit - oldest + 1);
      std::set<uint32_t> expected;
      for (const auto& [chunk, life] : lives) {
        if (life.first <= view && view < life.second) expected.insert(chunk);
      }
      ASSERT_EQ(owner.Found(view), expected) << "seed " << seed << ", commit " << commit << ", view " << view;
    }
  }
}

TEST(VectorScan, SearchersSeeWholeStatesBesideTheWriter) {
  constexpr uint32_t kDimensions = 32;
  const auto index = NewVectorScan(kDimensions);
  std::atomic<uint64_t> published = 0;
  std::atomic<bool> done = false;
  std::atomic<uint64_t> searches = 0;
  std::array<std::atomic<uint64_t>, 4> asked{};  // by each searcher, or later: what is older may be swept
  std::vector<std::thread> searchers;
  for (uint32_t i = 0; i < asked.size(); ++i) {
    searchers.emplace_back([&, i] {
      std::mt19937 random(i);
      while (!done || searches < 100) {
        const uint64_t commit = published;
        asked[i] = commit;
        const Vector query = RandomVector(random, kDimensions);
        const std::vector<Hit> hits = index->Search({.vector = query, .count = 100000, .commit = commit});
        // Commit n adds chunk n and removes chunk n - 500.
        EXPECT_EQ(hits.size(), std::min<uint64_t>(commit, 500)) << commit;
        ++searches;
      }
    });
  }
  std::mt19937 random(99);
  for (uint64_t commit = 1; commit <= 6000; ++commit) {
    ASSERT_TRUE(index
                    ->Add({ChunkOrdinal(static_cast<uint32_t>(commit)), DocumentOrdinal(0), commit},
                          ToHalf(RandomVector(random, kDimensions)))
                    .ok());
    if (commit > 500) index->Remove(ChunkOrdinal(static_cast<uint32_t>(commit - 500)), commit);
    published = commit;
    if (commit % 100 == 0) index->Sweep(*std::min_element(asked.begin(), asked.end()));
  }
  done = true;
  for (std::thread& searcher : searchers) searcher.join();
}

}  // namespace
}  // namespace freshet::store

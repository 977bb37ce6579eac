#include "tests/bench/search_corpus.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>

namespace freshet::bench {
namespace {

constexpr size_t kBase = 20, kQuestions = 3, kCount = 3'000;

std::vector<float> UnitVector(std::mt19937& random) {
  std::normal_distribution<float> normal;
  std::vector<float> vector(kDimensions);
  for (float& value : vector) value = normal(random);
  const float length = std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0f));
  for (float& value : vector) value /= length;
  return vector;
}

float Cosine(std::span<const float> a, std::span<const float> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0f);
}

std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class SearchCorpusTest : public testing::Test {
 protected:
  SearchCorpusTest() : folder_(testing::TempDir() + "search_corpus") {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    std::mt19937 random(5);
    for (const auto& [name, rows] : {std::pair("base", kBase), {"questions", kQuestions}}) {
      std::ofstream lines(folder_ + "/" + name + ".txt"), floats(folder_ + "/" + name + ".f32", std::ios::binary);
      for (size_t i = 0; i < rows; ++i) {
        const std::vector<float> vector = UnitVector(random);
        floats.write(reinterpret_cast<const char*>(vector.data()), kDimensions * sizeof(float));
        const std::string word = std::string(name) + std::to_string(i);
        lines << word << " " << word << " " << word << " " << word << "\n";
      }
    }
  }
  std::string folder_;
};

TEST_F(SearchCorpusTest, TheSameCorpusIsDrawnEachTime) {
  DrawCorpus(folder_, kCount);
  const std::string texts = BytesOf(folder_ + "/3000.txt"), vectors = BytesOf(folder_ + "/3000.f32");
  DrawCorpus(folder_, kCount);
  EXPECT_EQ(BytesOf(folder_ + "/3000.txt"), texts);
  EXPECT_EQ(BytesOf(folder_ + "/3000.f32"), vectors);
  EXPECT_EQ(vectors.size(), kCount * kDimensions * sizeof(float));
}

TEST_F(SearchCorpusTest, AChunkIsMadeOfRealOnes) {
  DrawCorpus(folder_, kCount);
  const Corpus corpus(folder_, kCount);
  const Lines base(folder_ + "/base.txt");
  const Rows base_vectors(folder_ + "/base.f32");
  size_t mixed = 0;
  for (size_t i = 0; i < kCount; ++i) {
    EXPECT_NEAR(Cosine(corpus.vectors[i], corpus.vectors[i]), 1, 1e-4);
    const std::string_view text = corpus.texts[i];
    const std::string first(text.substr(0, text.find(' ')));
    EXPECT_EQ(std::count(text.begin(), text.end(), ' '), 3) << text;
    const auto a = static_cast<size_t>(std::stoi(first.substr(4)));
    EXPECT_EQ(first, base[a].substr(0, first.size()));
    EXPECT_GT(Cosine(corpus.vectors[i], base_vectors[a]), 0.6) << "it lies around the one that it has most words of";
    mixed += text == base[a] ? 0 : 1;
  }
  EXPECT_GT(mixed, kCount / 4);
}

TEST_F(SearchCorpusTest, TheNearestAreThoseOfAPlainLook) {
  DrawCorpus(folder_, kCount);
  const Corpus corpus(folder_, kCount);
  for (size_t question = 0; question < kQuestions; ++question) {
    for (size_t reader = 0; reader < kReaders; ++reader) {
      std::vector<std::pair<float, uint32_t>> all;
      for (uint32_t i = 0; i < kCount; ++i) {
        if (PermilleOf(i) > kPermille[reader]) continue;
        all.emplace_back(-Cosine(corpus.question_vectors[question], corpus.vectors[i]), i);
      }
      std::sort(all.begin(), all.end());
      const std::vector<uint32_t> nearest = corpus.Nearest(question, reader, 10);
      ASSERT_EQ(nearest.size(), std::min<size_t>(10, all.size()));
      for (size_t i = 0; i < nearest.size(); ++i) {
        EXPECT_LE(PermilleOf(nearest[i]), kPermille[reader]);
        EXPECT_NEAR(Cosine(corpus.question_vectors[question], corpus.vectors[nearest[i]]), -all[i].first, 1e-5);
      }
    }
  }
}

TEST_F(SearchCorpusTest, ReadersAreNestedAndHaveTheirShare) {
  const std::vector<uint32_t> first = {1, 1000, 1000, 1000, 1000, 10, 100};  // as search_peers_test.py has it
  for (size_t i = 0; i < first.size(); ++i) EXPECT_EQ(PermilleOf(i), first[i]) << i;
  for (const uint32_t permille : kPermille) {
    double share = 0;
    for (size_t i = 0; i < 200'000; ++i) share += PermilleOf(i) <= permille ? 1000.0 / 200'000 : 0;
    EXPECT_NEAR(share, permille, permille * 0.3);
  }
}

TEST_F(SearchCorpusTest, WhatIsNotWholeIsRefused) {
  EXPECT_THROW(Corpus(folder_, kCount), std::runtime_error) << "nothing drawn";
  DrawCorpus(folder_, 100);
  std::filesystem::copy(folder_ + "/100.exact", folder_ + "/50.exact");
  EXPECT_THROW(Corpus(folder_, 50), std::runtime_error);
  std::ofstream(folder_ + "/100.txt", std::ios::app) << "one more\n";
  EXPECT_THROW(Corpus(folder_, 100), std::runtime_error);
  std::ofstream(folder_ + "/base.txt") << "no end";
  EXPECT_THROW(DrawCorpus(folder_, 100), std::runtime_error);
}

TEST(Latencies, AreSamplesByNearestRank) {
  Latencies latencies;
  for (int i = 100; i > 0; --i) latencies.millis.push_back(i);
  EXPECT_EQ(latencies.Json(), R"("p50_ms": 50.000, "p95_ms": 95.000, "p99_ms": 99.000)");
}

}  // namespace
}  // namespace freshet::bench

#include "common/model/hashing_embedder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "common/model/dot.h"

namespace freshet::model {
namespace {

EmbeddingBatch Embed(std::vector<std::string_view> texts) {
  auto batch = HashingEmbedder().Embed(texts);
  EXPECT_TRUE(batch.ok());
  return std::move(batch).value();
}

float Cosine(std::string_view a, std::string_view b) {
  const EmbeddingBatch batch = Embed({a, b});
  return DotFloat(batch[0].data(), batch[1].data(), batch.dimensions);
}

TEST(HashingEmbedderTest, VectorsHaveUnitLengthWhateverTheText) {
  const std::string long_text(1 << 20, 'x');
  const EmbeddingBatch batch = Embed({"fever", "Fever and chills for 3 days.", "", " \n", "?!", "発熱", long_text});
  ASSERT_EQ(batch.size(), 7u);
  EXPECT_EQ(batch.dimensions, 384u);
  for (size_t i = 0; i < batch.size(); ++i) {
    EXPECT_NEAR(DotFloat(batch[i].data(), batch[i].data(), 384), 1.0f, 1e-5f) << i;
  }
}

TEST(HashingEmbedderTest, NoTextsGiveAnEmptyBatch) { EXPECT_EQ(Embed({}).size(), 0u); }

TEST(HashingEmbedderTest, SharedWordsMakeTextsNear) {
  const std::string_view question = "contact precautions for C. difficile";
  const float same = Cosine(question, "Use contact precautions when C. difficile is suspected.");
  const float other = Cosine(question, "Warfarin is held before an elective colonoscopy.");
  EXPECT_GT(same, 0.4f);
  EXPECT_LT(other, 0.2f);
}

TEST(HashingEmbedderTest, CaseAndPunctuationDoNotMatterOrderDoesALittle) {
  EXPECT_NEAR(Cosine("Acute renal failure.", "ACUTE, renal (failure)"), 1.0f, 1e-5f);
  EXPECT_NEAR(Cosine("FIÈVRE Élevée", "fièvre élevée"), 1.0f, 1e-5f);
  const float reordered = Cosine("left arm not right leg", "right arm not left leg");
  EXPECT_GT(reordered, 0.7f);
  EXPECT_LT(reordered, 0.99f);
}

TEST(HashingEmbedderTest, ATextsVectorDoesNotDependOnItsNeighbours) {
  const EmbeddingBatch together = Embed({"one text", "another text", "a third"});
  const EmbeddingBatch alone = Embed({"another text"});
  EXPECT_TRUE(std::equal(alone[0].begin(), alone[0].end(), together[1].begin()));
}

// Stored vectors outlive a release: these values may change only together with the name.
TEST(HashingEmbedderTest, VectorsAreTheSameInEveryRelease) {
  const EmbeddingBatch batch = Embed({"Fever for 3 days"});
  uint64_t digest = 0;
  for (const float value : batch[0]) {
    digest = digest * 0x100000001B3 + static_cast<uint64_t>(static_cast<int64_t>(std::lround(value * 4096)));
  }
  EXPECT_EQ(digest, 1619767072349775186ULL);
}

TEST(HashingEmbedderTest, ManyThreadsMayEmbedAtOnce) {
  const HashingEmbedder embedder;
  const EmbeddingBatch expected = Embed({"shortness of breath"});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const std::vector<std::string_view> texts = {"shortness of breath"};
      for (int round = 0; round < 200; ++round) {
        const auto batch = embedder.Embed(texts);
        ASSERT_TRUE(batch.ok());
        ASSERT_EQ(batch->values, expected.values);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace freshet::model

// Lanes of embedding beside each other.
#include "services/runtime/embed_lane.h"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "common/base/clock.h"
#include "common/model/hashing_embedder.h"
#include "services/index/testing/embedded_documents.h"

namespace freshet {
namespace {

using model::Priority;

// Computes nothing of the background before it is let go.
class HeldEmbedder final : public model::Embedder {
 public:
  std::string_view name() const override { return "held"; }
  uint32_t dimensions() const override { return inner_.dimensions(); }

  mutable std::latch begun{1};  // something of the background
  mutable std::latch go{1};

 protected:
  Result<model::EmbeddingBatch> Compute(std::span<const std::string_view> texts, Priority priority) const override {
    if (priority == Priority::kBackground) {
      begun.count_down();
      go.wait();
    }
    return inner_.Embed(texts);
  }

 private:
  model::HashingEmbedder inner_;
};

struct LaneUnderTest {
  LaneUnderTest(const model::Embedder& embedder, Lane lane)
      : embeds({.options = {.cache = embed::CacheUse::kOff}, .embedder = &embedder}, {.clock = &clock},
               {lane, &in, &out}) {}

  void Put(const std::string& text) {
    auto envelope = testing::EmbeddedOf({.id = text, .text = text});
    std::vector<Arrival<ChunkedDocument>> batch;
    batch.push_back({.envelope = {.origin = envelope.origin, .payload = envelope.body()->chunked}});
    ASSERT_TRUE(in.Send(batch).ok());
  }
  size_t Come() { return out.Receive({}).value().size(); }

  SystemClock clock;
  FusedHop<ChunkedDocument> in{1u << 20, nullptr, nullptr};
  FusedHop<EmbeddedDocument> out{1u << 20, nullptr, nullptr};
  EmbedLane embeds;
};

TEST(EmbedLane, WhatIsLiveDoesNotWaitForABackfillsBatch) {
  HeldEmbedder embedder;
  LaneUnderTest live(embedder, Lane::kLive);
  LaneUnderTest backfill(embedder, Lane::kBackfill);
  backfill.Put("Keep the floor dry.");
  std::thread filling([&] { EXPECT_TRUE(backfill.embeds.runner().Step().value()); });
  embedder.begun.wait();
  live.Put("Two persons lift.");
  EXPECT_TRUE(live.embeds.runner().Step().value());
  EXPECT_EQ(live.Come(), 1u);
  EXPECT_EQ(backfill.Come(), 0u);  // still computing
  embedder.go.count_down();
  filling.join();
  EXPECT_EQ(backfill.Come(), 1u);
  EXPECT_EQ(live.embeds.counts().embedded + backfill.embeds.counts().embedded, 2u);
}

}  // namespace
}  // namespace freshet

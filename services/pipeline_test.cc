#include "services/pipeline.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TEST(Pipeline, AStepReadsATopicWhereTheHopBeforeItIsDurable) {
  const PipelinePlan fused, durable{.fused = {}}, half{.fused = {Step::kChunk}};
  EXPECT_EQ(fused.HeadOf(Step::kIndex), Step::kDeid);
  EXPECT_EQ(durable.HeadOf(Step::kIndex), Step::kIndex);
  EXPECT_EQ(half.HeadOf(Step::kEmbed), Step::kChunk);
  EXPECT_EQ(half.HeadOf(Step::kIndex), Step::kIndex);
}

TEST(Pipeline, TheSinkCountsInTheStreamOfItsLastDurableHop) {
  EXPECT_EQ(SinkStream({}, Lane::kLive), StreamOf(Topic::kChangesLive));
  EXPECT_EQ(SinkStream({.fused = {}}, Lane::kBackfill), StreamOf(Topic::kEmbeddedBackfill));
  EXPECT_EQ(SinkStream({.fused = {}}, Lane::kUrgent), StreamOf(Topic::kChangesUrgent));
}

TEST(Pipeline, DescribesEachStepOnceWithItsHop) {
  const std::string text = DescribePipeline({.fused = {Step::kChunk, Step::kEmbed}});
  EXPECT_NE(text.find("topics changes.live, changes.backfill\n   v\ndeid"), std::string::npos) << text;
  EXPECT_NE(text.find("topics clean.live, clean.backfill\n   v\nchunk"), std::string::npos) << text;
  EXPECT_NE(text.find("in memory\n   v\nindex"), std::string::npos) << text;
}

}  // namespace
}  // namespace freshet

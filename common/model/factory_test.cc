#include "common/model/factory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::model {
namespace {

using ::testing::HasSubstr;

TEST(FactoryTest, MakesWhatIsNamed) {
  EXPECT_EQ((*MakeEmbedder({.kind = "hashing"}))->name(), "hashing-384");
  EXPECT_TRUE((*MakeEmbedder({.kind = "hashing"}))->TokenIds("text").empty());
  EXPECT_EQ((*MakeTokenCounter({.kind = "hashing"}))->name(), "words");
}

TEST(FactoryTest, AnUnknownKindIsAnErrorThatListsTheKnown) {
  const Status embedder = MakeEmbedder({.kind = "encodr"}).status(), counter = MakeTokenCounter({.kind = ""}).status();
  EXPECT_EQ(embedder.code(), Code::kConfiguration);
  EXPECT_THAT(embedder.message(), HasSubstr("'encodr' is not known; known kinds: encoder, http, hashing"));
  EXPECT_EQ(counter.code(), Code::kConfiguration);
}

TEST(FactoryTest, AMissingModelIsAnErrorWithItsPathAndNoFallback) {
  const EmbedderOptions options{.kind = "encoder", .encoder = {.model_dir = "no/such/model"}};
  const Status embedder = MakeEmbedder(options).status(), counter = MakeTokenCounter(options).status();
  EXPECT_EQ(embedder.ToString(), "model_missing: no/such/model: there is no such model directory");
  EXPECT_EQ(counter.ToString(), "model_missing: no/such/model: there is no such model directory");
}

}  // namespace
}  // namespace freshet::model

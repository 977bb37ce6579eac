#include "services/embed/embed.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "common/model/dot.h"
#include "common/model/half.h"
#include "common/model/hashing_embedder.h"
#include "schemas/codec.h"
#include "services/embed/plan.h"
#include "tests/support/clean_documents.h"

namespace freshet::embed {
namespace {

using testing::MakeClean;
using testing::OriginOf;

// A document with a chunk a line.
ChunkedDocument DocumentOf(const std::vector<std::string>& lines) {
  CleanFields fields;
  auto chunks = std::make_shared<std::vector<Chunk>>();
  for (const std::string& line : lines) {
    const auto begin = static_cast<uint32_t>(fields.text.size());
    fields.text += line;
    const auto end = static_cast<uint32_t>(fields.text.size());
    fields.blocks.push_back({.begin = begin, .end = end});
    Chunk chunk{.byte_begin = begin, .byte_end = end, .place_begin = begin, .place_end = end};
    chunk.block = static_cast<uint32_t>(chunks->size());
    chunk.tokens = end - begin;
    chunk.hash = HashOf(line);
    chunks->push_back(chunk);
    fields.text += '\n';
  }
  return {.clean = MakeClean(fields), .chunks = std::move(chunks), .chunker = "lines@1"};
}

// The hashing embedder, which counts what it is asked and fails when told to.
class FakeEmbedder final : public model::Embedder {
 public:
  std::string_view name() const override { return "fake"; }
  uint32_t dimensions() const override { return inner_.dimensions(); }
  Result<model::EmbeddingBatch> Compute(std::span<const std::string_view> texts, model::Priority) const override {
    batches.emplace_back(texts.begin(), texts.end());
    for (const std::string_view text : texts) {
      if (text.find(poison) != std::string_view::npos) return Status(code);
    }
    auto batch = inner_.Embed(texts);
    for (float& value : batch->values) value *= length;
    if (drop_last) batch->values.resize(batch->values.size() - 1);
    return batch;
  }

  mutable std::vector<std::vector<std::string>> batches;
  std::string poison = "\x01 no text has this";
  Code code = Code::kUnavailable;
  float length = 1;
  bool drop_last = false;

 private:
  model::HashingEmbedder inner_;
};

class BrokenCache final : public VectorCache {
 public:
  Result<CachedVectors> Get(std::string_view, std::span<const Hash128>, uint32_t) override {
    return Status(Code::kIoError);
  }
  Status Put(std::string_view, std::span<const Hash128>, std::span<const uint16_t>) override {
    return Status(Code::kDiskFull);
  }
};

class EmbedStageTest : public ::testing::Test {
 protected:
  using Outcomes = std::vector<Result<EmbedStage::Outcome>>;

  Outcomes Process(const std::vector<ChunkedDocument>& documents) {
    std::vector<EmbedStage::Input> batch;
    for (const ChunkedDocument& document : documents) batch.push_back({origin_, document});
    return stage_->Process(batch, {.embedder = &embedder_, .cache = cache_});
  }
  size_t TextsAsked() const {
    size_t texts = 0;
    for (const auto& batch : embedder_.batches) texts += batch.size();
    return texts;
  }
  void Use(const EmbedOptions& options) { stage_ = std::make_unique<EmbedStage>(options); }

  Origin origin_ = OriginOf("document");
  FakeEmbedder embedder_;
  MemoryVectorCache memory_;
  VectorCache* cache_ = nullptr;
  std::unique_ptr<EmbedStage> stage_ = std::make_unique<EmbedStage>(EmbedOptions{});
};

const EmbeddedDocument& BodyOf(const Result<EmbedStage::Outcome>& outcome) {
  return std::get<Forward<EmbeddedDocument>>(*outcome).body;
}

std::vector<uint16_t> ExpectedRow(std::string_view text) {
  const std::vector<std::string_view> texts = {text};
  const auto batch = model::HashingEmbedder().Embed(texts);
  std::vector<uint16_t> row(batch->dimensions);
  model::FloatsToHalves((*batch)[0], row);
  return row;
}

void ExpectVectors(const EmbeddedDocument& document) {
  ASSERT_NE(document.vectors, nullptr);
  const auto& chunks = *document.chunked.chunks;
  ASSERT_EQ(document.vectors->size(), chunks.size() * document.dimensions);
  for (size_t i = 0; i < chunks.size(); ++i) {
    const auto begin = document.vectors->begin() + static_cast<ptrdiff_t>(i * document.dimensions);
    EXPECT_EQ(std::vector<uint16_t>(begin, begin + document.dimensions),
              ExpectedRow(EmbeddedText(document.chunked.clean, chunks[i])));
  }
}

TEST_F(EmbedStageTest, EveryChunkGetsItsOwnVectorInOrder) {
  const auto outcomes =
      Process({DocumentOf({"fever", "a much longer text about cough", "rash"}), DocumentOf({"pain"})});
  ASSERT_EQ(outcomes.size(), 2u);
  for (const auto& outcome : outcomes) {
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(BodyOf(outcome).model, "fake");
    EXPECT_EQ(BodyOf(outcome).dimensions, 384u);
    ExpectVectors(BodyOf(outcome));
  }
  EXPECT_EQ(stage_->step(), Step::kEmbed);
}

TEST_F(EmbedStageTest, ADocumentWithoutChunksGoesOnWithNoVectorsToGive) {
  const auto outcomes = Process({DocumentOf({})});
  ASSERT_TRUE(outcomes[0].ok());
  ASSERT_NE(BodyOf(outcomes[0]).vectors, nullptr);
  EXPECT_TRUE(BodyOf(outcomes[0]).vectors->empty());
  EXPECT_TRUE(embedder_.batches.empty());
}

TEST_F(EmbedStageTest, EqualTextsAreEmbeddedOnceAcrossDocuments) {
  const auto outcomes = Process({DocumentOf({"fever", "none", "fever"}), DocumentOf({"none", "pain"})});
  EXPECT_EQ(TextsAsked(), 3u);
  EXPECT_EQ(stage_->counts().chunks, 5u);
  EXPECT_EQ(stage_->counts().duplicates, 2u);
  EXPECT_EQ(stage_->counts().embedded, 3u);
  for (const auto& outcome : outcomes) ExpectVectors(BodyOf(outcome));
}

TEST_F(EmbedStageTest, BatchesAreSortedByLengthAndBounded) {
  Use({.batch_texts = 3});
  std::vector<std::string> lines;
  for (size_t i = 0; i < 8; ++i) lines.push_back(std::string(1 + i * 5 % 8, 'x'));
  ExpectVectors(BodyOf(Process({DocumentOf(lines)})[0]));
  ASSERT_EQ(embedder_.batches.size(), 3u);
  size_t before = 0;
  for (const auto& batch : embedder_.batches) {
    EXPECT_LE(batch.size(), 3u);
    for (const std::string& text : batch) {
      EXPECT_GE(text.size(), before);
      before = text.size();
    }
  }
}

TEST_F(EmbedStageTest, WhatTheCacheKnowsIsNotEmbeddedAgain) {
  cache_ = &memory_;
  ExpectVectors(BodyOf(Process({DocumentOf({"fever", "cough"})})[0]));
  EXPECT_EQ(memory_.size(), 2u);
  embedder_.batches.clear();
  ExpectVectors(BodyOf(Process({DocumentOf({"cough", "rash", "fever"})})[0]));
  EXPECT_EQ(embedder_.batches, (std::vector<std::vector<std::string>>{{"rash"}}));
  EXPECT_EQ(stage_->counts().cache_hits, 2u);
}

TEST_F(EmbedStageTest, TheCacheIsUsedAsTheOptionSays) {
  cache_ = &memory_;
  Use({.cache = CacheUse::kOff});
  Process({DocumentOf({"fever"})});
  EXPECT_EQ(memory_.size(), 0u);
  EXPECT_FALSE(model::HashingEmbedder().worth_caching());
  for (const CacheUse use : {CacheUse::kAuto, CacheUse::kOn}) {
    EmbedStage stage({.cache = use});
    const model::HashingEmbedder hashing;
    const ChunkedDocument document = DocumentOf({"fever"});
    const std::vector<EmbedStage::Input> batch = {{origin_, document}};
    stage.Process(batch, {.embedder = &hashing, .cache = &memory_});
    EXPECT_EQ(memory_.size(), use == CacheUse::kOn ? 1u : 0u);
  }
}

TEST_F(EmbedStageTest, ACacheThatFailsCostsTimeNotAnAnswer) {
  BrokenCache broken;
  cache_ = &broken;
  ExpectVectors(BodyOf(Process({DocumentOf({"fever"})})[0]));
  EXPECT_EQ(stage_->counts().cache_errors, 2u);
}

TEST_F(EmbedStageTest, AModelThatIsAwayFailsTheDocumentsThatNeedItAndNoOthers) {
  cache_ = &memory_;
  Process({DocumentOf({"fever"})});
  embedder_.poison = "";  // every call fails
  const auto outcomes = Process({DocumentOf({"fever"}), DocumentOf({"fever", "rash"}), DocumentOf({})});
  ASSERT_TRUE(outcomes[0].ok());
  ExpectVectors(BodyOf(outcomes[0]));
  EXPECT_EQ(outcomes[1].code(), Code::kUnavailable);
  EXPECT_TRUE(outcomes[2].ok());
}

TEST_F(EmbedStageTest, AModelThatIsAwayIsAskedOnceABatch) {
  Use({.batch_texts = 1});
  embedder_.poison = "";
  Process({DocumentOf({"one", "two", "three"})});
  EXPECT_EQ(embedder_.batches.size(), 1u);
}

TEST_F(EmbedStageTest, ATextTheModelCannotTakeFailsItsOwnDocumentOnly) {
  embedder_.poison = "poison";
  embedder_.code = Code::kInternalError;
  const auto outcomes = Process({DocumentOf({"fever"}), DocumentOf({"cough", "poison"}), DocumentOf({"rash"})});
  ASSERT_TRUE(outcomes[0].ok());
  EXPECT_EQ(outcomes[1].code(), Code::kInternalError);
  ASSERT_TRUE(outcomes[2].ok());
  ExpectVectors(BodyOf(outcomes[0]));
  ExpectVectors(BodyOf(outcomes[2]));
}

// As a server that answers 500 to one text: nobody can tell it from a server that is down, until another is answered.
TEST_F(EmbedStageTest, ATextThatLooksLikeAnOutageHoldsNoOtherForLong) {
  embedder_.poison = "poison";
  const std::vector<ChunkedDocument> documents = {DocumentOf({"fever"}), DocumentOf({"poison"}), DocumentOf({"rash"}),
                                                  DocumentOf({"cough"})};
  for (const auto& outcome : Process(documents)) EXPECT_EQ(outcome.code(), Code::kUnavailable) << "it may be an outage";
  EXPECT_TRUE(stage_->counts().away);
  for (int round = 0; round < 8; ++round) {
    const auto outcomes = Process(documents);
    // Only where it is the text's turn to be asked first does another batch pass.
    if (!outcomes[0].ok()) continue;
    EXPECT_FALSE(stage_->counts().away);
    EXPECT_EQ(outcomes[1].code(), Code::kUnavailable);
    for (const size_t other : {0, 2, 3}) {
      ASSERT_TRUE(outcomes[other].ok()) << round;
      ExpectVectors(BodyOf(outcomes[other]));
    }
  }
  EXPECT_GE(stage_->counts().embedded, 3u * 6);
}

TEST_F(EmbedStageTest, AModelThatStaysAwayIsStillAskedOnceABatch) {
  embedder_.poison = "";
  for (size_t round = 1; round <= 5; ++round) {
    for (const auto& outcome : Process({DocumentOf({"one", "two"}), DocumentOf({"three"})})) {
      EXPECT_EQ(outcome.code(), Code::kUnavailable);
    }
    EXPECT_EQ(embedder_.batches.size(), round);
  }
}

TEST_F(EmbedStageTest, AModelThatGoesWhileItIsAskedIsAskedNoMore) {
  embedder_.poison = "";
  Process({DocumentOf({"a1"})});
  embedder_.poison = "gone";
  embedder_.batches.clear();
  const auto outcomes = Process({DocumentOf({"fever", "gone one", "gone two", "gone three", "gone four"})});
  EXPECT_EQ(outcomes[0].code(), Code::kUnavailable);
  EXPECT_LE(embedder_.batches.size(), 3u) << "an answer, and two failures";
}

// The model went away behind a text that it could not take: what was not asked for is tried again, not given up.
TEST_F(EmbedStageTest, WhatNobodyAskedForIsNotGivenUp) {
  Use({.batch_texts = 1});
  struct : model::Embedder {
    std::string_view name() const override { return "fake"; }
    uint32_t dimensions() const override { return 384; }
    Result<model::EmbeddingBatch> Compute(std::span<const std::string_view>, model::Priority) const override {
      return Status(asked++ == 0 ? Code::kInternalError : Code::kUnavailable);
    }
    mutable int asked = 0;
  } embedder;
  std::vector<EmbedStage::Input> batch;
  const std::vector<ChunkedDocument> documents = {DocumentOf({"x"}), DocumentOf({"two words"}),
                                                  DocumentOf({"three words of it"})};
  for (const ChunkedDocument& document : documents) batch.push_back({origin_, document});
  const auto outcomes = stage_->Process(batch, {.embedder = &embedder, .cache = nullptr});
  EXPECT_EQ(outcomes[0].code(), Code::kInternalError);
  EXPECT_EQ(outcomes[1].code(), Code::kUnavailable);
  EXPECT_EQ(outcomes[2].code(), Code::kUnavailable);
}

TEST_F(EmbedStageTest, AModelThatBreaksItsContractIsAnInternalError) {
  embedder_.length = 1.2f;
  EXPECT_EQ(Process({DocumentOf({"fever"})})[0].code(), Code::kInternalError);
  embedder_.length = std::nanf("");
  EXPECT_EQ(Process({DocumentOf({"fever"})})[0].code(), Code::kInternalError);
  embedder_.length = 1;
  embedder_.drop_last = true;
  EXPECT_EQ(Process({DocumentOf({"fever"})})[0].code(), Code::kInternalError);
}

TEST_F(EmbedStageTest, DocumentsGoOnWithoutVectorsOnlyWhereThatIsAskedFor) {
  embedder_.poison = "";
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Process({DocumentOf({"fever"})})[0].code(), Code::kUnavailable);
  Use({.forward_without_vectors_after = 3});
  for (int i = 0; i < 2; ++i) EXPECT_EQ(Process({DocumentOf({"fever"})})[0].code(), Code::kUnavailable);
  const auto outcomes = Process({DocumentOf({"fever"})});
  ASSERT_TRUE(outcomes[0].ok());
  EXPECT_EQ(BodyOf(outcomes[0]).vectors, nullptr);
  EXPECT_EQ(BodyOf(outcomes[0]).model, "fake");
  EXPECT_EQ(stage_->counts().without_vectors, 1u);
  embedder_.poison = "\x01";  // it is back
  ExpectVectors(BodyOf(Process({DocumentOf({"fever"})})[0]));
  embedder_.poison = "";
  EXPECT_EQ(Process({DocumentOf({"fever"})})[0].code(), Code::kUnavailable);  // counted from anew
}

TEST_F(EmbedStageTest, ADefectOfTheModelNeverGoesOnWithoutVectors) {
  Use({.forward_without_vectors_after = 1});
  embedder_.poison = "";
  embedder_.code = Code::kInternalError;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Process({DocumentOf({"fever"})})[0].code(), Code::kInternalError);
}

TEST_F(EmbedStageTest, WhatItMakesSurvivesTheWire) {
  const auto outcomes = Process({DocumentOf({"fever", "cough"})});
  const auto bytes = EncodeEmbedded({.origin = origin_, .payload = BodyOf(outcomes[0])}, testing::TestKeys());
  ASSERT_TRUE(bytes.ok());
  const auto decoded = DecodeEmbedded(*bytes, testing::TestKeys());
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  EXPECT_EQ(*decoded->body()->vectors, *BodyOf(outcomes[0]).vectors);
}

TEST(PlanTest, CountsDistinctTextsAndAssemblesOnlyWhatIsKnown) {
  const ChunkedDocument first = DocumentOf({"a", "b"}), second = DocumentOf({"b"});
  const std::vector<const ChunkedDocument*> documents = {&first, &second};
  Plan plan(documents, 2);
  EXPECT_EQ(plan.chunks(), 3u);
  ASSERT_EQ(plan.distinct(), 2u);
  EXPECT_EQ(plan.TextOf(1), "b");
  EXPECT_EQ(plan.VectorsOf(0), nullptr);
  plan.SetVector(1, std::vector<uint16_t>{7, 8});
  EXPECT_EQ(plan.VectorsOf(0), nullptr);
  ASSERT_NE(plan.VectorsOf(1), nullptr);
  EXPECT_EQ(*plan.VectorsOf(1), (std::vector<uint16_t>{7, 8}));
}

}  // namespace
}  // namespace freshet::embed

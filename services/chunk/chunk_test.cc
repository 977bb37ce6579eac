#include "services/chunk/chunk.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "common/base/utf8.h"
#include "common/model/words_counter.h"
#include "schemas/codec.h"
#include "services/chunk/visible.h"
#include "tests/support/clean_documents.h"

namespace freshet::chunk {
namespace {

using testing::MakeClean;
using testing::OriginOf;
using testing::Outline;
using testing::TestKeys;

class ChunkerTest : public ::testing::Test {
 protected:
  ChunkedDocument Chunked(const CleanFields& fields, const ChunkOptions& options = {}) {
    auto chunker = Chunker::Make(options, counter_);
    EXPECT_TRUE(chunker.ok());
    auto chunked = (*chunker)->Chunked(MakeClean(fields));
    EXPECT_TRUE(chunked.ok()) << chunked.status().ToString();
    return std::move(chunked).value();
  }

  model::WordsCounter counter_;
};

std::string Sentences(int count, int from = 0) {
  std::string text;
  for (int i = from; i < from + count; ++i)
    text += "Finding number " + std::to_string(i * 7919) + " was not remarkable. ";
  return text;
}

// "Plan > Labs: INR 2.5" a line a chunk.
std::string Print(const ChunkedDocument& document) {
  std::string out;
  for (const Chunk& chunk : *document.chunks) {
    const std::string context = ContextHeader(document.clean, chunk);
    out += context + (context.empty() ? "" : ": ") + std::string(TextOf(document.clean, chunk)) + "\n";
  }
  return out;
}

TEST_F(ChunkerTest, ASectionThatFitsIsAChunkAndNoneHoldsTwoSections) {
  CleanFields fields = Outline("Intro.\n\n# Plan\n\nRest. Fluids.\n\n## Labs\n\n- INR 2.5\n- K 3.9\n");
  fields.title = "Falls";
  EXPECT_EQ(Print(Chunked(fields)),
            "Falls: Intro.\nFalls > Plan: Rest. Fluids.\nFalls > Plan > Labs: INR 2.5\nK 3.9\n");
}

TEST_F(ChunkerTest, AHeadingWithNothingUnderItCanStillBeFound) {
  EXPECT_EQ(Print(Chunked(Outline("# Assessment\n\n## Pending\n\n## Done\n\nAll.\n"))),
            "Assessment: Pending\nAssessment > Done: All.\n");
}

TEST_F(ChunkerTest, ADocumentWithoutTextHasNoChunks) {
  for (const char* text : {"", " \n "}) {
    const ChunkedDocument document = Chunked({.text = text});
    EXPECT_TRUE(document.chunks->empty());
    EXPECT_EQ(document.chunker, "structure@1/words");
  }
}

TEST_F(ChunkerTest, ATableInSeveralChunksRepeatsItsHeaderInTheContext) {
  std::string table = "# Doses\n\n| drug | dose | route\n";
  for (int i = 0; i < 200; ++i) table += "| drug" + std::to_string(i) + " | " + std::to_string(i * 5) + " mg | oral\n";
  const ChunkedDocument document = Chunked(Outline(table));
  ASSERT_GT(document.chunks->size(), 4u);
  EXPECT_EQ(ContextHeader(document.clean, document.chunks->front()), "Doses");
  for (size_t i = 1; i < document.chunks->size(); ++i) {
    const Chunk& chunk = (*document.chunks)[i];
    EXPECT_EQ(ContextHeader(document.clean, chunk), "Doses > drug | dose | route");
    EXPECT_TRUE(TextOf(document.clean, chunk).starts_with("drug"));
    EXPECT_LE(chunk.tokens, 256u);
  }
}

TEST_F(ChunkerTest, EqualTextInEqualContextIsCountedByOccurrence) {
  const ChunkedDocument document = Chunked(Outline("# A\n\nNone.\n\n# B\n\nNone.\n\n# A\n\nNone.\n\n# A\n\nNone.\n"));
  ASSERT_EQ(document.chunks->size(), 4u);
  const std::vector<Chunk>& chunks = *document.chunks;
  EXPECT_EQ(chunks[0].hash, chunks[2].hash);
  EXPECT_NE(chunks[0].hash, chunks[1].hash);
  EXPECT_EQ(chunks[0].occurrence, 0u);
  EXPECT_EQ(chunks[1].occurrence, 0u);
  EXPECT_EQ(chunks[2].occurrence, 1u);
  EXPECT_EQ(chunks[3].occurrence, 2u);
}

TEST_F(ChunkerTest, OptionsThatDoNotFitTogetherAreAConfigurationError) {
  for (const ChunkOptions options :
       {ChunkOptions{.target_tokens = 10, .max_tokens = 256}, ChunkOptions{.target_tokens = 300, .max_tokens = 256},
        ChunkOptions{.target_tokens = 20, .max_tokens = 32}}) {
    EXPECT_EQ(Chunker::Make(options, counter_).code(), Code::kConfiguration);
  }
}

// Counts words, and cuts off where it is told.
class LimitedCounter final : public model::TokenCounter {
 public:
  explicit LimitedCounter(size_t limit) : limit_(limit) {}
  std::string_view name() const override { return words_.name(); }
  size_t Count(std::string_view text) const override { return words_.Count(text); }
  void TokenEnds(std::string_view text, std::vector<uint32_t>& ends) const override { words_.TokenEnds(text, ends); }
  size_t specials() const override { return 2; }
  size_t limit() const override { return limit_; }

 private:
  model::WordsCounter words_;
  size_t limit_;
};

TEST_F(ChunkerTest, AModelThatTakesFewerTokensLowersTheMaximum) {
  CleanFields fields = Outline("# Findings\n\n" + Sentences(200) + "\n");
  for (const size_t limit : {64u, 128u, 512u}) {
    const LimitedCounter counter(limit);
    const auto chunker = Chunker::Make({}, counter);
    ASSERT_TRUE(chunker.ok()) << chunker.status().ToString();
    const auto chunked = (*chunker)->Chunked(MakeClean(fields));
    ASSERT_TRUE(chunked.ok());
    size_t longest = 0;
    for (const Chunk& chunk : *chunked->chunks) {
      const std::string context = ContextHeader(chunked->clean, chunk);
      longest = std::max(longest, counter.Count(context) + counter.Count(TextOf(chunked->clean, chunk)) + 2);
    }
    const size_t most = std::min<size_t>(limit, ChunkOptions{}.max_tokens);
    EXPECT_LE(longest, most);
    EXPECT_GT(longest, most / 2) << "and is used";
  }
  const Status tiny = Chunker::Make({}, LimitedCounter(20)).status();
  EXPECT_EQ(tiny.code(), Code::kConfiguration);
  EXPECT_NE(tiny.message().find("cuts texts off at 20 tokens"), std::string::npos) << tiny.message();
}

TEST_F(ChunkerTest, ProcessAnswersEveryInputInOrderAndSkipsWhatIsTooLarge) {
  std::string sections;
  for (size_t i = 0; i <= kMaxChunks; ++i) sections += "# h\n\nt\n\n";
  const CleanDocument large = MakeClean(Outline(sections)), small = MakeClean(Outline("Rest.\n"));
  const Origin origin = OriginOf("d");
  auto chunker = Chunker::Make({}, counter_);
  ASSERT_TRUE(chunker.ok());
  const std::vector<Chunker::Input> batch = {{origin, small}, {origin, large}, {origin, small}};
  const auto outcomes = (*chunker)->Process(batch, {});
  ASSERT_EQ(outcomes.size(), 3u);
  for (const size_t i : {0, 2}) {
    ASSERT_TRUE(outcomes[i].ok());
    EXPECT_EQ(std::get<Forward<ChunkedDocument>>(*outcomes[i]).body.chunks->size(), 1u);
  }
  ASSERT_TRUE(outcomes[1].ok());
  EXPECT_EQ(std::get<Skipped>(*outcomes[1]).code, Code::kDocumentTooLarge);
  EXPECT_EQ(std::get<Skipped>(*outcomes[1]).stage, Step::kChunk);
  EXPECT_EQ((*chunker)->step(), Step::kChunk);
}

TEST_F(ChunkerTest, TextAtTheLimitIsChunkedAndOneByteMoreIsNot) {
  std::string text;
  for (int i = 0; text.size() < kMaxTextBytes; ++i) text += "word" + std::to_string(i) + (i % 12 == 0 ? ". " : " ");
  text.resize(kMaxTextBytes);
  const ChunkedDocument document = Chunked({.text = text});
  EXPECT_LE(document.chunks->size(), kMaxChunks);
  auto chunker = Chunker::Make({}, counter_);
  EXPECT_EQ((*chunker)->Chunked(MakeClean({.text = text + "x"})).code(), Code::kDocumentTooLarge);
}

TEST_F(ChunkerTest, ALongContextLeavesRoomForText) {
  CleanFields fields = Outline("# " + Sentences(40) + "\n\n## " + Sentences(40) + "\n\n" + Sentences(80));
  fields.title = Sentences(100);
  fields.effective = FromMicros(1'700'000'000'000'000);
  const ChunkedDocument document = Chunked(fields);
  EXPECT_GT(document.chunks->size(), 2u);
  for (const Chunk& chunk : *document.chunks) EXPECT_LE(chunk.tokens, 256u);
}

TEST_F(ChunkerTest, FlatTextMakesChunksNearTheTargetAndNoCrumbs) {
  const ChunkedDocument document = Chunked(Outline(Sentences(3000)));
  uint64_t tokens = 0;
  for (const Chunk& chunk : *document.chunks) {
    tokens += chunk.tokens;
    EXPECT_GE(chunk.tokens, 30u);
  }
  const uint64_t mean = tokens / document.chunks->size();
  EXPECT_GT(mean, 110u);
  EXPECT_LT(mean, 220u);
}

// Random documents of every kind of block, over which all that chunk.h promises must hold.
CleanFields RandomFields(std::mt19937& random) {
  static constexpr const char* kWords[] = {"pain",
                                           "Dr.",
                                           "5",
                                           "mg.",
                                           "naïve",
                                           "発熱",
                                           "👍🏽",
                                           "\u200B",
                                           "x-y/z",
                                           "The",
                                           "(ok)",
                                           "e\u0301",
                                           "supercalifragilistic",
                                           "\t",
                                           "\u00A0",
                                           "end.",
                                           "?"};
  CleanFields fields;
  fields.title = random() % 2 ? "A title" : "";
  for (size_t i = random() % 60; i > 0; --i) {
    if (random() % 5 == 0) fields.text += random() % 2 ? "\n\n" : " stray. ";
    Block block{.kind = static_cast<Block::Kind>(random() % 5), .level = static_cast<uint32_t>(random() % 4 + 1)};
    block.begin = static_cast<uint32_t>(fields.text.size());
    for (size_t words = random() % (random() % 8 == 0 ? 900 : 40); words > 0; --words) {
      fields.text += kWords[random() % std::size(kWords)];
      if (random() % 12 != 0) fields.text += random() % 20 == 0 ? "\n" : " ";
    }
    block.end = static_cast<uint32_t>(fields.text.size());
    fields.blocks.push_back(block);
    fields.text += '\n';
  }
  return fields;
}

// How often each byte of the text lies in a chunk.
std::vector<int> Coverage(const ChunkedDocument& document) {
  std::vector<int> covered(document.clean.text().size());
  for (const Chunk& chunk : *document.chunks) {
    for (uint32_t i = chunk.byte_begin; i < chunk.byte_end; ++i) ++covered[i];
  }
  return covered;
}

void ExpectCovered(const ChunkedDocument& document) {
  const std::string& text = document.clean.text();
  const std::vector<int> covered = Coverage(document);
  std::set<uint32_t> in_paths;
  for (const Chunk& chunk : *document.chunks) in_paths.insert(chunk.section.begin(), chunk.section.end());
  size_t block = 0;
  for (size_t at = 0, next = 0; at < text.size(); at = next) {
    const bool visible = IsVisible(NextCodePoint(text, next));
    while (block < document.clean.blocks().size() && document.clean.blocks()[block].end <= at) ++block;
    const bool in_heading = block < document.clean.blocks().size() && document.clean.blocks()[block].begin <= at &&
                            document.clean.blocks()[block].kind == Block::Kind::kHeading;
    if (in_heading && visible) {
      ASSERT_TRUE(covered[at] == 1 || in_paths.contains(static_cast<uint32_t>(block))) << "heading at " << at;
    } else {
      ASSERT_LE(covered[at], 1) << at;
      ASSERT_GE(covered[at], visible ? 1 : 0) << at;
    }
  }
}

void ExpectWithinOneSection(const ChunkedDocument& document) {
  const auto& blocks = document.clean.blocks();
  for (const Chunk& chunk : *document.chunks) {
    for (size_t i = 0; i < blocks.size(); ++i) {
      const bool overlaps = blocks[i].begin < chunk.byte_end && chunk.byte_begin < blocks[i].end;
      if (overlaps && blocks[i].kind == Block::Kind::kHeading) {
        ASSERT_TRUE(blocks[i].begin <= chunk.byte_begin && chunk.byte_end <= blocks[i].end);
      }
    }
  }
}

TEST_F(ChunkerTest, EveryPromiseHoldsOnRandomDocuments) {
  std::mt19937 random(11);
  for (int round = 0; round < 150; ++round) {
    const CleanFields fields = RandomFields(random);
    const ChunkedDocument document = Chunked(fields);
    ExpectCovered(document);
    ExpectWithinOneSection(document);
    std::string_view text = document.clean.text();
    for (const Chunk& chunk : *document.chunks) {
      const std::string embedded = EmbeddedText(document.clean, chunk);
      ASSERT_EQ(chunk.hash, HashOf(embedded));
      ASSERT_EQ(chunk.tokens, counter_.Count(embedded));
      ASSERT_LE(chunk.tokens, 256u);
      ASSERT_EQ(chunk.place_begin, CountCodePoints(text.substr(0, chunk.byte_begin)));
      ASSERT_EQ(chunk.place_end, CountCodePoints(text.substr(0, chunk.byte_end)));
    }
    ASSERT_EQ(Print(document), Print(Chunked(fields)));  // deterministic
  }
}

TEST_F(ChunkerTest, WhatItMakesSurvivesTheWire) {
  std::mt19937 random(12);
  for (int round = 0; round < 30; ++round) {
    const Origin origin = OriginOf("document");
    const ChunkedDocument document = Chunked(RandomFields(random));
    const auto bytes = EncodeChunked({.origin = origin, .payload = document}, TestKeys());
    ASSERT_TRUE(bytes.ok());
    const auto decoded = DecodeChunked(*bytes, TestKeys());
    ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
    ASSERT_NE(decoded->body(), nullptr);
    EXPECT_EQ(Print(*decoded->body()), Print(document));
  }
}

}  // namespace
}  // namespace freshet::chunk

#include "schemas/chunked.h"

#include <gtest/gtest.h>

#include "schemas/test_records.h"

namespace freshet {
namespace {

using testing::MakeChunk;
using testing::MakeClean;
using testing::SampleBody;
using testing::TestClean;

TEST(Chunk, ReadsItsTextAndSectionFromTheDocument) {
  const CleanDocument clean = TestClean();
  const Chunk chunk = MakeChunk(clean, 2, {0, 1});
  EXPECT_EQ(TextOf(clean, chunk), "Assess r\u00EFsk on admission \u2192 score.");
  EXPECT_EQ(SectionOf(clean, chunk), (std::vector<std::string_view>{"Falls policy", "Assessment"}));
  EXPECT_EQ(SectionOf(clean, MakeChunk(clean, 2, {})), std::vector<std::string_view>{});
  EXPECT_EQ(TextOf(clean, Chunk{.byte_begin = 76, .byte_end = 76}), "");
}

// The header is embedded and hashed: a change of its form makes every stored hash a new one.
TEST(ContextHeader, IsTitleSectionsAndDate) {
  const CleanDocument clean = TestClean();
  EXPECT_EQ(ContextHeader(clean, MakeChunk(clean, 2, {1})), "Falls policy > Assessment (2026-01-31)");
  EXPECT_EQ(ContextHeader(clean, MakeChunk(clean, 2, {})), "Falls policy (2026-01-31)");
}

TEST(ContextHeader, DoesNotRepeatATitleThatIsTheFirstHeading) {
  const CleanDocument clean = TestClean();
  EXPECT_EQ(ContextHeader(clean, MakeChunk(clean, 2, {0, 1})), "Falls policy > Assessment (2026-01-31)");
  EXPECT_EQ(ContextHeader(clean, MakeChunk(clean, 2, {1, 0})), "Falls policy > Assessment > Falls policy (2026-01-31)");
}

TEST(ContextHeader, LeavesOutWhatDoesNotExist) {
  v1::CleanDocument body = SampleBody();
  body.clear_effective_us();
  CleanDocument clean = MakeClean(body);
  EXPECT_EQ(ContextHeader(clean, MakeChunk(clean, 2, {1})), "Falls policy > Assessment");
  body.clear_title();
  clean = MakeClean(body);
  EXPECT_EQ(ContextHeader(clean, MakeChunk(clean, 2, {1})), "Assessment");
  EXPECT_EQ(ContextHeader(clean, MakeChunk(clean, 2, {})), "");
  body.set_effective_us(SampleBody().effective_us());
  clean = MakeClean(body);
  EXPECT_EQ(ContextHeader(clean, MakeChunk(clean, 2, {})), "2026-01-31");
}

// Sections of `sizes` bytes each as headings, then one paragraph.
CleanDocument Nested(const std::string& title, const std::vector<size_t>& sizes) {
  v1::CleanDocument body;
  body.set_title(title);
  body.set_effective_us(SampleBody().effective_us());
  const auto add = [&](const std::string& text) {
    v1::Block* const block = body.add_blocks();
    block->set_begin(static_cast<uint32_t>(body.text().size()));
    body.mutable_text()->append(text);
    block->set_end(static_cast<uint32_t>(body.text().size()));
  };
  for (size_t i = 0; i < sizes.size(); ++i) add(std::string(sizes[i], static_cast<char>('a' + i % 26)));
  add("Paragraph.");
  return MakeClean(body);
}

TEST(ContextHeader, IsBoundedWhateverTheDocument) {
  for (const size_t size : {1u, 50u, 119u, 120u, 121u, 5000u}) {
    for (const size_t depth : {0u, 1u, 3u, 6u, 40u}) {
      const CleanDocument clean = Nested(std::string(size, 't'), std::vector<size_t>(depth, size));
      std::vector<uint32_t> section(depth);
      for (uint32_t i = 0; i < depth; ++i) section[i] = i;
      const std::string header = ContextHeader(clean, MakeChunk(clean, static_cast<uint32_t>(depth), section));
      EXPECT_LE(header.size(), kMaxContextBytes) << size << " x " << depth;
      EXPECT_TRUE(header.ends_with("(2026-01-31)"));
    }
  }
}

TEST(ContextHeader, DropsOuterSectionsFirstAndCutsBetweenCodePoints) {
  const CleanDocument deep = Nested("Title", {120, 120, 120, 120});
  const std::string header = ContextHeader(deep, MakeChunk(deep, 4, {0, 1, 2, 3}));
  EXPECT_EQ(header, "Title > " + std::string(120, 'c') + " > " + std::string(120, 'd') + " (2026-01-31)");

  std::string title;
  for (int i = 0; i < 50; ++i) title += "\u20AC";  // three bytes each: 120 is a limit between two, 121 is not
  const CleanDocument euros = Nested("x" + title, {});
  const std::string cut = ContextHeader(euros, MakeChunk(euros, 0, {}));
  EXPECT_TRUE(IsValidUtf8(cut));
  EXPECT_EQ(cut, "x" + title.substr(0, 117) + " (2026-01-31)");
}

TEST(EmbeddedText, IsHeaderNewlineText) {
  const CleanDocument clean = TestClean();
  EXPECT_EQ(EmbeddedText(clean, MakeChunk(clean, 3, {0, 1})), "Falls policy > Assessment (2026-01-31)\nRepeat weekly.");
  v1::CleanDocument bare = SampleBody();
  bare.clear_title();
  bare.clear_effective_us();
  const CleanDocument headless = MakeClean(bare);
  EXPECT_EQ(EmbeddedText(headless, MakeChunk(headless, 3, {})), "Repeat weekly.");
}

TEST(MemoryBytes, CountsChunksAndVectors) {
  const EmbeddedDocument document = testing::TestEmbedded();
  const size_t clean = document.chunked.clean.MemoryBytes();
  const size_t chunked = MemoryBytes(document.chunked);
  EXPECT_GE(chunked, clean + 2 * sizeof(Chunk));
  EXPECT_GE(MemoryBytes(document), chunked + 6 * sizeof(uint16_t));

  EmbeddedDocument larger = document;
  larger.vectors = std::make_shared<const std::vector<uint16_t>>(100'000);
  EXPECT_GE(MemoryBytes(larger), MemoryBytes(document) + 199'000);
  larger.vectors = nullptr;
  EXPECT_LT(MemoryBytes(larger), MemoryBytes(document));
  EXPECT_GT(MemoryBytes(ChunkedDocument{.clean = document.chunked.clean}), clean - 1);
}

}  // namespace
}  // namespace freshet

#include "common/store/lexical_segment.h"

#include <gtest/gtest.h>

#include <map>

#include "common/store/lexical_files.h"
#include "common/store/lexical_merge.h"
#include "common/store/lexical_postings.h"
#include "common/store/lexical_test_corpus.h"

namespace freshet::store {
namespace {

// What a segment says, written out: word -> (chunk -> positions).
using Readable = std::map<std::string, std::map<uint32_t, std::vector<uint32_t>>>;

Readable Read(const LexicalSegment& segment, std::string_view positions) {
  Readable out;
  for (uint32_t term = 0; term < segment.terms.size(); ++term) {
    auto& word = out[std::string(segment.terms.text(term))];
    const char* at = positions.data() + segment.terms[term].positions;
    for (PostingCursor cursor(segment, term); !cursor.done(); cursor.Next()) {
      uint32_t position = 0;
      for (uint32_t i = 0; i < cursor.frequency(); ++i) {
        position += ReadVint(at);
        word[segment.chunks[cursor.row()]].push_back(position);
      }
    }
  }
  return out;
}

Readable Read(const BuiltSegment& built) { return Read(*built.segment, built.positions->view()); }

// The same, straight from the entries.
Readable Expected(const std::vector<TestEntry>& entries) {
  Readable out;
  for (const TestEntry& entry : entries) {
    uint32_t position = 0;
    const std::array<std::pair<const std::string*, uint32_t>, 3> fields = {
        {{&entry.title, kHeadingWeight}, {&entry.section, kHeadingWeight}, {&entry.text, 1}}};
    for (const auto& [text, weight] : fields) {
      WordReader reader(*text);
      std::string_view word;
      const uint32_t before = position;
      while (reader.Next(word)) {
        for (uint32_t i = 0; i < weight; ++i) out[std::string(word)][entry.chunk.value].push_back(position);
        ++position;
      }
      if (position != before) position += 100;
    }
  }
  return out;
}

std::vector<TestEntry> Entries(std::mt19937& random, uint32_t first, uint32_t count, uint32_t vocabulary) {
  std::vector<TestEntry> entries;
  for (uint32_t i = 0; i < count; ++i) entries.push_back(RandomEntry(random, first + i, vocabulary));
  return entries;
}

BuiltSegment BuiltOf(const std::vector<TestEntry>& entries) {
  LexicalBuffer buffer;
  for (const TestEntry& entry : entries) buffer.Add(entry);
  return buffer.Flush();
}

std::shared_ptr<const LexicalSegment> SegmentOf(const std::vector<TestEntry>& entries) {
  return BuiltOf(entries).segment;
}

TEST(LexicalBuffer, SortsEntriesByWord) {
  std::mt19937 random(1);
  for (const uint32_t vocabulary : {3u, 100u, 5000u}) {
    const std::vector<TestEntry> entries = Entries(random, 10, 700, vocabulary);
    const BuiltSegment built = BuiltOf(entries);
    EXPECT_EQ(Read(built), Expected(entries));
    EXPECT_EQ(built.segment->rows(), entries.size());
  }
}

TEST(LexicalBuffer, IsEmptyAfterFlushAndRemembersWords) {
  std::mt19937 random(2);
  LexicalBuffer buffer;
  EXPECT_FALSE(buffer.Flush());
  for (uint32_t round = 0; round < 20; ++round) {
    const std::vector<TestEntry> entries = Entries(random, 100 * round, 1 + random() % 9, 50);
    for (const TestEntry& entry : entries) buffer.Add(entry);
    EXPECT_EQ(Read(buffer.Flush()), Expected(entries));
    EXPECT_EQ(buffer.rows(), 0u);
    EXPECT_EQ(buffer.MemoryBytes(), 0u);
  }
}

TEST(LexicalBuffer, TakesEntriesWithoutWords) {
  const auto segment = SegmentOf({{ChunkOrdinal(7), DocumentOrdinal(2), "", " - ", "..."}});
  EXPECT_EQ(segment->rows(), 1u);
  EXPECT_EQ(segment->lengths[0], 0u);
  EXPECT_EQ(segment->terms.size(), 0u);
}

TEST(LexicalTerms, FindsItsWordsAndNoOthers) {
  std::mt19937 random(3);
  const auto segment = SegmentOf(Entries(random, 0, 500, 3000));
  for (uint32_t i = 0; i < segment->terms.size(); ++i) {
    EXPECT_EQ(segment->terms.Find(segment->terms.text(i)), i);
    EXPECT_TRUE(i == 0 || segment->terms.text(i - 1) < segment->terms.text(i));
    EXPECT_EQ(segment->terms.Find(std::string(segment->terms.text(i)) + "x"), LexicalTerms::kNoTerm);
  }
  EXPECT_EQ(segment->terms.Find(""), LexicalTerms::kNoTerm);
  EXPECT_EQ(LexicalTerms().Find("w1"), LexicalTerms::kNoTerm);
}

TEST(PostingCursor, LeapsToWhereWalkingLeads) {
  std::mt19937 random(4);
  const auto segment = SegmentOf(Entries(random, 0, 6000, 60));
  for (const uint32_t rank : {0u, 1u, 5u, 20u, 50u}) {
    const uint32_t term = segment->terms.Find(WordFor(rank));
    ASSERT_NE(term, LexicalTerms::kNoTerm);
    std::map<uint32_t, uint32_t> walked;
    for (PostingCursor cursor(*segment, term); !cursor.done(); cursor.Next()) walked[cursor.row()] = cursor.frequency();
    ASSERT_EQ(walked.size(), segment->terms[term].count);
    for (const uint32_t stride : {1u, 3u, 50u, 129u, 1000u, 5000u}) {
      PostingCursor cursor(*segment, term);
      for (uint32_t row = random() % stride; row < segment->rows() + 10; row += 1 + random() % (2 * stride)) {
        const auto expected = walked.lower_bound(row);
        ASSERT_EQ(cursor.SeekTo(row), expected != walked.end() && expected->first == row);
        ASSERT_EQ(cursor.done(), expected == walked.end());
        if (cursor.done()) break;
        ASSERT_EQ(cursor.row(), expected->first);
        ASSERT_EQ(cursor.frequency(), expected->second);
        if (random() % 3 == 0) cursor.Next();
        if (!cursor.done()) row = std::max(row, cursor.row());
        if (cursor.done()) break;
      }
    }
  }
}

TEST(MergeSegments, KeepsWhatLivesInOrder) {
  std::mt19937 random(5);
  for (int round = 0; round < 20; ++round) {
    std::vector<BuiltSegment> segments;
    std::vector<MergeInput> inputs;
    std::vector<TestEntry> living;
    uint32_t chunk = 0;
    for (uint32_t i = 0; i < 1 + random() % 6; ++i) {
      const std::vector<TestEntry> entries = Entries(random, chunk, 1 + random() % 500, 80);
      chunk += static_cast<uint32_t>(entries.size());
      segments.push_back(BuiltOf(entries));
      Roaring dead;
      const bool none_dies = random() % 2 == 0;
      for (uint32_t row = 0; row < entries.size(); ++row) {
        if (none_dies || random() % 3 != 0) {
          living.push_back(entries[row]);
        } else {
          dead.add(row);
        }
      }
      inputs.push_back({segments.back().segment, segments.back().positions->view(), dead});
    }
    const auto merged = MergeSegments(inputs);
    if (living.empty()) {
      EXPECT_FALSE(merged);
      continue;
    }
    ASSERT_EQ(merged.segment->rows(), living.size());
    EXPECT_EQ(Read(merged), Expected(living));
    for (size_t i = 0; i < living.size(); ++i) EXPECT_EQ(merged.segment->chunks[i], living[i].chunk.value);
    const auto direct = SegmentOf(living);
    EXPECT_EQ(merged.segment->postings.view(), direct->postings.view());
    EXPECT_EQ(merged.segment->words, direct->words);
  }
}

TEST(MergeSegments, StopsWhenTold) {
  std::mt19937 random(6);
  const BuiltSegment built = BuiltOf(Entries(random, 0, 50, 100));
  const std::atomic<bool> stop = true;
  const std::vector<MergeInput> inputs = {{built.segment, built.positions->view(), {}}};
  EXPECT_FALSE(MergeSegments(inputs, &stop));
}

TEST(ChooseMerge, TakesSegmentsOfOneSizeAndWornOnes) {
  const MergePolicy policy{.fan_in = 3, .floor_bytes = 10, .most_bytes = 5000};
  using Chosen = std::vector<size_t>;
  EXPECT_EQ(ChooseMerge(std::vector<MergeCandidate>{}, policy), Chosen{});
  EXPECT_EQ(ChooseMerge(std::vector<MergeCandidate>{{5}, {1}}, policy), Chosen{});
  EXPECT_EQ(ChooseMerge(std::vector<MergeCandidate>{{5}, {4000}, {1}, {9}}, policy), (Chosen{0, 2, 3}));
  EXPECT_EQ(ChooseMerge(std::vector<MergeCandidate>{{4000}, {4000}, {4000}}, policy), Chosen{});
  EXPECT_EQ(ChooseMerge(std::vector<MergeCandidate>{{4000, 0.1}, {9, 0.5}}, policy), Chosen{1});
}

TEST(LexicalBlocks, KnowTheMostThatTheirPostingsGive) {
  std::mt19937 random(8);
  const auto segment = SegmentOf(Entries(random, 0, 6000, 40));
  const Saturation saturation(segment->MeanLength());
  size_t checked = 0;
  for (const auto& [term, first] : segment->first_blocks) {
    const auto blocks = segment->BlocksOf(term);
    std::vector<float> most(blocks.size());
    uint32_t posting = 0;
    for (PostingCursor cursor(*segment, term); !cursor.done(); cursor.Next(), ++posting) {
      float& share = most[posting / kPostingsBlock];
      share = std::max(share, saturation.Share(cursor.frequency(), segment->lengths[cursor.row()]));
    }
    for (size_t i = 0; i < blocks.size(); ++i, ++checked) EXPECT_FLOAT_EQ(blocks[i].most_share, most[i]);
  }
  EXPECT_GT(checked, 100u);
}

TEST(LexicalBlocks, BoundWhatLiesInSomeRows) {
  std::mt19937 random(9);
  const auto segment = SegmentOf(Entries(random, 0, 6000, 40));
  const Saturation saturation(segment->MeanLength());
  const uint32_t term = segment->terms.Find(WordFor(20));
  PostingCursor bounds(*segment, term);
  size_t below = 0;
  const float anywhere = bounds.MostShare(0, UINT64_MAX);
  for (uint32_t begin = 0; begin < segment->rows(); begin += 500) {
    float most = 0;
    PostingCursor cursor(*segment, term);
    for (cursor.SeekTo(begin); !cursor.done() && cursor.row() < begin + 500; cursor.Next()) {
      most = std::max(most, saturation.Share(cursor.frequency(), segment->lengths[cursor.row()]));
    }
    const float bound = bounds.MostShare(begin, begin + 500);
    EXPECT_GE(bound * 1.00001f, most);
    below += bound < anywhere ? 1 : 0;
  }
  EXPECT_GT(below, 0u);
}

TEST(LexicalRows, AreFoundByDocumentHoweverTheyLie) {
  std::mt19937 random(10);
  for (const bool ascending : {true, false}) {
    std::vector<TestEntry> entries = Entries(random, 0, 3000, 20);
    if (!ascending) {
      for (TestEntry& entry : entries) entry.document = DocumentOrdinal(random() % 900);
    }
    const auto segment = SegmentOf(entries);
    EXPECT_EQ(segment->rows_by_document.empty(), ascending);
    for (const uint32_t keep : {1u, 7u, 300u, 5000u}) {
      Roaring wanted;
      for (uint32_t document = 0; document < 1200; ++document) {
        if (random() % keep == 0) wanted.add(document);
      }
      std::vector<uint32_t> expected;
      for (uint32_t row = 0; row < segment->rows(); ++row) {
        if (wanted.contains(segment->documents[row])) expected.push_back(row);
      }
      EXPECT_EQ(segment->RowsOf(wanted), expected);
    }
  }
}

TEST(LexicalFiles, GiveBackWhatTheyHold) {
  std::mt19937 random(7);
  const std::vector<TestEntry> entries = Entries(random, 0, 3000, 2000);
  const BuiltSegment built = BuiltOf(entries);
  const auto& segment = built.segment;
  const EncodedSegment encoded = EncodeSegment(*segment, "_1z", built.positions->view());
  std::string body;
  const auto pieces = encoded.pieces();
  for (size_t i = 0; i + 1 < pieces.size(); ++i) body += pieces[i];
  ASSERT_EQ(body.size(), encoded.BodyBytes());
  EXPECT_EQ(Crc32c(body), encoded.BodySum());
  const auto decoded = DecodeSegment(body);
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  EXPECT_EQ(Read(**decoded, built.positions->view()), Expected(entries));
  EXPECT_EQ((*decoded)->chunks, segment->chunks);
  EXPECT_EQ((*decoded)->documents, segment->documents);
  EXPECT_EQ((*decoded)->lengths, segment->lengths);
  ASSERT_EQ((*decoded)->blocks.size(), segment->blocks.size());
  for (size_t i = 0; i < segment->blocks.size(); ++i) {
    EXPECT_EQ((*decoded)->blocks[i].before, segment->blocks[i].before);
    EXPECT_EQ((*decoded)->blocks[i].offset, segment->blocks[i].offset);
    EXPECT_EQ((*decoded)->blocks[i].most_share, segment->blocks[i].most_share);
  }
  EXPECT_EQ((*decoded)->first_blocks, segment->first_blocks);
  EXPECT_EQ((*decoded)->rows_by_document, segment->rows_by_document);
}

TEST(LexicalFiles, ShortenedBodiesAreCorrupt) {
  std::mt19937 random(8);
  const auto segment = SegmentOf(Entries(random, 0, 20, 30));
  const EncodedSegment encoded = EncodeSegment(*segment, "_0", "");
  std::string body;
  const auto pieces = encoded.pieces();
  for (size_t i = 0; i + 1 < pieces.size(); ++i) body += pieces[i];
  for (size_t size = 0; size < body.size(); ++size) {
    EXPECT_EQ(DecodeSegment(std::string_view(body).substr(0, size)).code(), Code::kCorruptStore) << size;
  }
}

TEST(LexicalFiles, DeadRowsComeBack) {
  for (const uint32_t rows : {1u, 7u, 8u, 9u, 1000u}) {
    Roaring dead;
    for (uint32_t row = 0; row < rows; row += 3) dead.add(row);
    const std::string bytes = EncodeDead(dead, rows);
    EXPECT_EQ(*DecodeDead(bytes, rows), dead);
    EXPECT_EQ(DecodeDead(bytes, rows + 1).code(), Code::kCorruptStore);
    EXPECT_EQ(DecodeDead(bytes.substr(1), rows).code(), Code::kCorruptStore);
    EXPECT_EQ(DecodeDead("", rows).code(), Code::kCorruptStore);
  }
}

TEST(LexicalFiles, SumIsCrc32c) {
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);  // RFC 3720, B.4
  EXPECT_EQ(Crc32c("6789", Crc32c("12345")), 0xE3069283u);
  EXPECT_EQ(Crc32c(""), 0u);
}

}  // namespace
}  // namespace freshet::store

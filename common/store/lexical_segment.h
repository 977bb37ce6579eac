// LexicalSegment: some entries of the lexical index, by word: what searches read. Held in memory in the bytes of
// Lucene's files, so that writing one is copying it. Positions lie apart: they are dropped once they are on disk.
//
//   LexicalSegmentBuilder builder;
//   builder.StartWord("ada");  builder.positions().PutVint(4);  builder.AddPosting(0, 1);  builder.FinishWord();
//   builder.AddRow({chunk, document, 7});
//   BuiltSegment built = builder.Finish();   // built.segment, built.positions
//
// An entry's number is its row: 0, 1, 2, ... A segment is immutable: any thread. A builder is for one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/store/lexical_bytes.h"
#include "common/store/lexical_terms.h"

namespace freshet::store {

struct LexicalRow {
  ChunkOrdinal chunk;
  DocumentOrdinal document;
  uint32_t length = 0;  // in words, those of the title and the section twice
};

// Where reading may begin within a long list of postings: before posting kPostingsBlock, 2 * kPostingsBlock, ...
struct LexicalSkip {
  uint32_t row = 0;     // of the posting before
  uint32_t offset = 0;  // in bytes from the beginning of the list
};
inline constexpr uint32_t kPostingsBlock = 128;
inline constexpr uint32_t kSkippedFrom = 2 * kPostingsBlock;  // shorter lists have no skips

struct LexicalSegment {
  LexicalTerms terms;
  LexicalBytes postings;  // .frq: of each term VInts: row delta * 2 + 1, or row delta * 2 and the frequency
  std::vector<uint32_t> chunks;
  std::vector<uint32_t> documents;
  std::vector<uint32_t> lengths;
  uint64_t words = 0;  // sum of the lengths
  uint32_t shortest = UINT32_MAX;
  std::vector<LexicalSkip> skips;
  std::vector<std::pair<uint32_t, uint32_t>> skip_starts;  // (term, its first skip), ascending

  size_t rows() const { return chunks.size(); }
  // The skips of a term; empty where it has none.
  std::pair<const LexicalSkip*, const LexicalSkip*> SkipsOf(uint32_t term) const;
  void AddRow(const LexicalRow& row);
  // Makes the skips from the postings. False where the postings are not what the terms say.
  bool IndexPostings();
  size_t MemoryBytes() const;
};

// A segment that is not on disk yet.
struct BuiltSegment {
  std::shared_ptr<const LexicalSegment> segment;
  std::shared_ptr<const LexicalBytes> positions;  // .prx: of each posting one VInt an occurrence, the delta

  explicit operator bool() const { return segment != nullptr; }
};

class LexicalSegmentBuilder {
 public:
  LexicalSegmentBuilder()
      : segment_(std::make_shared<LexicalSegment>()), positions_(std::make_shared<LexicalBytes>()) {}

  // Words in ascending order of their bytes.
  void StartWord(std::string_view word);
  LexicalBytes& positions() { return *positions_; }
  // Rows ascending; the positions of the posting have been put already.
  void AddPosting(uint32_t row, uint32_t frequency);
  void FinishWord();  // a word without postings is forgotten
  void AddRow(const LexicalRow& row) { segment_->AddRow(row); }
  LexicalSegment& segment() { return *segment_; }

  // Once.
  BuiltSegment Finish();

 private:
  std::shared_ptr<LexicalSegment> segment_;
  std::shared_ptr<LexicalBytes> positions_;
  std::string word_;
  LexicalTerm term_;
  uint32_t last_row_ = 0;
  size_t first_skip_ = 0;
};

}  // namespace freshet::store

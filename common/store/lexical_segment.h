// LexicalSegment: some entries of the lexical index, by word: what searches read. Held in memory in the bytes of
// Lucene's files, so that writing one is copying it. Positions lie apart: they are dropped once they are on disk.
//
//   LexicalSegmentBuilder builder;
//   builder.AddRow({chunk, document, 7});
//   builder.StartWord("ada");  builder.positions().PutVint(4);  builder.AddPosting(0, 1);  builder.FinishWord();
//   BuiltSegment built = builder.Finish();   // built.segment, built.positions
//
// An entry's number is its row: 0, 1, 2, ... A segment is immutable: any thread. A builder is for one; rows come before
// words.
#pragma once

#include <cstdint>
#include <memory>
#include <roaring/roaring.hh>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/store/lexical_bm25.h"
#include "common/store/lexical_bytes.h"
#include "common/store/lexical_terms.h"

namespace freshet::store {

struct LexicalRow {
  ChunkOrdinal chunk;
  DocumentOrdinal document;
  uint32_t length = 0;  // in words, those of the title and the section twice
};

// A part of a long list of postings: kPostingsBlock of them, the last what is left. Reading may begin at each, and need
// not where none of its entries can be among the best (block maxima: Ding & Suel, Faster Top-k Document Retrieval Using
// Block-Max Indexes, SIGIR 2011).
struct LexicalBlock {
  uint32_t before = 0;   // the row of the posting before, 0 for the first
  uint32_t offset = 0;   // in bytes from the beginning of the list
  float most_share = 0;  // of Saturation::Share in the block, for the segment's own mean length
};
inline constexpr uint32_t kPostingsBlock = 128;
inline constexpr uint32_t kBlocksFrom = 2 * kPostingsBlock;  // shorter lists have none

struct LexicalSegment {
  LexicalTerms terms;
  LexicalBytes postings;  // .frq: of each term VInts: row delta * 2 + 1, or row delta * 2 and the frequency
  std::vector<uint32_t> chunks;
  std::vector<uint32_t> documents;
  std::vector<uint32_t> lengths;
  uint64_t words = 0;  // sum of the lengths
  std::vector<LexicalBlock> blocks;
  std::vector<std::pair<uint32_t, uint32_t>> first_blocks;      // (term, its first block), ascending
  std::vector<std::pair<uint32_t, uint32_t>> rows_by_document;  // (document, row); empty where rows ascend by document

  size_t rows() const { return chunks.size(); }
  float MeanLength() const { return rows() == 0 ? 1 : static_cast<float>(words) / static_cast<float>(rows()); }
  // The blocks of a term; empty where it has none.
  std::span<const LexicalBlock> BlocksOf(uint32_t term) const;
  // The rows of some documents, ascending.
  std::vector<uint32_t> RowsOf(const Roaring& wanted) const;
  void AddRow(const LexicalRow& row);
  // Once all rows are in: makes rows_by_document.
  void IndexRows();
  // Makes the blocks from the postings. False where the postings are not what the terms say.
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

  // All of them before the first word.
  void AddRow(const LexicalRow& row) { segment_->AddRow(row); }
  // Words in ascending order of their bytes.
  void StartWord(std::string_view word);
  LexicalBytes& positions() { return *positions_; }
  // Rows ascending; the positions of the posting have been put already.
  void AddPosting(uint32_t row, uint32_t frequency);
  void FinishWord();  // a word without postings is forgotten
  LexicalSegment& segment() { return *segment_; }

  // Once.
  BuiltSegment Finish();

 private:
  std::shared_ptr<LexicalSegment> segment_;
  std::shared_ptr<LexicalBytes> positions_;
  std::string word_;
  LexicalTerm term_;
  uint32_t last_row_ = 0;
  size_t first_block_ = 0;
  MostShare most_share_;
};

}  // namespace freshet::store

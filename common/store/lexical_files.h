// A lexical segment as one file: Lucene 3.0's compound format, which any reader of that format opens.
//
//   EncodedSegment encoded = EncodeSegment(*segment, "_5", positions);
//   for (std::string_view piece : encoded.pieces()) output.Write(piece);
//   Result<std::shared_ptr<const LexicalSegment>> segment = DecodeSegment(body);
//
//   file      := body positions
//   body      := VInt(7) { Big64(offset) String(name) }7  .tis .frq .fdt .fnm .fdx .tii      (positions: .prx)
//   .tis      := header { VInt(shared bytes) VInt(bytes) bytes VInt(field 0) VInt(count)
//                         VInt(postings delta) VInt(positions delta) }*
//   .tii      := header { the same of every 128th word's predecessor, VInt(its offset in .tis, delta) }*
//   header    := Big32(-4) Big64(words) Big32(128) Big32(no skip lists) Big32(10)
//   .frq .prx := LexicalSegment::postings, LexicalSegment::positions
//   .fdt      := Big32(2) { VInt(1) VInt(field 1) Byte(binary) VInt(12) Big32(chunk) Big32(document) Big32(length) }*
//   .fdx      := Big32(2) { Big64(offset in .fdt) }*
//   .fnm      := VInt(-2) VInt(2) String("t") Byte(indexed, no norms) String("c") Byte(no norms)
//
// and, in a file of its own, which rows of a segment are dead:
//
//   .del      := Big32(rows) Big32(dead ones) Byte{(rows + 7) / 8}      (row r: bit r % 8 of byte r / 8)
//
// Lucene keeps no sums of these files: ours are CRC-32C of body and of positions, kept where the commit names the
// segment. Decode believes nothing of a body but its sum.
#pragma once

#include <array>
#include <memory>
#include <roaring/roaring.hh>
#include <string>
#include <string_view>

#include "common/base/status.h"
#include "common/store/lexical_segment.h"

namespace freshet::store {

uint32_t Crc32c(std::string_view bytes, uint32_t crc = 0);

struct EncodedSegment {
  // `postings` and `positions` are lent: by the segment, and by the caller.
  std::string head, words, word_index, rows, row_index, fields;
  std::string_view postings, positions;

  std::array<std::string_view, 8> pieces() const {
    return {head, words, postings, rows, fields, row_index, word_index, positions};
  }
  uint64_t BodyBytes() const;
  uint32_t BodySum() const;
};

// Segments are named as Lucene does: "_" and a number in base 36.
EncodedSegment EncodeSegment(const LexicalSegment& segment, std::string_view name, std::string_view positions);

// Of the bytes before the positions. corrupt_store.
Result<std::shared_ptr<const LexicalSegment>> DecodeSegment(std::string_view body);

std::string EncodeDead(const Roaring& dead, size_t rows);
// corrupt_store.
Result<Roaring> DecodeDead(std::string_view bytes, size_t rows);

}  // namespace freshet::store

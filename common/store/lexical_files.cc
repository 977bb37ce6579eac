#include "common/store/lexical_files.h"

#include <nmmintrin.h>

#include <algorithm>

#include "common/store/lexical_files_layout.h"

namespace freshet::store {
namespace {

using namespace lexical_layout;  // NOLINT: internal, and all of it

std::string TermHeader(size_t words) {
  LexicalBytes header;
  header.PutBig32(kTermFormat);
  header.PutBig64(words);
  header.PutBig32(kIndexInterval);
  header.PutBig32(kNoSkipLists);
  header.PutBig32(kSkipLevels);
  return std::string(header.view());
}

// Writes entries of .tis or .tii, each relative to the one before.
class TermEncoder {
 public:
  explicit TermEncoder(std::string header) { bytes_.Put(header); }

  void Put(std::string_view text, uint32_t field, const LexicalTerm& term) {
    const auto [mine, theirs] = std::mismatch(text.begin(), text.end(), last_text_.begin(), last_text_.end());
    const size_t shared = static_cast<size_t>(mine - text.begin());
    bytes_.PutVint(shared);
    bytes_.PutVint(text.size() - shared);
    bytes_.Put(text.substr(shared));
    bytes_.PutVint(field);
    bytes_.PutVint(term.count);
    bytes_.PutVint(term.postings - last_.postings);
    bytes_.PutVint(term.positions - last_.positions);
    last_text_ = text;
    last_ = term;
  }
  LexicalBytes& bytes() { return bytes_; }

 private:
  LexicalBytes bytes_;
  std::string_view last_text_;
  LexicalTerm last_;
};

void EncodeTerms(const LexicalTerms& terms, EncodedSegment& out) {
  TermEncoder words(TermHeader(terms.size()));
  TermEncoder index(TermHeader((terms.size() + kIndexInterval - 1) / kIndexInterval));
  size_t last_pointer = 0;
  for (size_t i = 0; i < terms.size(); ++i) {
    if (i % kIndexInterval == 0) {
      if (i == 0) {
        index.Put("", kMinus1, {});
      } else {
        index.Put(terms.text(i - 1), kTextField, terms[i - 1]);
      }
      index.bytes().PutVint(words.bytes().size() - last_pointer);
      last_pointer = words.bytes().size();
    }
    words.Put(terms.text(i), kTextField, terms[i]);
  }
  out.words = words.bytes().view();
  out.word_index = index.bytes().view();
}

void EncodeRows(const LexicalSegment& segment, EncodedSegment& out) {
  LexicalBytes rows;
  LexicalBytes index;
  rows.PutBig32(kFieldsFormat);
  index.PutBig32(kFieldsFormat);
  for (size_t i = 0; i < segment.rows(); ++i) {
    index.PutBig64(rows.size());
    rows.PutVint(1);
    rows.PutVint(kRowField);
    rows.PutByte(kBinary);
    rows.PutVint(kRowBytes);
    rows.PutBig32(segment.chunks[i]);
    rows.PutBig32(segment.documents[i]);
    rows.PutBig32(segment.lengths[i]);
  }
  out.rows = rows.view();
  out.row_index = index.view();
}

std::string FieldNames() {
  LexicalBytes fields;
  fields.PutVint(kFieldNamesFormat);
  fields.PutVint(2);
  fields.PutVint(1);
  fields.Put("t");
  fields.PutByte(kIndexed | kOmitNorms);
  fields.PutVint(1);
  fields.Put("c");
  fields.PutByte(kOmitNorms);
  return std::string(fields.view());
}

// Offsets depend on the size of the head that names them: they are of fixed width, so that it is known beforehand.
std::string Head(const EncodedSegment& encoded, std::string_view name) {
  size_t offset = 1;
  for (const std::string_view extension : kExtensions) offset += 8 + 1 + name.size() + extension.size();
  const auto pieces = encoded.pieces();
  LexicalBytes head;
  head.PutVint(kExtensions.size());
  for (size_t i = 0; i < kExtensions.size(); ++i) {
    head.PutBig64(offset);
    head.PutVint(name.size() + kExtensions[i].size());
    head.Put(name);
    head.Put(kExtensions[i]);
    offset += pieces[i + 1].size();
  }
  return std::string(head.view());
}

}  // namespace

uint32_t Crc32c(std::string_view bytes, uint32_t crc) {
  uint64_t sum = ~crc;
  size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    uint64_t piece;
    std::memcpy(&piece, bytes.data() + at, 8);
    sum = _mm_crc32_u64(sum, piece);
  }
  for (; at < bytes.size(); ++at) {
    sum = _mm_crc32_u8(static_cast<uint32_t>(sum), static_cast<uint8_t>(bytes[at]));
  }
  return ~static_cast<uint32_t>(sum);
}

uint64_t EncodedSegment::BodyBytes() const {
  uint64_t bytes = 0;
  for (const std::string_view piece : pieces()) bytes += piece.size();
  return bytes - positions.size();
}

uint32_t EncodedSegment::BodySum() const {
  uint32_t crc = 0;
  const auto all = pieces();
  for (size_t i = 0; i + 1 < all.size(); ++i) crc = Crc32c(all[i], crc);
  return crc;
}

EncodedSegment EncodeSegment(const LexicalSegment& segment, std::string_view name, std::string_view positions) {
  EncodedSegment encoded;
  EncodeTerms(segment.terms, encoded);
  EncodeRows(segment, encoded);
  encoded.fields = FieldNames();
  encoded.postings = segment.postings.view();
  encoded.positions = positions;
  encoded.head = Head(encoded, name);
  return encoded;
}

std::string EncodeDead(const Roaring& dead, size_t rows) {
  LexicalBytes header;
  header.PutBig32(static_cast<uint32_t>(rows));
  header.PutBig32(static_cast<uint32_t>(dead.cardinality()));
  std::string bytes(header.view());
  bytes.resize(kDeadHeader + (rows + 7) / 8);
  for (const uint32_t row : dead) bytes[kDeadHeader + row / 8] |= static_cast<char>(1 << (row % 8));
  return bytes;
}

}  // namespace freshet::store

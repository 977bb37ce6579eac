#include "common/store/lexical_files.h"
#include "common/store/lexical_files_layout.h"

namespace freshet::store {
namespace {

using namespace lexical_layout;  // NOLINT: internal, and all of it

// The parts of a body by kExtensions; the last, the positions, is not in it.
bool SplitBody(std::string_view body, std::array<std::string_view, kExtensions.size() - 1>& parts) {
  LexicalByteReader reader(body);
  if (reader.Vint() != kExtensions.size()) return false;
  std::array<uint64_t, kExtensions.size()> offsets{};
  for (uint64_t& offset : offsets) {
    offset = reader.Big(8);
    reader.Bytes(reader.Vint());
  }
  if (!reader.ok() || offsets.back() != body.size()) return false;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (offsets[i] > offsets[i + 1]) return false;
    parts[i] = body.substr(offsets[i], offsets[i + 1] - offsets[i]);
  }
  return true;
}

bool DecodeTerms(std::string_view bytes, LexicalTerms& terms) {
  LexicalByteReader reader(bytes);
  if (reader.Big(4) != kTermFormat) return false;
  const uint64_t words = reader.Big(8);
  reader.Bytes(kTermHeader - 12);
  if (!reader.ok() || words > bytes.size()) return false;
  terms.Reserve(words, bytes.size());
  std::string text;
  LexicalTerm term;
  for (uint64_t i = 0; i < words && reader.ok(); ++i) {
    const uint64_t shared = reader.Vint();
    if (shared > text.size()) return false;
    text.resize(shared);
    text += reader.Bytes(reader.Vint());
    if (reader.Vint() != kTextField) return false;
    term.count = static_cast<uint32_t>(reader.Vint());
    term.postings += reader.Vint();
    term.positions += reader.Vint();
    terms.Append(text, term);
  }
  terms.Seal();
  return reader.ok() && reader.left() == 0;
}

bool DecodeRows(std::string_view bytes, LexicalSegment& segment) {
  if (bytes.size() < 4 || (bytes.size() - 4) % kStoredRowBytes != 0) return false;
  const size_t rows = (bytes.size() - 4) / kStoredRowBytes;
  segment.chunks.reserve(rows);
  segment.documents.reserve(rows);
  segment.lengths.reserve(rows);
  LexicalByteReader reader(bytes.substr(4));
  for (size_t i = 0; i < rows; ++i) {
    reader.Bytes(kStoredRowBytes - kRowBytes);
    const auto chunk = static_cast<uint32_t>(reader.Big(4));
    const auto document = static_cast<uint32_t>(reader.Big(4));
    segment.AddRow({ChunkOrdinal(chunk), DocumentOrdinal(document), static_cast<uint32_t>(reader.Big(4))});
  }
  return true;
}

}  // namespace

Result<std::shared_ptr<const LexicalSegment>> DecodeSegment(std::string_view body) {
  std::array<std::string_view, kExtensions.size() - 1> parts;
  if (!SplitBody(body, parts)) return Status(Code::kCorruptStore, "parts of a lexical segment");
  auto segment = std::make_shared<LexicalSegment>();
  if (!DecodeTerms(parts[0], segment->terms)) return Status(Code::kCorruptStore, "words of a lexical segment");
  if (!DecodeRows(parts[2], *segment)) return Status(Code::kCorruptStore, "rows of a lexical segment");
  segment->IndexRows();
  segment->postings.Reserve(parts[1].size());
  segment->postings.Put(parts[1]);
  if (!segment->IndexPostings()) return Status(Code::kCorruptStore, "postings of a lexical segment");
  return std::shared_ptr<const LexicalSegment>(std::move(segment));
}

Result<Roaring> DecodeDead(std::string_view bytes, size_t rows) {
  const Status corrupt(Code::kCorruptStore, "dead rows of a lexical segment");
  LexicalByteReader header(bytes);
  if (header.Big(4) != rows) return corrupt;
  const uint64_t count = header.Big(4);
  if (!header.ok() || header.left() != (rows + 7) / 8) return corrupt;
  Roaring dead;
  for (uint32_t row = 0; row < rows; ++row) {
    if ((bytes[kDeadHeader + row / 8] >> (row % 8) & 1) != 0) dead.add(row);
  }
  return dead.cardinality() == count ? Result(std::move(dead)) : corrupt;
}

}  // namespace freshet::store

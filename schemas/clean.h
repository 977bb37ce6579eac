// CleanDocument: text without PHI. The type is the boundary (DESIGN §4.1): only services/deid makes one, every other
// process gets one only from DecodeSealed, which checks the seal that deid put on it, and chunk, embed, index and query
// take nothing else. tests/compile_fail holds this.
//
//   Result<CleanDocument> clean = DecodeSealed(sealed, origin, keys);   // seal_mismatch where it was tampered with
//   clean->text().substr(block.begin, block.end - block.begin)
//
// Immutable and cheap to copy; may be read from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/keys.h"
#include "schemas/change.h"

namespace freshet {

struct Block {
  enum class Kind : uint8_t { kParagraph, kHeading, kListItem, kTableRow, kCode };
  Kind kind = Kind::kParagraph;
  uint32_t level = 0;        // of a heading, from 1; of a list item, its depth
  uint32_t begin = 0;        // byte in the text
  uint32_t end = 0;          // byte in the text, past the end
  std::string source_place;  // "page=3", "line=12": coordinates in the source, never content
};

// The fields of a clean document before it is one. Text is valid UTF-8; blocks are in order and do not overlap.
struct CleanFields {
  std::string text;
  std::string title;
  std::string uri;
  std::vector<Block> blocks;
  std::vector<Attribute> attributes;
  ScopeId access_scope;
  std::vector<PatientId> patients;  // HMACs
  Time effective;
  std::string policy;  // "safe_harbor@1"
};

// A clean document on the wire and in stores: body, and the HMAC over it and its coordinates.
struct SealedClean {
  std::string body;    // serialised v1::CleanDocument
  std::string seal;    // 32 bytes
  std::string key_id;  // of the seal key
};

namespace deid {
class CleanDocumentMaker;
}

class CleanDocument {
 public:
  const std::string& text() const { return fields_->text; }
  const std::string& title() const { return fields_->title; }
  const std::string& uri() const { return fields_->uri; }
  const std::vector<Block>& blocks() const { return fields_->blocks; }
  const std::vector<Attribute>& attributes() const { return fields_->attributes; }
  const ScopeId& access_scope() const { return fields_->access_scope; }
  const std::vector<PatientId>& patients() const { return fields_->patients; }
  Time effective() const { return fields_->effective; }
  const std::string& policy() const { return fields_->policy; }

  std::string_view TextOf(const Block& block) const {
    return std::string_view(fields_->text).substr(block.begin, block.end - block.begin);
  }
  // Bytes that this document holds in memory, for queues with a limit.
  size_t MemoryBytes() const;

 private:
  friend class deid::CleanDocumentMaker;
  friend Result<CleanDocument> DecodeSealed(const SealedClean&, const Origin&, const KeyRing&);

  explicit CleanDocument(CleanFields fields) : fields_(std::make_shared<const CleanFields>(std::move(fields))) {}

  std::shared_ptr<const CleanFields> fields_;
};

inline size_t MemoryBytes(const CleanDocument& clean) { return clean.MemoryBytes(); }

// Seals what is already a clean document; the coordinates in `origin` are bound into the seal.
SealedClean Seal(const CleanDocument& clean, const Origin& origin, const KeyRing& keys);

// seal_mismatch where the seal does not fit body and coordinates, key_missing where the ring has no such key,
// corrupt_record where the body cannot be read.
Result<CleanDocument> DecodeSealed(const SealedClean& sealed, const Origin& origin, const KeyRing& keys);

}  // namespace freshet

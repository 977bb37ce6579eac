// OffsetMap: which places of a clean text stand for which places of the text that it was made from, so that whoever may
// can go from a citation to what the source says there (DESIGN §8).
//
//   const OffsetMap map = OffsetMap::Of(parsed.text, clean.text, clean.edits);
//   for (const OffsetPiece& piece : map.Resolve({120, 140})) ...    // [120,131) as it is, [131,137) replaced a NAME
//
// Places count code points, as citations do (API.md); of the source, those of the text that its parser reads out of it.
// A map holds no content, but lengths of what was replaced: it is kept sealed (originals.h).
//
//   map   := 1 hash(16) kept names edits         hash: of the clean text; kept: code points behind the last edit
//   names := count label:bytes*                  edits := count (kept clean source name)*
//   numbers are varints (common/store/wire.h): code points that are the same in both since the edit before, those that
//   were put there, those that they stand for, and which of the names the kind of identifier has
//
// Plain values; any thread. Codes: corrupt_store of Decode.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/origin.h"
#include "common/base/status.h"
#include "services/deid/replace.h"

namespace freshet::deid {

// Code points [begin, end) of a text.
struct Place {
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const Place&) const = default;
};

struct OffsetPiece {
  Place clean;
  Place source;
  std::string label;  // "NAME": what was replaced; empty: the same text in both
  bool operator==(const OffsetPiece&) const = default;
};

class OffsetMap {
 public:
  // `edits` are what Replace did to `source` to make `clean`; both are valid UTF-8.
  static OffsetMap Of(std::string_view source, std::string_view clean, std::span<const Edit> edits);
  static Result<OffsetMap> Decode(std::string_view bytes);
  std::string Encode() const;

  // Whether `clean` is the very text that this map is of.
  bool IsOf(std::string_view clean) const { return HashOf(clean) == clean_hash_; }
  // In order and without gaps on both sides: what is the same, cut to `clean`; what was replaced, whole, where any of
  // it is in `clean`, or where it left nothing behind. Empty where `clean` is.
  std::vector<OffsetPiece> Resolve(const Place& clean) const;

  size_t clean_size() const { return clean_size_; }
  size_t source_size() const { return source_size_; }

 private:
  struct Step {
    size_t kept = 0;
    size_t clean = 0;
    size_t source = 0;
    size_t name = 0;
  };
  void Count();

  Hash128 clean_hash_{};
  std::vector<std::string> names_;
  std::vector<Step> steps_;
  size_t tail_ = 0;
  size_t clean_size_ = 0;
  size_t source_size_ = 0;
};

// The map of a document's clean text, of one version and run.
struct MappedDocument {
  Origin origin;
  OffsetMap map;
};

}  // namespace freshet::deid

// ChunkedDocument and EmbeddedDocument: a clean document with the places of its chunks, then with their vectors.
//
//   std::string_view text = TextOf(document, chunk);
//   std::string context = ContextHeader(document.clean, chunk);   // "Falls policy > Assessment"
//
// Chunks carry no text of their own: whatever is embedded, indexed or shown is read from the sealed document.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "schemas/clean.h"

namespace freshet {

struct Chunk {
  uint32_t byte_begin = 0;
  uint32_t byte_end = 0;
  uint32_t place_begin = 0;  // code points
  uint32_t place_end = 0;
  uint32_t block = 0;             // the first block it covers
  std::vector<uint32_t> section;  // heading blocks above it, outermost first; within a table, last, its header row
  uint32_t tokens = 0;            // of the embedding model, context header included
  Hash128 hash{};                 // of EmbeddedText: equal hashes, equal vectors
  uint32_t occurrence = 0;        // of this hash in the document, from 0
};

struct ChunkedDocument {
  CleanDocument clean;
  std::shared_ptr<const std::vector<Chunk>> chunks;
  std::string chunker;  // name, version and token counter: "structure@1/words"
};

struct EmbeddedDocument {
  ChunkedDocument chunked;
  std::string model;  // "hashing-384", "all-MiniLM-L6-v2"
  uint32_t dimensions = 0;
  // binary16, chunk after chunk, each of unit length; null where there are no vectors for now.
  std::shared_ptr<const std::vector<uint16_t>> vectors;
};

std::string_view TextOf(const CleanDocument& clean, const Chunk& chunk);

// The titles of the sections above a chunk, outermost first.
std::vector<std::string_view> SectionOf(const CleanDocument& clean, const Chunk& chunk);

// What is embedded before a chunk's own text: title, section path, effective date (as shifted), those that exist, as
// "Falls policy > Assessment (2026-01-31)". A first heading that repeats the title is left out.
// At most kMaxContextBytes, so that a model's limit leaves room for the text: a title or section is cut after 120
// bytes, and where the path is still too long its outer sections go first.
inline constexpr size_t kMaxContextBytes = 384;
std::string ContextHeader(const CleanDocument& clean, const Chunk& chunk);

// Context header, newline, text, or the text alone where there is no header: what the model sees and `hash` is of.
std::string EmbeddedText(const CleanDocument& clean, const Chunk& chunk);

size_t MemoryBytes(const ChunkedDocument& document);
size_t MemoryBytes(const EmbeddedDocument& document);

}  // namespace freshet

// VectorIndex: nearest vectors of one collection's chunks by cosine, as of a commit. Derived data in memory; the
// vectors themselves lie with the owner, who lends them for exact rescoring.
//
//   index->Add({.chunk = chunk, .document = document, .commit = 7}, half);
//   std::vector<Hit> hits = index->Search({.vector = query, .count = 10, .commit = 7, .rescore = lend});
//   index->Remove(chunk, 9);     // searches at commit 9 and later no longer find it
//   index->Sweep(9);             // no search asks for a commit below 9 any more: dead entries go
//
// Visibility: an entry is found at commit n where added <= n < removed. Vectors are of unit length, so that a dot
// product is the cosine. Threads: Add, Remove, Load and Sweep from one writer thread; Search, and the rest, from any,
// and neither side waits for the other but for moments. Codes: invalid_argument (a vector of another length).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/store/function_ref.h"
#include "common/store/view.h"

namespace freshet::store {

struct VectorEntry {
  ChunkOrdinal chunk;
  DocumentOrdinal document;
  uint64_t commit = 0;  // that adds it
};

// The owner calls `give(i, vector)` for each of `chunks` that it has, with the binary16 vector of chunks[i]; what it
// does not give is no hit.
using GiveVector = FunctionRef<void(size_t index, std::span<const uint16_t> half)>;
using RescoreVectors = FunctionRef<void(std::span<const ChunkOrdinal> chunks, GiveVector give)>;

struct VectorQuery {
  std::span<const float> vector;
  size_t count = 10;
  uint64_t commit = UINT64_MAX;
  const Filter::Bitmap* documents = nullptr;                // null: all
  double share = 1;                                         // of all documents that `documents` lets through
  FunctionRef<bool(ChunkOrdinal, DocumentOrdinal)> live{};  // null: all; asked only of candidates
  RescoreVectors rescore{};                                 // null: scores of the 8-bit codes, off by up to .01
};

class VectorIndex {
 public:
  virtual ~VectorIndex() = default;

  // A chunk that is in already, at whatever commit, is left as it is: replays change nothing.
  virtual Status Add(const VectorEntry& entry, std::span<const uint16_t> half) = 0;
  // Of an entry that is not in, or removed already: nothing happens.
  virtual void Remove(ChunkOrdinal chunk, uint64_t commit) = 0;
  // Room for `entries` more, before a bulk load by Add.
  virtual void Reserve(size_t entries) = 0;
  // Drops entries removed at or below `oldest_commit`, the oldest that a search may still ask for. How many.
  virtual size_t Sweep(uint64_t oldest_commit) = 0;

  // The best `count` visible entries by cosine, best first, ties by ascending chunk.
  virtual std::vector<Hit> Search(const VectorQuery& query) const = 0;

  virtual uint32_t dimensions() const = 0;
  virtual size_t entries() const = 0;  // dead ones that no Sweep took yet among them
  virtual size_t MemoryBytes() const = 0;
};

}  // namespace freshet::store

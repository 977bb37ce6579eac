// Plan: the distinct texts of a batch of documents, what is known of each, and each document's vectors in the end.
//
//   Plan plan(batch, 384);   plan.distinct() hashes, each once, whatever documents they stand in
//
// Internal to the embed stage. One thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "schemas/chunked.h"

namespace freshet::embed {

class Plan {
 public:
  Plan(std::span<const ChunkedDocument* const> documents, uint32_t dimensions);

  size_t chunks() const { return chunks_; }
  std::span<const Hash128> hashes() const { return hashes_; }
  size_t distinct() const { return hashes_.size(); }

  // The text that a distinct hash is of.
  std::string TextOf(size_t distinct) const;
  uint32_t TokensOf(size_t distinct) const { return ChunkOf(distinct).tokens; }

  bool known(size_t distinct) const { return known_[distinct]; }
  std::span<const uint16_t> VectorOf(size_t distinct) const;
  void SetVector(size_t distinct, std::span<const uint16_t> halves);

  // Why it has no vector.
  void SetFailure(size_t distinct, Status status) { failed_[distinct] = std::move(status); }
  // What becomes of the document for what its chunks met: what needs an operator before what is given up, and that
  // before what is tried again. Ok where every chunk has its vector.
  Status FailureOf(size_t document) const;

  // Nothing where a chunk of the document has no vector.
  std::shared_ptr<const std::vector<uint16_t>> VectorsOf(size_t document) const;

 private:
  struct Place {
    uint32_t document;
    uint32_t chunk;
  };

  const Chunk& ChunkOf(size_t distinct) const {
    return (*documents_[first_[distinct].document]->chunks)[first_[distinct].chunk];
  }

  std::vector<const ChunkedDocument*> documents_;
  uint32_t dimensions_;
  size_t chunks_ = 0;
  std::vector<Hash128> hashes_;                     // distinct
  std::vector<Place> first_;                        // of each distinct hash
  std::vector<std::vector<uint32_t>> distinct_of_;  // by document and chunk
  std::vector<bool> known_;
  std::vector<Status> failed_;
  std::vector<uint16_t> vectors_;  // of the distinct
};

}  // namespace freshet::embed

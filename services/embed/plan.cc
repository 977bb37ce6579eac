#include "services/embed/plan.h"

#include <algorithm>
#include <cstring>
#include <unordered_map>

namespace freshet::embed {
namespace {

struct HashOfHash {
  size_t operator()(const Hash128& hash) const {
    size_t bytes = 0;
    std::memcpy(&bytes, hash.data(), sizeof bytes);
    return bytes;
  }
};

}  // namespace

Plan::Plan(std::span<const ChunkedDocument* const> documents, uint32_t dimensions)
    : documents_(documents.begin(), documents.end()), dimensions_(dimensions), distinct_of_(documents.size()) {
  std::unordered_map<Hash128, uint32_t, HashOfHash> seen;
  for (uint32_t d = 0; d < documents_.size(); ++d) {
    const std::vector<Chunk>& chunks = *documents_[d]->chunks;
    for (uint32_t c = 0; c < chunks.size(); ++c) {
      const auto [at, is_new] = seen.try_emplace(chunks[c].hash, static_cast<uint32_t>(hashes_.size()));
      if (is_new) {
        hashes_.push_back(chunks[c].hash);
        first_.push_back({d, c});
      }
      distinct_of_[d].push_back(at->second);
    }
    chunks_ += chunks.size();
  }
  known_.resize(hashes_.size());
  failed_.resize(hashes_.size());
  vectors_.resize(hashes_.size() * dimensions_);
}

std::string Plan::TextOf(size_t distinct) const {
  return EmbeddedText(documents_[first_[distinct].document]->clean, ChunkOf(distinct));
}

std::span<const uint16_t> Plan::VectorOf(size_t distinct) const {
  return std::span(vectors_).subspan(distinct * dimensions_, dimensions_);
}

void Plan::SetVector(size_t distinct, std::span<const uint16_t> halves) {
  std::copy(halves.begin(), halves.end(), &vectors_[distinct * dimensions_]);
  known_[distinct] = true;
}

Status Plan::FailureOf(size_t document) const {
  const auto weight = [](const Status& status) {
    if (status.ok()) return 0;
    const Disposition disposition = DispositionOf(status.code());
    return disposition == Disposition::kHalt ? 3 : disposition == Disposition::kSkip ? 2 : 1;
  };
  Status worst;
  for (const uint32_t distinct : distinct_of_[document]) {
    if (!known_[distinct] && weight(failed_[distinct]) > weight(worst)) worst = failed_[distinct];
  }
  return worst;
}

std::shared_ptr<const std::vector<uint16_t>> Plan::VectorsOf(size_t document) const {
  auto vectors = std::make_shared<std::vector<uint16_t>>();
  vectors->reserve(distinct_of_[document].size() * dimensions_);
  for (const uint32_t distinct : distinct_of_[document]) {
    if (!known_[distinct]) return nullptr;
    const auto row = VectorOf(distinct);
    vectors->insert(vectors->end(), row.begin(), row.end());
  }
  return vectors;
}

}  // namespace freshet::embed

// The bodies of `/v1/embeddings` (http_embedder.h): a request's, and what is read out of a response's. Free functions.
#pragma once

#include <string>

#include "common/model/embedder.h"

namespace freshet::model {

struct HttpAnswer {
  EmbeddingBatch batch;
  uint64_t tokens = 0;
};

std::string EmbeddingRequest(std::string_view model, std::span<const std::string_view> texts);

// One vector of length 1 for each of so many texts, in their order. configuration: vectors of other dimensions;
// internal_error: not what the interface says, or a vector without a direction.
Result<HttpAnswer> ParseEmbeddings(std::string_view body, size_t texts, uint32_t dimensions);

}  // namespace freshet::model

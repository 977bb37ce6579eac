// Makes the embedder and the token counter that a configuration names.
//
//   FRESHET_ASSIGN_OR_RETURN(auto embedder, model::MakeEmbedder({.kind = "encoder"}));
//
// There is no default and no fallback: a kind that is not known is a configuration error that lists the known ones, and
// a model whose files are absent is model_missing.
#pragma once

#include <memory>
#include <string>

#include "common/model/embedder.h"
#include "common/model/encoder.h"
#include "common/model/http_embedder.h"
#include "common/model/token_counter.h"

namespace freshet::model {

struct EmbedderOptions {
  // "encoder": a sentence-transformers BERT model in this process
  // "http": a model behind an OpenAI-compatible server; its tokens are counted as words
  // "hashing": 384 dimensions, for tests and measurements that do not judge quality
  std::string kind;
  EncoderOptions encoder;    // where kind is "encoder"
  HttpEmbedderOptions http;  // where kind is "http"
};

// configuration, model_missing.
Result<std::unique_ptr<Embedder>> MakeEmbedder(const EmbedderOptions& options);

// The counter whose tokens are the model's own, or the nearest approximation. configuration, model_missing.
Result<std::unique_ptr<TokenCounter>> MakeTokenCounter(const EmbedderOptions& options);

}  // namespace freshet::model

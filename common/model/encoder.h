// EncoderEmbedder: a sentence-transformers BERT model, computed in this process.
//
//   FRESHET_ASSIGN_OR_RETURN(auto encoder, EncoderEmbedder::Make({.model_dir = "models/all-MiniLM-L6-v2"}));
//   FRESHET_ASSIGN_OR_RETURN(EmbeddingBatch batch, encoder->Embed(texts));     // cosine = dot product
//
// The directory holds config.json, model.safetensors, vocab.txt or tokenizer.json, and what sentence-transformers adds
// (bert_config.h lists what is read). A text is cut at max_tokens; the empty text has a vector too. The name is made of
// what the model's makers call it and a checksum of all that vectors depend on, so that two directories with the same
// files have one name, and a changed file another. Precision is not in it: bf16 vectors are within 2e-4 (1 - cosine) of
// f32's. Any thread. Codes: model_missing (path and what is wrong), configuration, from Make; internal_error.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "common/model/embedder.h"
#include "common/model/encoder_batches.h"
#include "common/model/encoder_engine.h"
#include "common/model/safetensors.h"
#include "common/model/wordpiece.h"

namespace freshet::model {

struct EncoderOptions {
  std::filesystem::path model_dir;  // empty: where FindModelDir finds one
  Precision precision = Precision::kAuto;
  uint32_t threads = 0;       // that compute at once, each a batch of its own; 0: one for each processor
  uint32_t max_tokens = 256;  // of a text, [CLS] and [SEP] included; the model's own limit where that is less
};

class EncoderEmbedder final : public Embedder {
 public:
  static Result<std::unique_ptr<EncoderEmbedder>> Make(const EncoderOptions& options);

  std::string_view name() const override { return name_; }
  uint32_t dimensions() const override { return engine_->dimensions(); }
  std::vector<uint32_t> TokenIds(std::string_view text) const override;

  const EncoderEngine& engine() const { return *engine_; }
  uint32_t max_tokens() const { return max_tokens_; }
  // What Embed gives the engine for a text.
  TokenRow RowOf(std::string_view text) const;

 protected:
  Result<EmbeddingBatch> Compute(std::span<const std::string_view> texts, Priority priority) const override;

 private:
  EncoderEmbedder() = default;

  std::string name_;
  uint32_t max_tokens_ = 0;
  std::unique_ptr<WordPiece> tokenizer_;
  std::unique_ptr<SafetensorsFile> weights_;  // outlives the engine, which computes with its memory
  std::unique_ptr<EncoderEngine> engine_;
};

// The counter of the model's own tokens; needs no weights. model_missing.
Result<std::unique_ptr<TokenCounter>> MakeEncoderCounter(const EncoderOptions& options);

}  // namespace freshet::model

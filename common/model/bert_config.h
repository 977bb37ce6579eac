// BertConfig: what a sentence-transformers model directory says about its model.
//
//   FRESHET_ASSIGN_OR_RETURN(BertConfig config, ReadBertConfig("models/all-MiniLM-L6-v2"));
//
// | file | what is read | absent |
// |---|---|---|
// | config.json | sizes, activation; model_type bert with absolute positions | model_missing |
// | modules.json | Transformer, Pooling, Normalize and no others | mean pooling |
// | <pooling>/config.json | mean or CLS | mean pooling |
// | sentence_bert_config.json | max_seq_length | the positions of config.json |
// | tokenizer_config.json | that the tokenizer is BERT's uncased one | it is |
//
// Codes: model_missing, with the path and what is wrong: a model that would be computed wrongly is refused, not tried.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "common/base/status.h"

namespace freshet::model {

enum class Activation : uint8_t { kGelu, kGeluTanh, kRelu };
enum class Pooling : uint8_t { kMean, kFirst };  // over the tokens, or of [CLS]

struct BertConfig {
  std::string label;  // what its makers call it, for names: "MiniLM-L6-H384-uncased"
  uint32_t hidden = 0;
  uint32_t layers = 0;
  uint32_t heads = 0;
  uint32_t intermediate = 0;
  uint32_t vocabulary = 0;
  uint32_t positions = 0;
  uint32_t token_types = 0;
  float norm_epsilon = 0;
  Activation activation = Activation::kGelu;
  Pooling pooling = Pooling::kMean;
  uint32_t max_tokens = 0;  // that the model takes, its special tokens included

  bool operator==(const BertConfig&) const = default;
  // Of everything that vectors depend on, for checksums.
  std::string Fingerprint() const;
};

Result<BertConfig> ReadBertConfig(const std::filesystem::path& directory);

// "model.safetensors", "vocab.txt" of the directory; model_missing with the path where there is none.
Result<std::filesystem::path> ModelFile(const std::filesystem::path& directory, const char* name);

}  // namespace freshet::model

#include "common/model/testing/tiny_bert.h"

#include <bit>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "common/model/half.h"

namespace freshet::model {
namespace {

uint16_t Bfloat16(float value) { return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16); }

// What is left of a number in the type.
float Rounded(float value, const std::string& type) {
  if (type == "F16") return FloatFromHalf(HalfFromFloat(value));
  // By arithmetic: GCC 12 takes a mask of a float's lower bits away.
  int exponent = 0;
  if (type == "BF16") return std::ldexp(std::trunc(std::ldexp(std::frexp(value, &exponent), 8)), exponent - 8);
  return value;
}

void Append(std::string& out, float value, const std::string& type) {
  const uint32_t bits = type == "F16"    ? HalfFromFloat(value)
                        : type == "BF16" ? Bfloat16(value)
                                         : std::bit_cast<uint32_t>(value);
  out.append(reinterpret_cast<const char*>(&bits), type == "F32" ? 4 : 2);
}

void WriteFile(const std::filesystem::path& path, const std::string& content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

}  // namespace

const std::vector<std::string>& TinyBert::Subwords() {
  static const std::vector<std::string> words = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "fever", "##s", "pain",
                                                 "in",    "the",   "chest", ".",     "5",      "mg",    "a",   "##b"};
  return words;
}

TinyBert::TinyBert(TinyBertOptions options) : options_(std::move(options)) {
  const uint64_t words = Subwords().size();
  Add("embeddings.word_embeddings.weight", {words, kHidden}, 0, 1);
  Add("embeddings.position_embeddings.weight", {kPositions, kHidden}, 0, 1);
  Add("embeddings.token_type_embeddings.weight", {kTypes, kHidden}, 0, 1);
  Add("embeddings.LayerNorm.weight", {kHidden}, 1, 0.2f);
  Add("embeddings.LayerNorm.bias", {kHidden}, 0, 0.2f);
  const auto linear = [&](const std::string& name, uint64_t to, uint64_t from) {
    Add(name + ".weight", {to, from}, 0, 0.7f);
    Add(name + ".bias", {to}, 0, 0.5f);
  };
  for (uint32_t layer = 0; layer < options_.layers; ++layer) {
    const std::string name = "encoder.layer." + std::to_string(layer) + ".";
    for (const char* part : {"query", "key", "value"}) linear(name + "attention.self." + part, kHidden, kHidden);
    linear(name + "attention.output.dense", kHidden, kHidden);
    linear(name + "intermediate.dense", kWide, kHidden);
    linear(name + "output.dense", kHidden, kWide);
    for (const char* part : {"attention.output.LayerNorm", "output.LayerNorm"}) {
      Add(name + part + ".weight", {kHidden}, 1, 0.2f);
      Add(name + part + ".bias", {kHidden}, 0, 0.2f);
    }
  }
}

void TinyBert::Add(const std::string& name, std::vector<uint64_t> shape, float around, float width) {
  std::mt19937 random(static_cast<uint32_t>(weights_.size() + 1));
  size_t count = 1;
  for (const uint64_t size : shape) count *= size;
  Weights weights{.shape = std::move(shape)};
  for (size_t i = 0; i < count; ++i) {
    const float value = around + width * std::uniform_real_distribution<float>(-1, 1)(random);
    weights.values.push_back(Rounded(value, options_.type));
  }
  weights_[name] = std::move(weights);
}

std::string TinyBert::Tensors() const {
  nlohmann::json header;
  std::string data;
  for (const auto& [name, weights] : weights_) {
    const size_t begin = data.size();
    for (const float value : weights.values) Append(data, value, options_.type);
    header[options_.prefix + name] = {
        {"dtype", options_.type}, {"shape", weights.shape}, {"data_offsets", {begin, data.size()}}};
  }
  header["__metadata__"] = {{"format", "pt"}};
  const std::string text = header.dump() + std::string(options_.header_padding, ' ');
  const uint64_t size = text.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof size) + text + data;
}

std::string TinyBert::Config() const {
  return nlohmann::json{{"_name_or_path", "makers/Tiny-BERT"},
                        {"model_type", "bert"},
                        {"hidden_size", kHidden},
                        {"num_hidden_layers", options_.layers},
                        {"num_attention_heads", kHeads},
                        {"intermediate_size", kWide},
                        {"vocab_size", Subwords().size()},
                        {"max_position_embeddings", kPositions},
                        {"type_vocab_size", kTypes},
                        {"layer_norm_eps", kEpsilon},
                        {"hidden_act", options_.activation}}
      .dump();
}

void TinyBert::Write(const std::filesystem::path& directory) const {
  std::filesystem::remove_all(directory);
  WriteFile(directory / "config.json", Config());
  WriteFile(directory / "model.safetensors", Tensors());
  const std::string kind = "sentence_transformers.models.";
  WriteFile(directory / "modules.json", nlohmann::json{{{"path", ""}, {"type", kind + "Transformer"}},
                                                       {{"path", "1_Pooling"}, {"type", kind + "Pooling"}}}
                                            .dump());
  WriteFile(directory / "1_Pooling" / "config.json", nlohmann::json{{"pooling_mode_cls_token", !options_.mean},
                                                                    {"pooling_mode_mean_tokens", options_.mean},
                                                                    {"pooling_mode_max_tokens", false}}
                                                         .dump());
  WriteFile(directory / "sentence_bert_config.json", R"({"max_seq_length": 32})");
  std::string lines;
  nlohmann::json vocabulary;
  for (const std::string& word : Subwords()) {
    vocabulary[word] = vocabulary.size();
    lines += word + "\n";
  }
  if (options_.vocabulary_lines) return WriteFile(directory / "vocab.txt", lines);
  WriteFile(directory / "tokenizer.json",
            nlohmann::json{{"normalizer", {{"type", "BertNormalizer"}, {"lowercase", true}}},
                           {"model", {{"type", "WordPiece"}, {"vocab", vocabulary}}}}
                .dump());
}

}  // namespace freshet::model

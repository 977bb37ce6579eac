#include "common/model/bert_config.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace freshet::model {
namespace {

using Json = nlohmann::json;
using Path = std::filesystem::path;

constexpr uint32_t kMostLayers = 64;
constexpr uint32_t kLargest = 1u << 20;  // of any size: far above every model, far below what overflows

Status Wrong(const Path& path, const std::string& what) {
  return Status(Code::kModelMissing, path.string() + ": " + what);
}

// Null where there is no such file and that is allowed.
enum class Absence : uint8_t { kAllowed, kError };
Result<Json> ReadJson(const Path& path, Absence absence) {
  std::ifstream file(path, std::ios::binary);
  if (!file && absence == Absence::kAllowed && !std::filesystem::exists(path)) return Json();
  if (!file) return Wrong(path, "is not there or cannot be read");
  Json json = Json::parse(file, nullptr, /*allow_exceptions=*/false);
  if (!json.is_structured()) return Wrong(path, "is no JSON");
  return json;
}

Status ReadSize(const Path& path, const Json& json, const char* key, uint32_t& out) {
  const auto at = json.find(key);
  if (at == json.end() || !at->is_number_unsigned() || *at == 0u || *at > kLargest) {
    return Wrong(path, std::string(key) + " is no size");
  }
  out = at->get<uint32_t>();
  return OkStatus();
}

std::string TextOf(const Json& json, const char* key, std::string_view otherwise) {
  const auto at = json.find(key);
  return at != json.end() && at->is_string() ? at->get<std::string>() : std::string(otherwise);
}

bool FlagOf(const Json& json, const char* key, bool otherwise) {
  const auto at = json.find(key);
  return at != json.end() && at->is_boolean() ? at->get<bool>() : otherwise;
}

// The last part of a repository's name, of characters that any file name may have.
std::string LabelOf(const Json& json) {
  std::string name = TextOf(json, "_name_or_path", "");
  while (name.ends_with('/')) name.pop_back();
  name.erase(0, name.rfind('/') + 1);
  std::erase_if(
      name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.'; });
  return name.empty() || name.size() > 64 ? "bert" : name;
}

Status ReadTransformer(const Path& directory, BertConfig& out) {
  const Path path = directory / "config.json";
  FRESHET_ASSIGN_OR_RETURN(const Json json, ReadJson(path, Absence::kError));
  if (!json.is_object()) return Wrong(path, "is no JSON object");
  if (const std::string type = TextOf(json, "model_type", ""); type != "bert") {
    return Wrong(path, "model_type is not bert, the one kind of model that can be run");
  }
  if (TextOf(json, "position_embedding_type", "absolute") != "absolute") {
    return Wrong(path, "position_embedding_type is not absolute");
  }
  const std::pair<const char*, uint32_t*> sizes[] = {
      {"hidden_size", &out.hidden},          {"num_hidden_layers", &out.layers},
      {"num_attention_heads", &out.heads},   {"intermediate_size", &out.intermediate},
      {"vocab_size", &out.vocabulary},       {"max_position_embeddings", &out.positions},
      {"type_vocab_size", &out.token_types},
  };
  for (const auto& [key, size] : sizes) FRESHET_RETURN_IF_ERROR(ReadSize(path, json, key, *size));
  if (out.hidden % out.heads != 0) return Wrong(path, "hidden_size is no multiple of num_attention_heads");
  if (out.layers > kMostLayers) return Wrong(path, "num_hidden_layers is over " + std::to_string(kMostLayers));
  const Json epsilon = json.value("layer_norm_eps", Json(1e-12));
  out.norm_epsilon = epsilon.is_number() ? epsilon.get<float>() : 0;
  if (!(out.norm_epsilon > 0 && out.norm_epsilon < 1)) return Wrong(path, "layer_norm_eps is no small number");
  const std::string activation = TextOf(json, "hidden_act", "gelu");
  if (activation == "gelu")
    out.activation = Activation::kGelu;
  else if (activation == "gelu_new" || activation == "gelu_pytorch_tanh")
    out.activation = Activation::kGeluTanh;
  else if (activation == "relu")
    out.activation = Activation::kRelu;
  else
    return Wrong(path, "hidden_act is neither gelu, gelu_new nor relu");
  out.label = LabelOf(json);
  return OkStatus();
}

Status ReadPooling(const Path& path, BertConfig& out) {
  FRESHET_ASSIGN_OR_RETURN(const Json json, ReadJson(path, Absence::kAllowed));
  if (json.is_null()) return OkStatus();
  if (!json.is_object()) return Wrong(path, "is no JSON object");
  const bool mean = FlagOf(json, "pooling_mode_mean_tokens", false),
             first = FlagOf(json, "pooling_mode_cls_token", false);
  int modes = 0;
  for (const auto& [key, value] : json.items())
    modes += key.starts_with("pooling_mode_") && value == Json(true) ? 1 : 0;
  if (modes != 1 || mean == first) return Wrong(path, "pools neither by the mean nor by the first token alone");
  out.pooling = mean ? Pooling::kMean : Pooling::kFirst;
  return OkStatus();
}

// Vectors get unit length here whether the model asks for it (Normalize) or not: cosines are all that is compared.
Status ReadModules(const Path& directory, BertConfig& out) {
  const Path path = directory / "modules.json";
  FRESHET_ASSIGN_OR_RETURN(const Json json, ReadJson(path, Absence::kAllowed));
  if (json.is_null()) return OkStatus();
  if (!json.is_array()) return Wrong(path, "is no JSON list");
  for (const Json& module : json) {
    const std::string type = module.is_object() ? TextOf(module, "type", "") : "";
    const std::string kind = type.substr(type.rfind('.') + 1),
                      at = module.is_object() ? TextOf(module, "path", "") : "";
    if (at.find("..") != std::string::npos || at.starts_with('/'))
      return Wrong(path, "has a module outside of the model");
    if (kind == "Pooling")
      FRESHET_RETURN_IF_ERROR(ReadPooling(directory / at / "config.json", out));
    else if (kind == "Transformer" && !at.empty())
      return Wrong(path, "keeps its Transformer in a folder of its own");
    else if (kind != "Transformer" && kind != "Normalize")
      return Wrong(path, "has a module that cannot be run: " + kind.substr(0, 40));
  }
  return OkStatus();
}

Status ReadLimits(const Path& directory, BertConfig& out) {
  const Path path = directory / "sentence_bert_config.json";
  FRESHET_ASSIGN_OR_RETURN(const Json json, ReadJson(path, Absence::kAllowed));
  out.max_tokens = out.positions;
  const Json limit = json.is_object() ? json.value("max_seq_length", Json()) : Json();
  if (limit.is_number_unsigned()) out.max_tokens = std::min<uint64_t>(out.positions, limit.get<uint64_t>());
  if (out.max_tokens < 3) return Wrong(path, "max_seq_length leaves no room for a word");
  return OkStatus();
}

Status CheckTokenizer(const Path& directory) {
  const Path path = directory / "tokenizer_config.json";
  FRESHET_ASSIGN_OR_RETURN(const Json json, ReadJson(path, Absence::kAllowed));
  if (!json.is_object()) return OkStatus();
  const bool uncased = FlagOf(json, "do_lower_case", true) && FlagOf(json, "strip_accents", true) &&
                       FlagOf(json, "tokenize_chinese_chars", true);
  if (!uncased) return Wrong(path, "the tokenizer is not BERT's uncased one");
  return OkStatus();
}

}  // namespace

std::string BertConfig::Fingerprint() const {
  std::string text;
  for (const uint64_t number : {hidden, layers, heads, intermediate, vocabulary, positions, token_types, max_tokens,
                                static_cast<uint32_t>(activation), static_cast<uint32_t>(pooling)}) {
    text += std::to_string(number) + " ";
  }
  return text + std::to_string(norm_epsilon * 1e12f);
}

Result<BertConfig> ReadBertConfig(const Path& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) return Wrong(directory, "there is no such model directory");
  BertConfig config;
  FRESHET_RETURN_IF_ERROR(ReadTransformer(directory, config));
  FRESHET_RETURN_IF_ERROR(ReadModules(directory, config));
  FRESHET_RETURN_IF_ERROR(ReadLimits(directory, config));
  FRESHET_RETURN_IF_ERROR(CheckTokenizer(directory));
  return config;
}

Result<Path> ModelFile(const Path& directory, const char* name) {
  const Path path = directory / name;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return Wrong(path, "is not there");
  return path;
}

}  // namespace freshet::model

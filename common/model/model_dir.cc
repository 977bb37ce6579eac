#include "common/model/model_dir.h"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "common/base/bytes.h"

namespace freshet::model {
namespace {

using Json = nlohmann::json;
using Path = std::filesystem::path;

constexpr size_t kMostSubwords = 10'000'000;

Status Wrong(const Path& path, const std::string& what) {
  return Status(Code::kModelMissing, path.string() + ": " + what);
}

Result<std::string> ReadFile(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Wrong(path, "cannot be read");
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return std::move(bytes).str();
}

bool IsUncased(const Json& tokenizer) {
  const Json normalizer = tokenizer.value("normalizer", Json());
  return normalizer.is_object() && normalizer.value("type", Json()) == "BertNormalizer" &&
         normalizer.value("lowercase", Json(true)) == Json(true) &&
         normalizer.value("strip_accents", Json()) != Json(false) &&
         normalizer.value("handle_chinese_chars", Json(true)) == Json(true);
}

// {"model": {"type": "WordPiece", "vocab": {sub-word: id}}} as lines in the order of the ids.
Result<std::string> LinesOf(const Path& path) {
  FRESHET_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  const Json json = Json::parse(bytes, nullptr, /*allow_exceptions=*/false);
  const Json model = json.is_object() ? json.value("model", Json()) : Json();
  const Json vocabulary = model.is_object() ? model.value("vocab", Json()) : Json();
  if (!vocabulary.is_object() || vocabulary.size() > kMostSubwords || model.value("type", Json()) != "WordPiece") {
    return Wrong(path, "holds no WordPiece vocabulary");
  }
  if (!IsUncased(json)) return Wrong(path, "is not BERT's uncased tokenizer");
  std::vector<const std::string*> lines(vocabulary.size());
  for (const auto& [line, id] : vocabulary.get_ref<const Json::object_t&>()) {
    const bool in_place = id.is_number_unsigned() && id.get<uint64_t>() < lines.size();
    if (!in_place || lines[id.get<uint64_t>()] != nullptr || line.find('\n') != std::string::npos) {
      return Wrong(path, "has a vocabulary whose ids are not the numbers from 0 on, each once");
    }
    lines[id.get<uint64_t>()] = &line;
  }
  std::string out;
  for (const std::string* line : lines) out += *line + "\n";
  return out;
}

}  // namespace

std::vector<Path> ModelDirsBeside(const Path& bin) {
  const Path prefix = bin.parent_path();
  return {prefix / "share" / "freshet" / "models" / kDefaultModel, prefix.parent_path() / "deps" / kDefaultModel};
}

Path FindModelDir(const Path& configured) {
  if (!configured.empty()) return configured;
  const char* const named = std::getenv("FRESHET_MODEL_DIR");
  if (named != nullptr && *named != '\0') return named;
  std::error_code error;
  const std::vector<Path> places =
      ModelDirsBeside(std::filesystem::read_symlink("/proc/self/exe", error).parent_path());
  for (const Path& place : places) {
    if (std::filesystem::is_directory(place, error)) return place;
  }
  return places.back();
}

Result<ModelTokenizer> LoadTokenizer(const Path& directory) {
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) return Wrong(directory, "there is no such model directory");
  Path path = directory / "vocab.txt";
  const bool lines_only = std::filesystem::exists(path, error);
  if (!lines_only) path = directory / "tokenizer.json";
  if (!std::filesystem::exists(path, error)) return Wrong(directory, "there is neither vocab.txt nor tokenizer.json");
  FRESHET_ASSIGN_OR_RETURN(const std::string lines, lines_only ? ReadFile(path) : LinesOf(path));
  Result<Vocabulary> vocabulary = Vocabulary::Parse(lines);
  if (!vocabulary.ok()) return Wrong(path, vocabulary.status().message());
  ModelTokenizer out{.vocabulary = vocabulary->size(), .fingerprint = ToHex(AsBytes(HashOf(lines))).substr(0, 8)};
  FRESHET_ASSIGN_OR_RETURN(out.wordpiece, WordPiece::Make(std::move(*vocabulary)));
  return out;
}

}  // namespace freshet::model

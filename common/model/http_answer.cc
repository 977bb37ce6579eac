#include "common/model/http_answer.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace freshet::model {
namespace {

using Json = nlohmann::json;

Status Wrong(const char* what) {
  return Status(Code::kInternalError, std::string("the embedding server's answer: ") + what);
}

// A row of the batch, brought to length 1.
Status TakeRow(const Json& embedding, std::span<float> row) {
  double squares = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    if (!embedding[i].is_number()) return Wrong("a vector of something else than numbers");
    row[i] = embedding[i].get<float>();
    squares += double(row[i]) * row[i];
  }
  const double length = std::sqrt(squares);
  if (!std::isfinite(length) || length <= 0) return Wrong("a vector without a direction");
  for (float& number : row) number = static_cast<float>(number / length);
  return OkStatus();
}

uint64_t TokensOf(const Json& answer) {
  const auto usage = answer.find("usage");
  if (usage == answer.end() || !usage->is_object()) return 0;
  const auto total = usage->find("total_tokens");
  return total != usage->end() && total->is_number_unsigned() ? total->get<uint64_t>() : 0;
}

}  // namespace

std::string EmbeddingRequest(std::string_view model, std::span<const std::string_view> texts) {
  Json request = {{"model", model}, {"encoding_format", "float"}, {"input", Json::array()}};
  for (const std::string_view text : texts) request["input"].push_back(text);
  return request.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<HttpAnswer> ParseEmbeddings(std::string_view body, size_t texts, uint32_t dimensions) {
  const Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object() || !answer.contains("data") || !answer["data"].is_array()) return Wrong("no data");
  const Json& data = answer["data"];
  if (data.size() != texts) return Wrong("another number of vectors than of texts");
  HttpAnswer out{.batch = {dimensions, std::vector<float>(texts * dimensions)}, .tokens = TokensOf(answer)};
  std::vector<bool> seen(texts);
  for (const Json& row : data) {
    const bool whole = row.is_object() && row.contains("index") && row["index"].is_number_unsigned() &&
                       row.contains("embedding") && row["embedding"].is_array();
    if (!whole) return Wrong("a row without index or embedding");
    const uint64_t index = row["index"].get<uint64_t>();
    if (index >= texts || seen[index]) return Wrong("an index twice, or out of range");
    seen[index] = true;
    if (row["embedding"].size() != dimensions) {
      return Status(Code::kConfiguration, "embedder.dimensions is " + std::to_string(dimensions) +
                                              ", and the server's vectors have " +
                                              std::to_string(row["embedding"].size()));
    }
    FRESHET_RETURN_IF_ERROR(
        TakeRow(row["embedding"], std::span(out.batch.values).subspan(index * dimensions, dimensions)));
  }
  return out;
}

}  // namespace freshet::model

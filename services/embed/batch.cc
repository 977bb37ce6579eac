#include "services/embed/batch.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

namespace freshet::embed {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kBatchLines = 64;

struct Line {
  Json id;
  std::string text;
};

Result<Line> ReadLine(const std::string& bytes, size_t number) {
  Json json = Json::parse(bytes, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("id") || !json.contains("text") || !json["text"].is_string()) {
    return Status(Code::kInvalidArgument, "line " + std::to_string(number) + R"( is no {"id", "text"} object)");
  }
  return Line{.id = std::move(json["id"]), .text = json["text"].get<std::string>()};
}

template <class Number>
void AppendArray(std::string& out, std::span<const Number> numbers) {
  out += '[';
  for (size_t i = 0; i < numbers.size(); ++i) {
    char buffer[32];
    if (i > 0) out += ',';
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, numbers[i]).ptr);
  }
  out += ']';
}

Status Flush(std::vector<Line>& lines, std::ostream& out, const model::Embedder& embedder) {
  std::vector<std::string_view> texts;
  for (const Line& line : lines) texts.push_back(line.text);
  FRESHET_ASSIGN_OR_RETURN(const model::EmbeddingBatch batch, embedder.Embed(texts));
  for (size_t i = 0; i < lines.size(); ++i) {
    const std::vector<uint32_t> ids = embedder.TokenIds(lines[i].text);
    std::string row = "{\"id\":" + lines[i].id.dump() + ",\"ids\":";
    AppendArray<uint32_t>(row, ids);
    row += ",\"embedding\":";
    AppendArray<float>(row, batch[i]);
    out << row << "}\n";
  }
  lines.clear();
  return OkStatus();
}

}  // namespace

Status RunEmbedBatch(std::istream& in, std::ostream& out, const model::Embedder& embedder) {
  std::vector<Line> lines;
  size_t number = 0;
  for (std::string bytes; std::getline(in, bytes);) {
    ++number;
    if (bytes.find_first_not_of(" \t\r") == std::string::npos) continue;
    Result<Line> line = ReadLine(bytes, number);
    if (!line.ok()) {
      FRESHET_RETURN_IF_ERROR(Flush(lines, out, embedder));  // what came before it is answered
      return line.status();
    }
    lines.push_back(std::move(line).value());
    if (lines.size() == kBatchLines) FRESHET_RETURN_IF_ERROR(Flush(lines, out, embedder));
  }
  return Flush(lines, out, embedder);
}

}  // namespace freshet::embed

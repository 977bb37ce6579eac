#include "services/chunk/batch.h"

#include <nlohmann/json.hpp>
#include <string>

namespace freshet::chunk {
namespace {

using Json = nlohmann::ordered_json;

struct Line {
  Json id;
  std::string text;
  std::string media_type = "text/plain";
};

Result<Line> ReadLine(const std::string& bytes, size_t number) {
  const Json json = Json::parse(bytes, nullptr, /*allow_exceptions=*/false);
  const auto is_text = [&](const char* name) { return json.contains(name) && json[name].is_string(); };
  if (!json.is_object() || !json.contains("id") || !is_text("text") ||
      (json.contains("media_type") && !is_text("media_type"))) {
    return Status(Code::kInvalidArgument,
                  "line " + std::to_string(number) + R"( is no {"id", "text"[, "media_type"]} object)");
  }
  Line line{.id = json["id"], .text = json["text"].get<std::string>()};
  if (json.contains("media_type")) line.media_type = json["media_type"].get<std::string>();
  return line;
}

Json ToJson(const ChunkedDocument& document) {
  Json chunks = Json::array();
  for (const Chunk& chunk : *document.chunks) {
    chunks.push_back({{"ordinal", chunks.size()},
                      {"text", TextOf(document.clean, chunk)},
                      {"context", ContextHeader(document.clean, chunk)},
                      {"section", SectionOf(document.clean, chunk)},
                      {"start", chunk.place_begin},
                      {"end", chunk.place_end},
                      {"tokens", chunk.tokens},
                      {"hash", ToHex(AsBytes(chunk.hash))}});
  }
  return chunks;
}

Result<Json> ChunkLine(const Line& line, Chunker& chunker, const ParseText& parse) {
  FRESHET_ASSIGN_OR_RETURN(const CleanDocument clean, parse(line.text, line.media_type));
  FRESHET_ASSIGN_OR_RETURN(const ChunkedDocument chunked, chunker.Chunked(clean));
  return ToJson(chunked);
}

}  // namespace

Status RunChunkBatch(std::istream& in, std::ostream& out, Chunker& chunker, const ParseText& parse) {
  size_t number = 0;
  for (std::string bytes; std::getline(in, bytes);) {
    ++number;
    if (bytes.find_first_not_of(" \t\r") == std::string::npos) continue;
    FRESHET_ASSIGN_OR_RETURN(const Line line, ReadLine(bytes, number));
    Result<Json> chunks = ChunkLine(line, chunker, parse);
    Json row = {{"id", line.id}};
    if (chunks.ok()) {
      row["chunks"] = std::move(chunks).value();
    } else if (DispositionOf(chunks.code()) == Disposition::kSkip) {
      row["error"] = NameOf(chunks.code());
    } else {
      return chunks.status();
    }
    out << row.dump() << '\n';
  }
  return OkStatus();
}

}  // namespace freshet::chunk

#include "connectors/singer/position.h"

#include <nlohmann/json.hpp>

namespace freshet::singer {

using Json = nlohmann::json;

std::string Position::Encode() const {
  const Json json = {{"mapping", ToHex(AsBytes(mapping))},
                     {"state", state},
                     {"parts", parts},
                     {"versions", versions},
                     {"listed", ToMicros(listed)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Position> Position::Decode(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  Position position;
  try {
    const Result<std::string> hash = FromHex(json.at("mapping").get<std::string>());
    if (!hash.ok() || hash->size() != position.mapping.size()) return std::nullopt;
    std::copy(hash->begin(), hash->end(), position.mapping.begin());
    json.at("state").get_to(position.state);
    json.at("parts").get_to(position.parts);
    json.at("versions").get_to(position.versions);
    position.listed = FromMicros(json.at("listed").get<int64_t>());
  } catch (const Json::exception&) {
    return std::nullopt;
  }
  return position;
}

void Position::Take(const std::string& part, std::string new_state) {
  if (part.empty()) {
    parts.clear();
    state = std::move(new_state);
  } else {
    state.clear();
    parts[part] = std::move(new_state);
  }
}

std::string Position::StateFile() const {
  if (parts.empty()) return state;
  std::string all;
  for (const auto& [stream, text] : parts) all += (all.empty() ? "[" : ",") + text;
  return all + "]";
}

}  // namespace freshet::singer

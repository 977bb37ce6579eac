#include "connectors/singer/json_reader.h"

#include <charconv>

namespace freshet::singer {
namespace {

using rows::Cell;
using simdjson::SUCCESS;
using simdjson::ondemand::json_type;

constexpr std::string_view kSpace = " \t\r\n";

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

std::optional<Cell> ScalarOf(JsonValue from, json_type type) {
  std::string_view text;
  if (type == json_type::null) return Cell::Null();
  if (type != json_type::string) return Cell::Text(std::string(RawOf(from)));
  if (from.get_string().get(text) != SUCCESS) return std::nullopt;
  return Cell::Text(std::string(text));
}

}  // namespace

std::string_view RawOf(const Members& members, std::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? std::string_view() : found->second;
}

std::optional<int64_t> NumberOf(std::string_view raw) {
  int64_t number = 0;
  const auto [rest, error] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
  const bool good = error == std::errc() && (rest == raw.data() + raw.size() || *rest == '.');
  return good ? std::optional(number) : std::nullopt;
}

std::string_view RawOf(JsonValue from) {
  std::string_view raw;
  json_type type{};
  if (from.type().get(type) != SUCCESS) return {};
  simdjson::ondemand::object object;
  simdjson::ondemand::array array;
  if (type == json_type::object) {
    return from.get_object().get(object) == SUCCESS && object.raw_json().get(raw) == SUCCESS ? Trimmed(raw) : "";
  }
  if (type == json_type::array) {
    return from.get_array().get(array) == SUCCESS && array.raw_json().get(raw) == SUCCESS ? Trimmed(raw) : "";
  }
  return Trimmed(from.raw_json_token());
}

std::optional<Cell> CellOf(JsonValue from) {
  json_type type{};
  if (from.type().get(type) != SUCCESS) return std::nullopt;
  if (type != json_type::array) return ScalarOf(from, type);
  simdjson::ondemand::array array;
  std::vector<std::string> items;
  if (from.get_array().get(array) != SUCCESS) return std::nullopt;
  for (auto element : array) {
    JsonValue item;
    if (element.get(item) != SUCCESS || item.type().get(type) != SUCCESS) return std::nullopt;
    std::optional<Cell> cell = ScalarOf(item, type);
    if (!cell) return std::nullopt;
    if (!cell->is_null()) items.push_back(std::move(cell->text));
  }
  return Cell::List(std::move(items));
}

bool JsonReader::Open(std::string_view text, simdjson::ondemand::document& document) {
  if (text.empty()) return false;
  const simdjson::padded_string_view padded(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING);
  return parser_.iterate(padded).get(document) == SUCCESS;
}

bool JsonReader::ReadMembers(std::string_view text, Members& out) {
  return EachMember(text, [&](const std::string& name, JsonValue member) {
    const std::string_view raw = RawOf(member);
    out[name] = raw;
    return !raw.empty();
  });
}

std::string JsonReader::TextOf(std::string_view raw) {
  simdjson::ondemand::document document;
  std::string_view text;
  if (!raw.starts_with('"') || !Open(raw, document)) return {};
  return document.get_string().get(text) == SUCCESS ? std::string(text) : std::string();
}

}  // namespace freshet::singer

#include "common/config/render.h"

#include <yaml-cpp/emitter.h>
#include <yaml-cpp/emittermanip.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace freshet {
namespace {

using Json = nlohmann::ordered_json;

const std::string& WrittenAs(const ConfigNode& scalar) {
  return scalar.reference.empty() ? scalar.text : scalar.reference;
}

bool IsLetterOrDigit(unsigned char c) { return c < 0x80 && std::isalnum(c); }

// A scalar that no YAML reader takes for more than one scalar.
bool IsOneWord(std::string_view text) {
  const std::string_view begin = text.substr(0, 2);
  return std::any_of(begin.begin(), begin.end(), IsLetterOrDigit) &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return IsLetterOrDigit(c) || c == '_' || c == '.' || c == '/' || c == '-' || c == '+' || c == '@';
         });
}

// One that none takes for a number, a truth value or nothing either.
bool IsPlainText(std::string_view text) {
  static constexpr std::array<std::string_view, 9> kWords = {"true", "false", "null", "yes", "no",
                                                             "on",   "off",   "y",    "n"};
  if (!IsOneWord(text) || !(std::isalpha(static_cast<unsigned char>(text[0])) || text[0] == '/')) return false;
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::find(kWords.begin(), kWords.end(), lower) == kWords.end();
}

void EmitScalar(YAML::Emitter& out, const ConfigNode& node) {
  const std::string& text = WrittenAs(node);
  const bool plain = !node.quoted && node.reference.empty();
  if (!(plain ? IsOneWord(text) : IsPlainText(text))) out << YAML::DoubleQuoted;
  out << text;
}

void Emit(YAML::Emitter& out, const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::kNull:
      out << YAML::_Null();
      break;
    case ConfigNode::Kind::kScalar:
      EmitScalar(out, node);
      break;
    case ConfigNode::Kind::kList:
      out << YAML::BeginSeq;
      for (const ConfigNode& item : node.items) Emit(out, item);
      out << YAML::EndSeq;
      break;
    case ConfigNode::Kind::kMap:
      out << YAML::BeginMap;
      for (size_t i = 0; i < node.items.size(); ++i) {
        out << YAML::Key;
        EmitScalar(out, ConfigNode::Text(node.keys[i]));
        out << YAML::Value;
        Emit(out, node.items[i]);
      }
      out << YAML::EndMap;
      break;
  }
}

template <class Number>
bool ReadWhole(const std::string& text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

Json JsonOfScalar(const ConfigNode& node) {
  if (node.quoted || !node.reference.empty()) return WrittenAs(node);
  if (node.text == "true" || node.text == "false") return node.text == "true";
  int64_t whole = 0;
  if (ReadWhole(node.text, whole)) return whole;
  uint64_t large = 0;
  if (ReadWhole(node.text, large)) return large;
  double number = 0;
  if (ReadWhole(node.text, number)) return number;
  return node.text;
}

Json JsonOf(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::kNull:
      return nullptr;
    case ConfigNode::Kind::kScalar:
      return JsonOfScalar(node);
    case ConfigNode::Kind::kList: {
      Json list = Json::array();
      for (const ConfigNode& item : node.items) list.push_back(JsonOf(item));
      return list;
    }
    case ConfigNode::Kind::kMap:
      break;
  }
  Json map = Json::object();
  for (size_t i = 0; i < node.items.size(); ++i) map[node.keys[i]] = JsonOf(node.items[i]);
  return map;
}

}  // namespace

std::string ToYaml(const ConfigNode& node) {
  YAML::Emitter out;
  Emit(out, node);
  return std::string(out.c_str(), out.size()) + "\n";
}

std::string ToJson(const ConfigNode& node) { return JsonOf(node).dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace freshet

#include "common/config/option_type.h"

#include <charconv>
#include <cmath>

#include "common/config/nearest.h"

namespace freshet {
namespace {

// A scalar that may be read as something else than text: bare, or put there by a reference.
bool ExpectPlain(const ConfigNode& node, std::string_view what, Problems& problems) {
  if (node.is_scalar() && (!node.quoted || !node.reference.empty())) return true;
  problems.Add(node, std::string("must be ").append(what));
  return false;
}

template <class Number>
bool DecodeWith(const ConfigNode& node, Number& out, std::string_view what, Problems& problems) {
  if (!ExpectPlain(node, what, problems)) return false;
  const char* const end = node.text.data() + node.text.size();
  const auto [next, error] = std::from_chars(node.text.data(), end, out);
  if (error == std::errc() && next == end) return true;
  problems.Add(node, std::string("must be ").append(what));
  return false;
}

template <class T>
bool Take(Result<T> parsed, const ConfigNode& node, T& out, Problems& problems) {
  if (parsed.ok()) {
    out = *std::move(parsed);
    return true;
  }
  problems.Add(node, "is wrong: " + parsed.status().message());
  return false;
}

}  // namespace

bool DecodeText(const ConfigNode& node, std::string& out, Problems& problems) {
  if (!node.is_scalar()) {
    problems.Add(node, "must be text");
    return false;
  }
  out = node.text;
  return true;
}

bool DecodeBool(const ConfigNode& node, bool& out, Problems& problems) {
  if (!ExpectPlain(node, "true or false", problems)) return false;
  out = node.text == "true";
  if (out || node.text == "false") return true;
  problems.Add(node, "must be true or false");
  return false;
}

bool DecodeSigned(const ConfigNode& node, int64_t& out, Problems& problems) {
  return DecodeWith(node, out, "a whole number", problems);
}

bool DecodeUnsigned(const ConfigNode& node, uint64_t& out, Problems& problems) {
  return DecodeWith(node, out, "a whole number, not below 0", problems);
}

bool DecodeNumber(const ConfigNode& node, double& out, Problems& problems) {
  if (!DecodeWith(node, out, "a number", problems)) return false;
  if (std::isfinite(out)) return true;
  problems.Add(node, "must be a number");
  return false;
}

bool DecodeDuration(const ConfigNode& node, Duration& out, Problems& problems) {
  if (!node.is_scalar()) {
    problems.Add(node, "must be a duration, as 250ms, 5s, 5m, 24h or 30d");
    return false;
  }
  return Take(ParseDuration(node.text), node, out, problems);
}

bool DecodeByteSize(const ConfigNode& node, ByteSize& out, Problems& problems) {
  if (!node.is_scalar()) {
    problems.Add(node, "must be a size, as 512KiB, 64MiB or 4GiB");
    return false;
  }
  return Take(ParseByteSize(node.text), node, out, problems);
}

bool DecodePath(const ConfigNode& node, std::filesystem::path& out, Problems& problems) {
  std::string text;
  if (!DecodeText(node, text, problems)) return false;
  const std::filesystem::path written(text);
  out = text.empty() || !node.origin ? written : (node.origin->directory / written).lexically_normal();
  return true;
}

int DecodeEnum(const ConfigNode& node, const std::vector<std::string_view>& names, Problems& problems) {
  if (!node.is_scalar()) {
    problems.Add(node, "must be one of the known names" + Suggestion("", names));
    return -1;
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == node.text) return static_cast<int>(i);
  }
  problems.Add(node, "is none of the known names" + Suggestion(node.text, names));
  return -1;
}

std::string FormatNumber(double number) {
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
  return {buffer, end};
}

bool ExpectList(const ConfigNode& node, Problems& problems) {
  if (node.is_list() || node.is_null()) return true;
  problems.Add(node, "must be a list");
  return false;
}

bool ExpectMap(const ConfigNode& node, Problems& problems) {
  if (node.is_map() || node.is_null()) return true;
  problems.Add(node, "must be a map of keys and values");
  return false;
}

}  // namespace freshet

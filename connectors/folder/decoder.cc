#include "connectors/folder/decoder.h"

#include <fnmatch.h>

#include "common/base/utf8.h"
#include "connectors/folder/tree.h"

namespace freshet::folder {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

void AppendEscaped(std::string& out, char byte) {
  const auto bits = static_cast<uint8_t>(byte);
  out += '%';
  out += kHexDigits[bits >> 4];
  out += kHexDigits[bits & 15];
}

bool IsEscape(std::string_view text) {
  return text.size() >= 3 && text[0] == '%' && std::isxdigit(static_cast<unsigned char>(text[1])) != 0 &&
         std::isxdigit(static_cast<unsigned char>(text[2])) != 0;
}

// The length of the well-formed sequence that the bytes begin with; 0 where they begin with none.
size_t SequenceLength(std::string_view bytes) {
  for (size_t length = 1; length <= std::min<size_t>(4, bytes.size()); ++length) {
    if (IsValidUtf8(bytes.substr(0, length))) return length;
  }
  return 0;
}

// RFC 3986: what may stand in a path as it is.
bool IsPlainInUri(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("-._~/!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

std::string UriOf(std::string_view prefix, std::string_view path) {
  std::string uri(prefix);
  for (const char c : path) {
    if (IsPlainInUri(c)) {
      uri += c;
    } else {
      AppendEscaped(uri, c);
    }
  }
  return uri;
}

std::string_view ExtensionOf(std::string_view name) {
  const size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot + 1);
}

}  // namespace

std::string NativeId(std::string_view path) {
  std::string id;
  id.reserve(path.size());
  while (!path.empty()) {
    const size_t length = SequenceLength(path);
    if (length == 0 || IsEscape(path)) {
      AppendEscaped(id, path.front());
      path.remove_prefix(1);
    } else {
      id.append(path.substr(0, length));
      path.remove_prefix(length);
    }
  }
  return id;
}

ScopeId ScopeOf(std::string_view folder_path) { return ScopeId("/" + NativeId(folder_path)); }

bool Decoder::IsIgnored(const std::string& name) const {
  return std::any_of(options_.ignore.begin(), options_.ignore.end(),
                     [&](const std::string& pattern) { return fnmatch(pattern.c_str(), name.c_str(), 0) == 0; });
}

std::string_view Decoder::MediaTypeOf(std::string_view name) const {
  std::string extension(ExtensionOf(name));
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  auto found = options_.media_types.find(extension);
  if (found == options_.media_types.end()) found = options_.media_types.find("*");
  return found == options_.media_types.end() ? std::string_view() : found->second;
}

Upsert Decoder::Decode(std::string_view path, std::string bytes) const {
  const auto [folder, name] = SplitPath(path);
  const std::string_view extension = ExtensionOf(name);
  const std::string_view stem = extension.empty() ? name : name.substr(0, name.size() - extension.size() - 1);
  return {.content = std::move(bytes),
          .media_type = std::string(MediaTypeOf(name)),
          .title = NativeId(stem),
          .uri = UriOf(options_.uri_prefix, path),
          .access_scope = ScopeOf(folder),
          .native_id = NativeId(path)};
}

Upsert Decoder::Refuse(std::string_view path, Code code) const {
  Upsert upsert = Decode(path, {});
  upsert.refused = code;
  return upsert;
}

}  // namespace freshet::folder

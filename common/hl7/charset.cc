#include "common/hl7/charset.h"

#include <iconv.h>

#include <algorithm>
#include <optional>

#include "common/base/utf8.h"

namespace freshet::hl7 {
namespace {

// HL7's name as iconv knows it.
std::string NameOf(std::string_view charset) {
  if (charset.starts_with("UNICODE ")) charset.remove_prefix(8);
  if (charset.starts_with("8859/")) return "ISO-8859-" + std::string(charset.substr(5));
  if (charset == "ASCII" || charset == "UNICODE") return "UTF-8";
  if (charset.starts_with("ISO IR87") || charset.starts_with("ISO IR159")) return "ISO-2022-JP";
  return std::string(charset);
}

std::optional<std::string> Convert(std::string_view bytes, const std::string& from) {
  const iconv_t converter = iconv_open("UTF-8", from.c_str());
  if (converter == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  std::string text(bytes.size() * 4 + 16, '\0');
  char* in = const_cast<char*>(bytes.data());
  char* out = text.data();
  size_t in_left = bytes.size(), out_left = text.size();
  const bool whole = iconv(converter, &in, &in_left, &out, &out_left) != static_cast<size_t>(-1) && in_left == 0;
  iconv_close(converter);
  if (!whole) return std::nullopt;
  text.resize(text.size() - out_left);
  return text;
}

}  // namespace

std::string ToUtf8(std::string_view bytes, std::string_view charset) {
  const std::string from = NameOf(charset);
  const bool utf8 = from.empty() || from == "UTF-8";
  if (utf8 && IsValidUtf8(bytes)) return std::string(bytes);
  if (!utf8) {
    std::optional<std::string> text = Convert(bytes, from);
    if (text && IsValidUtf8(*text)) return *text;
    if (IsValidUtf8(bytes)) return std::string(bytes);
  }
  return Convert(bytes, "ISO-8859-1").value_or(std::string());
}

}  // namespace freshet::hl7

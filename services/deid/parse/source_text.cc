#include "services/deid/parse/source_text.h"

#include "common/base/utf8.h"
#include "schemas/codec.h"

namespace freshet::deid {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kSpaces = " \t\n\v\f\r";

// White space, and characters that show nothing.
bool IsBlank(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const char32_t code_point = NextCodePoint(text, at);
    const bool ascii_space = code_point < 0x80 && kSpaces.find(static_cast<char>(code_point)) != std::string_view::npos;
    const bool other_space = code_point == 0xA0 || (code_point >= 0x2000 && code_point <= 0x200F) ||
                             code_point == 0x2028 || code_point == 0x2029 || code_point == 0x3000 ||
                             code_point == 0xFEFF;
    if (!ascii_space && !other_space) return false;
  }
  return true;
}

}  // namespace

Result<std::string> SourceText(std::string_view bytes) {
  static_assert(kMostSourceBytes == kMaxMessageBytes);
  if (bytes.size() > kMostSourceBytes) {
    return Status(Code::kDocumentTooLarge, std::to_string(bytes.size()) + " bytes of source.");
  }
  if (const size_t nul = bytes.find('\0'); nul != std::string_view::npos) {
    return Status(Code::kBinaryContent, "NUL byte at offset " + std::to_string(nul) + ".");
  }
  if (!IsValidUtf8(bytes)) return Status(Code::kInvalidUtf8, std::to_string(bytes.size()) + " bytes of source.");
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  if (IsBlank(bytes)) return Status(Code::kEmptyDocument, std::to_string(bytes.size()) + " bytes of source.");
  if (bytes.find('\r') == std::string_view::npos) return std::string(bytes);
  std::string text;
  text.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] != '\r') {
      text += bytes[i];
    } else if (i + 1 == bytes.size() || bytes[i + 1] != '\n') {
      text += '\n';
    }
  }
  return text;
}

Status CheckTextSize(size_t bytes) {
  if (bytes <= kMaxTextBytes) return OkStatus();
  return Status(Code::kDocumentTooLarge, std::to_string(bytes) + " bytes of text.");
}

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

}  // namespace freshet::deid

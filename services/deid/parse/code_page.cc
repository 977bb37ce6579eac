#include "services/deid/parse/code_page.h"

#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>

namespace freshet::deid {
namespace {

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};

constexpr char32_t kReplacement = 0xFFFD;

}  // namespace

void AppendCodePoint(std::string& out, char32_t code_point) {
  const bool none = code_point > 0x10FFFF || (code_point >= 0xD800 && code_point < 0xE000);
  icu::UnicodeString(static_cast<UChar32>(none ? kReplacement : code_point)).toUTF8String(out);
}

std::string CodePageText(int page, std::string_view bytes) {
  if (std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    return std::string(bytes);
  }
  UErrorCode error = U_ZERO_ERROR;
  const std::string name = page == 65001 ? std::string("utf-8") : "windows-" + std::to_string(page);
  const std::unique_ptr<UConverter, CloseConverter> converter(ucnv_open(name.c_str(), &error));
  std::string out;
  if (U_FAILURE(error)) {
    for (const char c : bytes)
      AppendCodePoint(out, static_cast<unsigned char>(c) < 0x80 ? static_cast<char32_t>(c) : kReplacement);
    return out;
  }
  icu::UnicodeString(bytes.data(), static_cast<int32_t>(bytes.size()), converter.get(), error).toUTF8String(out);
  return out;
}

}  // namespace freshet::deid

// SourceText: bytes that claim to be text, checked and brought to one form.
//
//   FRESHET_ASSIGN_OR_RETURN(std::string text, SourceText(bytes));    // no byte order mark, '\n' ends lines
//
// Codes: binary_content (a NUL byte), invalid_utf8, empty_document (white space alone), document_too_large (over
// kMostSourceBytes of input). Offsets in messages count bytes.
#pragma once

#include <string>
#include <string_view>

#include "common/base/status.h"

namespace freshet::deid {

// Of any format.
inline constexpr size_t kMostSourceBytes = 16u << 20;

Result<std::string> SourceText(std::string_view bytes);

// document_too_large where extracted text is over kMaxTextBytes.
Status CheckTextSize(size_t bytes);

// White space of ASCII.
std::string_view Trimmed(std::string_view text);

}  // namespace freshet::deid

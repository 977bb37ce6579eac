// The body of a clean document on the wire, and the checks without which what is read could not be trusted as text.
//
//   std::string body = wire::BodyOf(clean);
//   Result<CleanFields> fields = wire::FieldsOf(body);     // corrupt_record
//
// Internal to schemas: CleanFields are no clean document until the seal was checked. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schemas/clean.h"

namespace freshet::wire {

// Equal documents give equal bytes.
std::string BodyOf(const CleanDocument& clean);

// corrupt_record: no v1::CleanDocument, text that is not UTF-8, or blocks out of order, overlapping, outside the text
// or not on code points.
Result<CleanFields> FieldsOf(std::string_view body);

// True where `at` is the size of the valid UTF-8 or begins a code point in it.
bool IsBoundary(std::string_view text, size_t at);

}  // namespace freshet::wire

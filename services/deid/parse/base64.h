// Base64 (RFC 4648), white space among it left out, padding optional. Nothing where the text is none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace freshet::deid {

std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace freshet::deid

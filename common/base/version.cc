#include "common/base/version.h"

#include <charconv>

namespace freshet {

std::string Version::ToString() const {
  std::string text = std::to_string(epoch) + ":" + std::to_string(position);
  if (ordinal != 0) text += ":" + std::to_string(ordinal);
  return text;
}

Result<Version> Version::Parse(std::string_view text) {
  Version version;
  uint64_t* const fields[] = {&version.epoch, &version.position, &version.ordinal};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (size_t i = 0; i < 3; ++i) {
    const auto [next, error] = std::from_chars(at, end, *fields[i]);
    if (error != std::errc()) break;
    if (next == end && i > 0) return version;
    if (next == end || *next != ':') break;
    at = next + 1;
  }
  return Status(Code::kInvalidArgument, "a version is epoch:position[:ordinal]");
}

}  // namespace freshet

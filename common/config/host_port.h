// HostPort: where to listen, as "127.0.0.1:8080", "[::1]:8080" or "freshet.local:443". Port 0: any free one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/config/option_type.h"

namespace freshet {

struct HostPort {
  std::string host;  // without brackets
  uint16_t port = 0;

  std::string ToString() const;
  bool operator==(const HostPort&) const = default;
};

Result<HostPort> ParseHostPort(std::string_view text);  // invalid_argument

template <>
struct OptionType<HostPort> {
  static bool Decode(const ConfigNode& node, HostPort& out, Problems& problems);
  static ConfigNode Encode(const HostPort& value) { return ConfigNode::Text(value.ToString()); }
  static TypeInfo Describe() { return {.kind = TypeInfo::Kind::kText}; }
};

}  // namespace freshet

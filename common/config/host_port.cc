#include "common/config/host_port.h"

#include <algorithm>
#include <charconv>

namespace freshet {
namespace {

bool IsHost(std::string_view host, bool bracketed) {
  if (host.empty() || host.size() > 253) return false;
  return std::all_of(host.begin(), host.end(), [&](unsigned char c) {
    if (bracketed) return std::isxdigit(c) || c == ':' || c == '.' || c == '%';
    return (c < 0x80 && std::isalnum(c)) || c == '.' || c == '-' || c == '_';
  });
}

}  // namespace

std::string HostPort::ToString() const {
  const bool six = host.find(':') != std::string::npos;
  return (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<HostPort> ParseHostPort(std::string_view text) {
  const Status wrong(Code::kInvalidArgument, "an address is host:port, as 127.0.0.1:8080 or [::1]:8080");
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong;
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  HostPort address{.host = std::string(host)};
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  const bool whole = error == std::errc() && end == port.data() + port.size();
  if (!whole || !IsHost(host, bracketed)) return wrong;
  return address;
}

bool OptionType<HostPort>::Decode(const ConfigNode& node, HostPort& out, Problems& problems) {
  std::string text;
  if (!DecodeText(node, text, problems)) return false;
  Result<HostPort> address = ParseHostPort(text);
  if (!address.ok()) {
    problems.Add(node, "is wrong: " + address.status().message());
    return false;
  }
  out = *std::move(address);
  return true;
}

}  // namespace freshet

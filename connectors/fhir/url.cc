#include "connectors/fhir/url.h"

#include <algorithm>

namespace freshet::fhir {

Result<Url> Url::Parse(std::string_view text) {
  const Status wrong(Code::kInvalidArgument, "not an address of HTTP");
  const size_t scheme = text.starts_with("http://") ? 7 : text.starts_with("https://") ? 8 : 0;
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 0x7F; });
  if (scheme == 0 || !plain) return wrong;
  const size_t slash = std::min(text.find_first_of("/?#", scheme), text.size());
  if (slash == scheme || text.substr(scheme, slash - scheme).find('@') != text.npos) return wrong;
  std::string_view path = text.substr(slash);
  path = path.substr(0, path.find('#'));
  while (path.ends_with('/')) path.remove_suffix(1);
  return Url{.origin = std::string(text.substr(0, slash)), .path = std::string(path)};
}

Result<Url> Url::Resolve(std::string_view reference) const {
  if (reference.find("://") != reference.npos) {
    FRESHET_ASSIGN_OR_RETURN(Url url, Parse(reference));
    if (!url.path.starts_with('/')) url.path = "/" + url.path;
    return url;
  }
  const bool from_origin = reference.starts_with('/');
  return Parse(origin + (from_origin ? std::string() : path + "/") + std::string(reference));
}

std::string PercentEncoded(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x80 && std::isalnum(byte) != 0) || c == '-' || c == '.' || c == '_' || c == '~') {
      out.push_back(c);
    } else {
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return out;
}

}  // namespace freshet::fhir

#include "connectors/fhir/labels.h"

#include <algorithm>
#include <set>

namespace freshet::fhir {
namespace {

constexpr std::string_view kNobody = "/!";

bool Narrows(const Label& label) {
  if (label.system.ends_with("v3-ActCode")) return true;
  if (!label.system.ends_with("v3-Confidentiality")) return false;
  const std::string_view code = label.code;
  return code != "U" && code != "L" && code != "M" && code != "N";
}

}  // namespace

std::string ScopeOf(const std::vector<Label>& labels, const FhirOptions& options) {
  std::set<std::string> codes;
  for (const Label& label : labels) {
    if (options.restricted.contains(std::string(label.code))) {
      codes.emplace(label.code);
    } else if (Narrows(label)) {
      return std::string(kNobody);
    }
  }
  std::string scope = "/";
  for (const std::string& code : codes) scope += (scope.size() > 1 ? "+" : "") + code;
  return scope;
}

AccessChange ListOf(const std::string& scope, const FhirOptions& options) {
  AccessChange list{.scope = ScopeId(scope)};
  std::vector<std::string> allowed;
  if (scope == "/") {
    allowed = options.readers;
  } else {
    bool first = true;
    for (size_t begin = 1; begin <= scope.size();) {
      const size_t end = std::min(scope.find('+', begin), scope.size());
      const auto row = options.restricted.find(scope.substr(begin, end - begin));
      const std::vector<std::string> here = row == options.restricted.end() ? std::vector<std::string>() : row->second;
      if (std::exchange(first, false)) allowed = here;
      std::erase_if(allowed,
                    [&](const std::string& one) { return std::find(here.begin(), here.end(), one) == here.end(); });
      begin = end + 1;
    }
  }
  for (const std::string& reader : allowed) list.allow.emplace_back(Principal(reader));
  return list;
}

}  // namespace freshet::fhir

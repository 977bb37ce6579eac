#include "connectors/hl7/options.h"

#include <algorithm>

namespace freshet::hl7 {
namespace {

bool ArePrincipals(const std::vector<std::string>& names) {
  return std::all_of(names.begin(), names.end(),
                     [](const std::string& name) { return name.starts_with("user:") || name.starts_with("group:"); });
}

}  // namespace

Status Validate(const Hl7Options& options) {
  const Status wrong(Code::kConfiguration, "readers, restricted: a name begins with user: or group:");
  if (!ArePrincipals(options.readers)) return wrong;
  for (const auto& [code, readers] : options.restricted) {
    if (!ArePrincipals(readers)) return wrong;
  }
  return CheckTls(options.tls());
}

}  // namespace freshet::hl7

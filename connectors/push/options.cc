#include "connectors/push/options.h"

namespace freshet::push {

Status Validate(const PushOptions& options) {
  const bool plain = std::all_of(options.path.begin(), options.path.end(), [](unsigned char c) {
    return (c < 0x80 && std::isalnum(c)) || c == '/' || c == '_' || c == '-';
  });
  if (!plain || !options.path.starts_with('/') || options.path == "/healthz") {
    return Status(Code::kConfiguration, "path: must begin with '/' and have only letters, digits, '/', '_' and '-'");
  }
  return CheckTls(options.tls());
}

}  // namespace freshet::push

// TLS of a server that senders connect to: TLS 1.2 or newer, its certificate, and whose certificates it asks for.
//
//   TlsFiles files{.certificate = "server.pem", .key = "server.key"};
//   FRESHET_RETURN_IF_ERROR(CheckTls(files));         // when options are read: together, or none
//   FRESHET_RETURN_IF_ERROR(SetUpTls(files, context));
//
// Codes: configuration. Pure functions: any thread.
#pragma once

#include <openssl/ssl.h>

#include <filesystem>

#include "common/base/status.h"

namespace freshet {

struct TlsFiles {
  std::filesystem::path certificate;  // PEM, with its chain
  std::filesystem::path key;
  std::filesystem::path client_ca;  // not empty: only clients with a certificate from one of these

  bool empty() const { return certificate.empty() && key.empty() && client_ca.empty(); }
};

Status CheckTls(const TlsFiles& files);
Status SetUpTls(const TlsFiles& files, SSL_CTX& context);

}  // namespace freshet

#include "connectors/source/tls.h"

#include <openssl/err.h>

namespace freshet {
namespace {

Status Wrong(const char* what) {
  ERR_clear_error();
  return Status(Code::kConfiguration, what);
}

}  // namespace

Status CheckTls(const TlsFiles& files) {
  if (files.certificate.empty() != files.key.empty()) return Wrong("tls_certificate and tls_key: give both or neither");
  if (!files.client_ca.empty() && files.key.empty()) return Wrong("tls_client_ca: needs tls_certificate and tls_key");
  return OkStatus();
}

Status SetUpTls(const TlsFiles& files, SSL_CTX& context) {
  if (SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION) != 1) return Wrong("tls: TLS 1.2 is not to be had");
  SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (SSL_CTX_use_certificate_chain_file(&context, files.certificate.c_str()) != 1) {
    return Wrong("tls_certificate: cannot be read, or is no PEM certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(&context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Wrong("tls_key: cannot be read, or is not the certificate's PEM key");
  }
  if (files.client_ca.empty()) return OkStatus();
  STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(files.client_ca.c_str());
  if (names == nullptr || SSL_CTX_load_verify_locations(&context, files.client_ca.c_str(), nullptr) != 1) {
    return Wrong("tls_client_ca: cannot be read, or holds no PEM certificate");
  }
  SSL_CTX_set_client_CA_list(&context, names);
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return OkStatus();
}

}  // namespace freshet

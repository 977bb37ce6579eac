// TLS options: what fits together, and files that are none.
#include "connectors/source/tls.h"

#include <gtest/gtest.h>

#include <memory>

#include "connectors/source/certificates_testing.h"

namespace freshet {
namespace {

Code TryFiles(const TlsFiles& files) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  const Status set_up = SetUpTls(files, *context);
  if (set_up.ok()) {
    EXPECT_EQ(SSL_CTX_get_min_proto_version(context.get()), TLS1_2_VERSION);
    const int asked = SSL_CTX_get_verify_mode(context.get());
    EXPECT_EQ(asked != SSL_VERIFY_NONE, !files.client_ca.empty());
  }
  return set_up.code();
}

TEST(Tls, CertificateAndKeyGoTogether) {
  EXPECT_TRUE(CheckTls({}).ok());
  EXPECT_TRUE(TlsFiles().empty());
  EXPECT_TRUE(CheckTls({.certificate = "a", .key = "b"}).ok());
  EXPECT_TRUE(CheckTls({.certificate = "a", .key = "b", .client_ca = "c"}).ok());
  for (const TlsFiles& wrong : {TlsFiles{.certificate = "a"}, TlsFiles{.key = "b"}, TlsFiles{.client_ca = "c"}}) {
    EXPECT_EQ(CheckTls(wrong).code(), Code::kConfiguration);
    EXPECT_FALSE(wrong.empty());
  }
}

TEST(Tls, FilesAreReadOrRefused) {
  const TestCertificate one, other;
  EXPECT_EQ(TryFiles({.certificate = one.certificate, .key = one.key}), Code::kOk);
  EXPECT_EQ(TryFiles({.certificate = one.certificate, .key = one.key, .client_ca = other.certificate}), Code::kOk);
  EXPECT_EQ(TryFiles({.certificate = one.certificate, .key = other.key}), Code::kConfiguration) << "another's key";
  EXPECT_EQ(TryFiles({.certificate = "nowhere", .key = one.key}), Code::kConfiguration);
  EXPECT_EQ(TryFiles({.certificate = one.key, .key = one.key}), Code::kConfiguration);
  EXPECT_EQ(TryFiles({.certificate = one.certificate, .key = one.key, .client_ca = one.key}), Code::kConfiguration);
}

}  // namespace
}  // namespace freshet

// For tests: a self-signed certificate for 127.0.0.1, as PEM files in a directory of their own.
//
//   const TestCertificate made;                     // made.certificate, made.key
//
// One thread.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include <filesystem>

namespace freshet {

class TestCertificate {
 public:
  TestCertificate() {
    std::string pattern = (std::filesystem::temp_directory_path() / "freshet-tls-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    certificate = folder_ / "server.pem";
    key = folder_ / "server.key";
    Make();
  }
  ~TestCertificate() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  TestCertificate(const TestCertificate&) = delete;
  TestCertificate& operator=(const TestCertificate&) = delete;

  std::filesystem::path certificate, key;

 private:
  void Make() const {
    EVP_PKEY* const pair = EVP_EC_gen("P-256");
    X509* const x509 = X509_new();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 24 * 3600);
    X509_set_pubkey(x509, pair);
    X509_NAME* const name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1,
                               0);
    X509_set_issuer_name(x509, name);
    X509_EXTENSION* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(x509, names, -1);
    X509_sign(x509, pair, EVP_sha256());
    Write(certificate, [&](FILE* file) { PEM_write_X509(file, x509); });
    Write(key, [&](FILE* file) { PEM_write_PrivateKey(file, pair, nullptr, nullptr, 0, nullptr, nullptr); });
    X509_EXTENSION_free(names);
    X509_free(x509);
    EVP_PKEY_free(pair);
  }
  template <class Body>
  static void Write(const std::filesystem::path& path, const Body& body) {
    FILE* const file = fopen(path.c_str(), "w");
    body(file);
    fclose(file);
  }

  std::filesystem::path folder_;
};

}  // namespace freshet

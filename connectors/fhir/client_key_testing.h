// For tests: a client's key, made anew.
//
//   const TestKey key("RSA");                       // or "P-384": key.private_pem, key.public_pem
//
// Plain values.
#pragma once

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <string>

namespace freshet::fhir {

struct TestKey {
  explicit TestKey(const std::string& kind, unsigned bits = 2048) {
    EVP_PKEY* const pair = kind == "RSA" ? EVP_RSA_gen(bits) : EVP_EC_gen(kind.c_str());
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(out, pair, nullptr, nullptr, 0, nullptr, nullptr);
    private_pem = Taken(out);
    out = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(out, pair);
    public_pem = Taken(out);
    EVP_PKEY_free(pair);
  }
  std::string private_pem, public_pem;

 private:
  static std::string Taken(BIO* from) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(from, &bytes);
    std::string text(bytes, static_cast<size_t>(size));
    BIO_free_all(from);
    return text;
  }
};

}  // namespace freshet::fhir

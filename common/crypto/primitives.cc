#include "common/crypto/primitives.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace freshet::crypto {
namespace {

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freer<EVP_CIPHER_CTX_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Freer<EVP_MAC_CTX_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Freer<EVP_KDF_CTX_free>>;

// Fetching an algorithm by name costs more than using it once: each is fetched once and kept for ever. Contexts are
// made and freed in each call, since one that is kept would keep a key in memory.
const EVP_CIPHER* Aes256Gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}
EVP_MAC* Hmac() {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return mac;
}
EVP_KDF* Hkdf() {
  static EVP_KDF* const kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  return kdf;
}

void Check(bool worked, const char* what) {
  if (!worked) Die(what);
}

const uint8_t* Bytes(std::string_view text) { return reinterpret_cast<const uint8_t*>(text.data()); }
uint8_t* Bytes(std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); }

OSSL_PARAM Octets(const char* name, std::string_view bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(bytes.data()), bytes.size());
}

OSSL_PARAM Sha256() {
  static char name[] = "SHA256";
  return OSSL_PARAM_construct_utf8_string(const_cast<char*>(OSSL_ALG_PARAM_DIGEST), name, 0);
}

}  // namespace

void Die(const char* what) {
  std::fprintf(stderr, "Cryptography failed, ending the process. what=\"%s\"\n", what);
  std::abort();
}

SecretKey::~SecretKey() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

void Wipe(std::string& secret) {
  secret.resize(secret.capacity());
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

void HkdfSha256(const HkdfInput& input, std::span<uint8_t> out) {
  OSSL_PARAM params[5];
  OSSL_PARAM* next = params;
  *next++ = Sha256();
  *next++ = Octets(OSSL_KDF_PARAM_KEY, input.secret);
  if (!input.salt.empty()) *next++ = Octets(OSSL_KDF_PARAM_SALT, input.salt);
  *next++ = Octets(OSSL_KDF_PARAM_INFO, input.info);
  *next = OSSL_PARAM_construct_end();
  const KdfContext context(EVP_KDF_CTX_new(Hkdf()));
  Check(context != nullptr, "HKDF context");
  Check(EVP_KDF_derive(context.get(), out.data(), out.size(), params) == 1, "HKDF derive");
}

Mac256 HmacSha256(const SecretKey& key, std::span<const std::string_view> parts) {
  const MacContext context(EVP_MAC_CTX_new(Hmac()));
  Check(context != nullptr, "HMAC context");
  const OSSL_PARAM params[] = {Sha256(), OSSL_PARAM_construct_end()};
  Check(EVP_MAC_init(context.get(), key.bytes().data(), key.bytes().size(), params) == 1, "HMAC init");
  for (const std::string_view part : parts) {
    Check(EVP_MAC_update(context.get(), Bytes(part), part.size()) == 1, "HMAC update");
  }
  Mac256 mac;
  size_t length = 0;
  Check(EVP_MAC_final(context.get(), mac.data(), &length, mac.size()) == 1 && length == mac.size(), "HMAC final");
  return mac;
}

void AppendSealed(const SecretKey& key, std::string_view plain, std::string_view associated, std::string& out) {
  Check(plain.size() <= INT_MAX && associated.size() <= INT_MAX, "over 2 GiB to seal");
  const size_t start = out.size();
  out.resize(start + kNonceBytes + plain.size() + kTagBytes);
  uint8_t* const nonce = Bytes(out) + start;
  uint8_t* const text = nonce + kNonceBytes;
  RandomBytes({nonce, kNonceBytes});
  const CipherContext context(EVP_CIPHER_CTX_new());
  Check(context != nullptr, "GCM context");
  EVP_CIPHER_CTX* const gcm = context.get();
  int length = 0;
  Check(EVP_EncryptInit_ex2(gcm, Aes256Gcm(), key.bytes().data(), nonce, nullptr) == 1, "GCM init");
  Check(EVP_EncryptUpdate(gcm, nullptr, &length, Bytes(associated), int(associated.size())) == 1, "GCM associated");
  Check(EVP_EncryptUpdate(gcm, text, &length, Bytes(plain), int(plain.size())) == 1, "GCM update");
  Check(EVP_EncryptFinal_ex(gcm, text + length, &length) == 1, "GCM final");
  Check(EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, kTagBytes, text + plain.size()) == 1, "GCM tag");
}

bool OpenSealed(const SecretKey& key, std::string_view sealed, std::string_view associated, std::string& plain) {
  plain.clear();
  if (sealed.size() < kNonceBytes + kTagBytes || sealed.size() > INT_MAX || associated.size() > INT_MAX) return false;
  const std::string_view nonce = sealed.substr(0, kNonceBytes);
  const std::string_view text = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::array<char, kTagBytes> tag;
  sealed.copy(tag.data(), tag.size(), kNonceBytes + text.size());
  const CipherContext context(EVP_CIPHER_CTX_new());
  Check(context != nullptr, "GCM context");
  EVP_CIPHER_CTX* const gcm = context.get();
  int length = 0;
  Check(EVP_DecryptInit_ex2(gcm, Aes256Gcm(), key.bytes().data(), Bytes(nonce), nullptr) == 1, "GCM init");
  Check(EVP_DecryptUpdate(gcm, nullptr, &length, Bytes(associated), int(associated.size())) == 1, "GCM associated");
  plain.resize(text.size());
  Check(EVP_DecryptUpdate(gcm, Bytes(plain), &length, Bytes(text), int(text.size())) == 1, "GCM update");
  Check(EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1, "GCM tag");
  if (EVP_DecryptFinal_ex(gcm, Bytes(plain) + length, &length) == 1) return true;
  Wipe(plain);  // what came out before the tag was checked is nobody's to see
  return false;
}

void RandomBytes(std::span<uint8_t> out) {
  Check(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1, "random bytes");
}

}  // namespace freshet::crypto

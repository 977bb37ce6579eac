#include "connectors/fhir/assertion.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <nlohmann/json.hpp>

#include "common/base/base64.h"

namespace freshet::fhir {
namespace {

constexpr auto kValid = std::chrono::minutes(4);  // five are allowed, and clocks differ
constexpr int kLeastRsaBits = 2048;
constexpr std::string_view kP384 = "secp384r1";  // others of 384 bits are not ES384 (RFC 7518, 3.4)
constexpr int kNumberBytes = 48;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* raw) const {
    Free(raw);
  }
};
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

std::string CurveOf(const EVP_PKEY* key) {
  char name[80] = "";
  size_t size = 0;
  return EVP_PKEY_get_group_name(key, name, sizeof name, &size) == 1 ? std::string(name, size) : std::string();
}

int64_t SecondsOf(Time time) { return ToMicros(time) / 1'000'000; }

// OpenSSL's DER to r and s.
std::string TwoNumbers(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const Signature signature(d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())));
  std::string out(2 * kNumberBytes, '\0');
  auto* const to = reinterpret_cast<unsigned char*>(out.data());
  const bool good = signature != nullptr &&
                    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), to, kNumberBytes) == kNumberBytes &&
                    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), to + kNumberBytes, kNumberBytes) == kNumberBytes;
  return good ? out : std::string();
}

}  // namespace

struct ClientKey::Key {
  std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>> pair;
};

std::string ToBase64Url(std::string_view bytes) {
  std::string text = ToBase64(bytes);
  text.resize(text.find_last_not_of('=') + 1);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

Result<ClientKey> ClientKey::Read(const std::string& pem) {
  const std::unique_ptr<BIO, Freed<BIO_free_all>> from(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // Nobody is asked for a password.
  const auto no_password = [](char*, int, int, void*) { return 0; };
  auto key = std::make_shared<Key>();
  key->pair.reset(PEM_read_bio_PrivateKey(from.get(), nullptr, no_password, nullptr));
  if (key->pair == nullptr) return Status(Code::kConfiguration, "smart.key: is no private key in PEM");
  const int bits = EVP_PKEY_get_bits(key->pair.get());
  const bool is_rsa = EVP_PKEY_is_a(key->pair.get(), "RSA") == 1 && bits >= kLeastRsaBits;
  const bool is_p384 = EVP_PKEY_is_a(key->pair.get(), "EC") == 1 && CurveOf(key->pair.get()) == kP384;
  if (!is_rsa && !is_p384) {
    return Status(Code::kConfiguration, "smart.key: must be RSA of 2048 bits or more (RS384) or of P-384 (ES384)");
  }
  return ClientKey(std::move(key), is_rsa);
}

Result<std::string> ClientKey::Sign(const Claims& claims) const {
  const nlohmann::ordered_json header = {{"alg", is_rsa_ ? "RS384" : "ES384"}, {"kid", claims.key_id}, {"typ", "JWT"}};
  const nlohmann::ordered_json body = {{"iss", claims.client},
                                       {"sub", claims.client},
                                       {"aud", claims.audience},
                                       {"iat", SecondsOf(claims.now)},
                                       {"exp", SecondsOf(claims.now + kValid)},
                                       {"jti", claims.id}};
  const std::string text = ToBase64Url(header.dump()) + "." + ToBase64Url(body.dump());
  const std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  std::string signature;
  bool good = EVP_DigestSignInit(context.get(), nullptr, EVP_sha384(), nullptr, key_->pair.get()) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1;
  signature.resize(size);
  auto* const to = reinterpret_cast<unsigned char*>(signature.data());
  good = good && EVP_DigestSign(context.get(), to, &size, bytes, text.size()) == 1;
  signature.resize(size);
  if (good && !is_rsa_) signature = TwoNumbers(signature);
  if (!good || signature.empty()) return Status(Code::kUnavailable, "An assertion could not be signed");
  return text + "." + ToBase64Url(signature);
}

}  // namespace freshet::fhir

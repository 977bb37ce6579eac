#include "connectors/fhir/fake_authorization.h"

#include <httplib.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "common/base/base64.h"

namespace freshet::fhir {
namespace {

using Json = nlohmann::json;

std::string FromBase64Url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  return FromBase64(text).value_or("");
}

// r and s to OpenSSL's DER.
std::string ToDer(const std::string& numbers) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(numbers.data());
  const int half = static_cast<int>(numbers.size() / 2);
  ECDSA_SIG* const signature = ECDSA_SIG_new();
  ECDSA_SIG_set0(signature, BN_bin2bn(bytes, half, nullptr), BN_bin2bn(bytes + half, half, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature, &der);
  std::string out(reinterpret_cast<char*>(der), static_cast<size_t>(std::max(size, 0)));
  OPENSSL_free(der);
  ECDSA_SIG_free(signature);
  return out;
}

}  // namespace

bool FakeAuthorization::IsSigned(const std::string& text, const std::string& signature,
                                 const std::string& algorithm) const {
  BIO* const from = BIO_new_mem_buf(public_pem_.data(), static_cast<int>(public_pem_.size()));
  EVP_PKEY* const key = PEM_read_bio_PUBKEY(from, nullptr, nullptr, nullptr);
  const bool is_rsa = EVP_PKEY_is_a(key, "RSA") == 1;
  if (!is_rsa && signature.size() != 96) return false;
  const std::string bytes = is_rsa ? signature : ToDer(signature);
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const bool good = algorithm == (is_rsa ? "RS384" : "ES384") &&
                    EVP_DigestVerifyInit(context, nullptr, EVP_sha384(), nullptr, key) == 1 &&
                    EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                                     reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  BIO_free_all(from);
  return good;
}

bool FakeAuthorization::JudgeAssertion(const std::string& audience, const std::string& assertion) {
  const size_t first = assertion.find('.'), last = assertion.rfind('.');
  if (first == assertion.npos || first == last || assertion.find_first_of("=+/") != assertion.npos) return false;
  const Json header = Json::parse(FromBase64Url(assertion.substr(0, first)), nullptr, false);
  const Json claims = Json::parse(FromBase64Url(assertion.substr(first + 1, last - first - 1)), nullptr, false);
  if (!header.is_object() || !claims.is_object()) return false;
  const int64_t now = ToMicros(SystemClock().Now()) / 1'000'000, end = claims.value("exp", int64_t{0});
  const bool named = header.value("kid", "") == key_id_ && header.value("typ", "") == "JWT" &&
                     claims.value("iss", "") == client_ && claims.value("sub", "") == client_ &&
                     claims.value("aud", "") == audience;
  const bool timely = end > now && end <= now + 300;
  if (!named || !timely) return false;
  const std::string id = claims.value("jti", "");
  return !id.empty() && seen_.insert(id).second &&
         IsSigned(assertion.substr(0, last), FromBase64Url(assertion.substr(last + 1)), header.value("alg", ""));
}

std::string FakeAuthorization::Judge(const std::string& audience, const std::map<std::string, std::string>& form) {
  const auto value = [&](const char* name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  if (value("grant_type") != "client_credentials") return "unsupported_grant_type";
  if (value("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer") {
    return "invalid_request";
  }
  if (!JudgeAssertion(audience, value("client_assertion"))) return "invalid_client";
  return value("scope") == scope ? "" : "invalid_scope";
}

std::string FakeAuthorization::Answer(const std::string& audience, const std::string& form, int& status) {
  const std::lock_guard lock(mutex_);
  httplib::Params params;
  httplib::detail::parse_query_text(form, params);
  const std::string wrong = Judge(audience, {params.begin(), params.end()});
  status = wrong.empty() ? 200 : 400;
  if (!wrong.empty()) return Json({{"error", wrong}, {"error_description", "a word of Jane Doe's"}}).dump();
  if (odd) return R"({"token_type":"bearer"})";
  const std::string token = "token-" + std::to_string(++given_);
  const int seconds = life == 0 ? 300 : life.load();
  if (!careless) tokens_[token] = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  Json answer = {{"access_token", token}, {"token_type", "Bearer"}, {"scope", scope}};
  if (life != 0) answer["expires_in"] = life.load();
  return answer.dump();
}

bool FakeAuthorization::Accepts(const std::string& header) const {
  const std::lock_guard lock(mutex_);
  const auto found = header.starts_with("Bearer ") ? tokens_.find(header.substr(7)) : tokens_.end();
  return found != tokens_.end() && std::chrono::steady_clock::now() < found->second;
}

void FakeAuthorization::Revoke() {
  const std::lock_guard lock(mutex_);
  tokens_.clear();
}

}  // namespace freshet::fhir

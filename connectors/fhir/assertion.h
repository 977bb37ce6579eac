// ClientKey: the private key by which a client proves who it is (SMART Backend Services), and the assertions that it
// signs: a JWT that says for one authorization server, for a few minutes, once, who asks.
//
//   FRESHET_ASSIGN_OR_RETURN(const ClientKey key, ClientKey::Read(pem));
//   key.Sign({.client = "freshet", .audience = token_url, .key_id = "2026", .now = clock.Now(), .id = random})
//
//   assertion := base64url(header) "." base64url(claims) "." base64url(signature)
//   header    := {"alg": "RS384" | "ES384", "kid": key_id, "typ": "JWT"}
//   claims    := {"iss": client, "sub": client, "aud": audience, "iat": now, "exp": now + 4 minutes, "jti": id}
//
// RFC 7515 (the form), RFC 7518, 3.3 and 3.4 (the signatures: an ECDSA one is r and s, 48 bytes each), RFC 7523, 3 (the
// claims); HL7 SMART App Launch 2.2, "Client Authentication: Asymmetric" (which algorithms, at most five minutes).
//
// Codes: configuration (no private key in PEM, or neither RSA of 2048 bits or more nor P-384). Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/base/status.h"

namespace freshet::fhir {

std::string ToBase64Url(std::string_view bytes);

struct Claims {
  std::string client;
  std::string audience;
  std::string key_id;
  Time now;
  std::string id;  // never the same twice
};

class ClientKey {
 public:
  static Result<ClientKey> Read(const std::string& pem);

  // unavailable: the library has failed.
  Result<std::string> Sign(const Claims& claims) const;
  bool is_rsa() const { return is_rsa_; }

 private:
  struct Key;
  explicit ClientKey(std::shared_ptr<const Key> key, bool is_rsa) : key_(std::move(key)), is_rsa_(is_rsa) {}
  std::shared_ptr<const Key> key_;
  bool is_rsa_ = false;
};

}  // namespace freshet::fhir

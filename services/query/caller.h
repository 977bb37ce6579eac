// Who asks: a caller is known by its bearer token.
//
//   Result<TokenFile> tokens = TokenFile::Parse(text);
//   Result<Caller> caller = tokens->Authenticate(token);     // unauthenticated where nobody has it
//
// Authenticator is what a JWT verifier will be another of. Immutable after Parse: any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.h"
#include "common/base/status.h"

namespace freshet::query {

struct Caller {
  std::string user;
  std::vector<std::string> groups;
  TenantName tenant;

  // "user:ada", "group:nurses", ...
  std::vector<Principal> principals() const;
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  virtual Result<Caller> Authenticate(std::string_view token) const = 0;
};

// tokens.yaml: - {token: "…", user: ada, groups: [nurses], tenant: general-hospital}
class TokenFile final : public Authenticator {
 public:
  // configuration: names the line, never a token. A token is of visible ASCII characters, as a header carries it.
  static Result<TokenFile> Parse(std::string_view text);
  Result<Caller> Authenticate(std::string_view token) const override;
  // One who has a token, by name; not_found.
  Result<Caller> Named(std::string_view user) const;
  size_t size() const { return callers_.size(); }

 private:
  std::map<std::string, Caller> callers_;  // by SHA-256 of the token: no token stays in memory, look-ups leak no timing
};

}  // namespace freshet::query

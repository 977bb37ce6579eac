#include "services/query/caller.h"

#include <openssl/sha.h>

#include <algorithm>

#include "common/config/options.h"
#include "common/config/yaml.h"

namespace freshet {

struct TokenRow {
  std::string token;
  std::string user;
  std::vector<std::string> groups;
  std::string tenant;
};

template <>
struct OptionTable<TokenRow> {
  static constexpr auto fields =
      std::tuple{Field("token", &TokenRow::token, "What the caller sends as bearer token.").Required(),
                 Field("user", &TokenRow::user, "The caller's name: the principal user:<name>.").Required(),
                 Field("groups", &TokenRow::groups, "The caller's groups: principals group:<name>."),
                 Field("tenant", &TokenRow::tenant, "The tenant that the caller may ask.").Required()};
};

namespace query {
namespace {

std::string DigestOf(std::string_view token) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(token.data()), token.size(), reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

bool FitsIntoAHeader(std::string_view token) {
  return std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
}

}  // namespace

std::vector<Principal> Caller::principals() const {
  std::vector<Principal> principals = {Principal("user:" + user)};
  for (const std::string& group : groups) principals.push_back(Principal("group:" + group));
  return principals;
}

Result<TokenFile> TokenFile::Parse(std::string_view text) {
  FRESHET_ASSIGN_OR_RETURN(const ConfigNode node, ParseYaml(text, {.name = "tokens"}));
  FRESHET_ASSIGN_OR_RETURN(const std::vector<TokenRow> rows, ParseOptions<std::vector<TokenRow>>(node));
  TokenFile file;
  for (size_t i = 0; i < rows.size(); ++i) {
    const TokenRow& row = rows[i];
    if (!FitsIntoAHeader(row.token)) return node.items[i].Error("has a token of characters that no header carries");
    Caller caller{.user = row.user, .groups = row.groups, .tenant = TenantName(row.tenant)};
    if (!file.callers_.emplace(DigestOf(row.token), std::move(caller)).second) {
      return node.items[i].Error("repeats the token of an earlier entry");
    }
  }
  return file;
}

Result<Caller> TokenFile::Authenticate(std::string_view token) const {
  const auto it = callers_.find(DigestOf(token));
  if (token.empty() || it == callers_.end()) return Status(Code::kUnauthenticated, "no caller has this token");
  return it->second;
}

Result<Caller> TokenFile::Named(std::string_view user) const {
  for (const auto& [digest, caller] : callers_) {
    if (caller.user == user) return caller;
  }
  return Status(Code::kNotFound, "no caller has this name");
}

}  // namespace query
}  // namespace freshet

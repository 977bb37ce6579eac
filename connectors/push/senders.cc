#include "connectors/push/senders.h"

#include <openssl/crypto.h>
#include <strings.h>

#include <sstream>

#include "common/base/bytes.h"

namespace freshet::push {

Senders::Senders(const std::string& tokens) {
  std::istringstream lines(tokens);
  for (std::string line; std::getline(lines, line);) {
    line.erase(std::min(line.find('#'), line.size()));
    std::istringstream words(line);
    std::string token;
    if (words >> token) tokens_.push_back(std::move(token));
  }
}

bool Senders::Know(std::string_view authorization) const {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size()) return false;
  if (strncasecmp(authorization.data(), kScheme.data(), kScheme.size()) != 0) return false;
  const Hash128 given = HashOf(authorization.substr(kScheme.size()));
  bool known = false;
  for (const std::string& token : tokens_) {
    const Hash128 one = HashOf(token);
    known |= CRYPTO_memcmp(one.data(), given.data(), one.size()) == 0;
  }
  return known;
}

}  // namespace freshet::push

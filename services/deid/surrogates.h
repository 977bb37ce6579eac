// Surrogates: something of the same form in the place of an identifier, the same one for the same thing in a tenant.
//
//   const Surrogates surrogates(keys);
//   surrogates.For(IdentifierType::kName, "QUILL, Ada M.")       // "HARTWOOD, Mira T."
//   surrogates.For(IdentifierType::kName, "Mrs. Quill")          // "Mrs. Hartwood": word by word
//   surrogates.For(IdentifierType::kMrn, "MRN-0047-11")          // "KXT-9120-53"
//   surrogates.For(IdentifierType::kPhone, "(617) 555-2671")     // "(482) 555-0119"
//
// Chosen by HMAC-SHA256 of the folded original under the tenant's oldest surrogate key (common/crypto/keys.h): without
// the key nothing leads back, and rotation changes nothing. Case, punctuation, length of numbers, and for given names
// that are mostly of one sex that sex are kept; initials, titles, "MD", particles, words like "Street" and "Hospital"
// too. What could be dialled, mailed or looked up leads nowhere: 555-01xx numbers, example.org (RFC 2606), 192.0.2.0/24
// and 2001:db8::/32 (RFC 5737, RFC 3849). Two different names may have one surrogate: there are about 4,000 surnames.
// Immutable: any thread; the keys must outlive it.
#pragma once

#include <string>
#include <string_view>

#include "common/crypto/keys.h"
#include "services/deid/identifier.h"

namespace freshet::deid {

class Surrogates {
 public:
  explicit Surrogates(const KeyRing& keys) : keys_(keys) {}

  // Never the original. Empty for kinds that have none (policy.h, CanDo).
  std::string For(IdentifierType type, std::string_view original) const;

 private:
  std::string Words(std::string_view original, std::string_view kept_words) const;
  std::string Word(std::string_view folded) const;
  std::string Digits(std::string_view original) const;
  std::string Phone(std::string_view original) const;
  std::string Web(IdentifierType type, std::string_view original) const;

  const KeyRing& keys_;
};

}  // namespace freshet::deid

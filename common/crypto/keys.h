// KeyRing: a tenant's secrets, by purpose, rotatable. And the two things done with them: sealing and HMACs.
//
//   Result<KeyRing> keys = KeyRing::Parse(file_contents);       // what `freshet keys new` wrote
//   std::string sealed = keys->SealPayload(bytes, "changes.live/...");
//   DocumentId id(keys->OpaqueId("document", native_id));
//
// A key file is lines "key-id hex-of-32-bytes"; '#' begins a comment. The first line is the current key, which seals;
// all lines open, and the oldest, the last, gives names. Purposes (payload, seal, id, surrogate) are separate keys,
// derived by HKDF-SHA256 (RFC 5869), so that a process may be given less than the whole: ScopedTo writes a key file
// that holds only some purposes, as an index process needs no more than the seal key. The grammar stands in key_file.h.
//
// Whoever starts a process asks Require once for what the process will do; a function below that needs a purpose which
// the ring does not hold is a defect there, and ends the process rather than write what nobody can open or what
// everybody can. Immutable after Parse: any thread. Keys are wiped from memory with the last copy of the ring.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet {

enum class KeyPurpose : uint8_t { kPayload, kSeal, kId, kSurrogate };
inline constexpr size_t kKeyPurposeCount = 4;
std::string_view NameOf(KeyPurpose purpose);  // "payload", "seal", "id", "surrogate"

class KeyRing {
 public:
  // A new random key in the form of a key file's line, to be put in front of older lines.
  static std::string NewKeyLine();
  // configuration where the text is no key file.
  static Result<KeyRing> Parse(std::string_view key_file);

  // ok where the ring can do what these purposes are for, key_missing with the first that it cannot.
  Status Require(std::initializer_list<KeyPurpose> purposes) const;
  // A key file of the same keys, in the same order, for these purposes only: it opens and makes the same bytes.
  std::string ScopedTo(std::initializer_list<KeyPurpose> purposes) const;

  // AES-256-GCM. Envelope := format(1 byte = 1) key_id_length(1) key_id nonce(12) ciphertext tag(16).
  // `context` is authenticated, not stored: opening with another context fails.
  std::string SealPayload(std::string_view plain, std::string_view context) const;
  // corrupt_record (no envelope), key_missing, seal_mismatch (tampered, or another context).
  Result<std::string> OpenPayload(std::string_view envelope, std::string_view context) const;

  // HMAC-SHA256 by the seal key, 32 bytes; with the id of the key that made it.
  struct Seal {
    std::string mac;
    std::string key_id;
  };
  Seal Mac(std::string_view bytes) const { return Mac({&bytes, 1}); }
  // Of the parts as if they were one string: whoever cares where one ends writes lengths into them.
  Seal Mac(std::span<const std::string_view> parts) const;
  // seal_mismatch, key_missing. Compares in constant time.
  Status CheckMac(std::string_view bytes, const Seal& seal) const { return CheckMac({&bytes, 1}, seal); }
  Status CheckMac(std::span<const std::string_view> parts, const Seal& seal) const;

  // A stable name for what may be PHI: 32 hexadecimal digits of HMAC(id key, purpose, native). Made by the *oldest*
  // key of the ring that has the purpose, so that rotation does not rename documents.
  std::string OpaqueId(std::string_view purpose, std::string_view native) const;
  // 32 bytes that choose a surrogate or a patient's date shift: HMAC(surrogate key, purpose, native), by the oldest key
  // too. Whoever holds the id key learns nothing about surrogates, and the other way round.
  std::string SurrogateBytes(std::string_view purpose, std::string_view native) const;

 private:
  struct Derived;  // the keys of one line, by purpose
  KeyRing() = default;
  const Derived* Find(std::string_view key_id, KeyPurpose purpose) const;
  const Derived* Maker(KeyPurpose purpose) const;
  const Derived& Needed(KeyPurpose purpose) const;

  std::vector<std::shared_ptr<const Derived>> keys_;  // current first
};

}  // namespace freshet

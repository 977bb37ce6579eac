// KeyRing: a tenant's secrets, by purpose, rotatable. And the two things done with them: sealing and HMACs.
//
//   Result<KeyRing> keys = KeyRing::Parse(file_contents);       // what `freshet keys new` wrote
//   std::string sealed = keys->SealPayload(bytes, "changes.live/...");
//   DocumentId id(keys->OpaqueId("document", native_id));
//
// A key file is lines "key-id hex-of-32-bytes"; '#' begins a comment. The first line is the current key, which seals;
// all lines open. Purposes (payload, seal, id, surrogate) are separate keys, derived by HKDF-SHA256 (RFC 5869), so that
// a process may be given less than the whole. Immutable after Parse: any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"

namespace freshet {

class KeyRing {
 public:
  // A new random key in the form of a key file, to be put in front of older lines.
  static std::string NewKeyLine();
  // configuration where the text is no key file.
  static Result<KeyRing> Parse(std::string_view key_file);

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
  Seal Mac(std::string_view bytes) const;
  // seal_mismatch, key_missing. Compares in constant time.
  Status CheckMac(std::string_view bytes, const Seal& seal) const;

  // A stable name for what may be PHI: 32 hexadecimal digits of HMAC(id key, purpose, native). Made by the *oldest*
  // key of the ring, so that rotation does not rename documents.
  std::string OpaqueId(std::string_view purpose, std::string_view native) const;

 private:
  struct Derived;  // the keys of one line, by purpose
  KeyRing() = default;
  const Derived* Find(std::string_view key_id) const;
  std::vector<std::shared_ptr<const Derived>> keys_;  // current first
};

}  // namespace freshet

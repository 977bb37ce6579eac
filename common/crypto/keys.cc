#include "common/crypto/keys.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "common/base/bytes.h"
#include "common/crypto/key_file.h"
#include "common/crypto/primitives.h"

namespace freshet {

using crypto::Mac256;
using crypto::SecretKey;

struct KeyRing::Derived : crypto::KeyLine {
  explicit Derived(crypto::KeyLine line) : crypto::KeyLine(std::move(line)) {}
};

namespace {

constexpr char kEnvelopeFormat = 1;

// Names and surrogates are made by the oldest key, all else by the current one.
bool IsByOldest(KeyPurpose purpose) { return purpose == KeyPurpose::kId || purpose == KeyPurpose::kSurrogate; }

Status Missing(std::string_view key_id, KeyPurpose purpose) {
  return Status(Code::kKeyMissing, std::string(NameOf(purpose)) + " key " + std::string(key_id));
}

// HMAC(key, length of purpose, purpose, native): no two pairs give the same bytes.
Mac256 KeyedName(const SecretKey& key, std::string_view purpose, std::string_view native) {
  std::string length;
  AppendBig32(length, static_cast<uint32_t>(purpose.size()));
  const std::string_view parts[] = {length, purpose, native};
  return HmacSha256(key, parts);
}

std::string_view View(const Mac256& mac) { return {reinterpret_cast<const char*>(mac.data()), mac.size()}; }

}  // namespace

std::string_view NameOf(KeyPurpose purpose) {
  static constexpr std::string_view kNames[kKeyPurposeCount] = {"payload", "seal", "id", "surrogate"};
  return kNames[static_cast<size_t>(purpose)];
}

std::string KeyRing::NewKeyLine() {
  SecretKey key;
  std::array<uint8_t, 6> id;
  crypto::RandomBytes(key.bytes());
  crypto::RandomBytes(id);
  std::string hex = ToHex({reinterpret_cast<const char*>(key.bytes().data()), key.bytes().size()});
  std::string line = "k" + ToHex({reinterpret_cast<const char*>(id.data()), id.size()}) + " " + hex + "\n";
  crypto::Wipe(hex);
  return line;
}

Result<KeyRing> KeyRing::Parse(std::string_view key_file) {
  FRESHET_ASSIGN_OR_RETURN(std::vector<crypto::KeyLine> lines, crypto::ParseKeyFile(key_file));
  KeyRing ring;
  for (crypto::KeyLine& line : lines) ring.keys_.push_back(std::make_shared<const Derived>(std::move(line)));
  return ring;
}

const KeyRing::Derived* KeyRing::Find(std::string_view key_id, KeyPurpose purpose) const {
  for (const auto& key : keys_) {
    if (key->id == key_id) return key->KeyOf(purpose) != nullptr ? key.get() : nullptr;
  }
  return nullptr;
}

const KeyRing::Derived* KeyRing::Maker(KeyPurpose purpose) const {
  const auto holds = [purpose](const auto& key) { return key->KeyOf(purpose) != nullptr; };
  if (IsByOldest(purpose)) {
    const auto key = std::find_if(keys_.rbegin(), keys_.rend(), holds);
    return key == keys_.rend() ? nullptr : key->get();
  }
  const auto key = std::find_if(keys_.begin(), keys_.end(), holds);
  return key == keys_.end() ? nullptr : key->get();
}

const KeyRing::Derived& KeyRing::Needed(KeyPurpose purpose) const {
  const Derived* const key = Maker(purpose);
  if (key == nullptr) crypto::Die("a purpose that Require would have refused");
  return *key;
}

Status KeyRing::Require(std::initializer_list<KeyPurpose> purposes) const {
  for (const KeyPurpose purpose : purposes) {
    if (Maker(purpose) == nullptr) return Missing("of any id", purpose);
  }
  return OkStatus();
}

std::string KeyRing::ScopedTo(std::initializer_list<KeyPurpose> purposes) const {
  std::string file;
  for (const auto& key : keys_) file += crypto::FormatScopedLine(*key, purposes);
  return file;
}

std::string KeyRing::SealPayload(std::string_view plain, std::string_view context) const {
  const Derived& key = Needed(KeyPurpose::kPayload);
  std::string envelope;
  envelope.reserve(2 + key.id.size() + crypto::kNonceBytes + plain.size() + crypto::kTagBytes);
  envelope.push_back(kEnvelopeFormat);
  envelope.push_back(static_cast<char>(key.id.size()));
  envelope += key.id;
  const std::string associated = envelope + std::string(context);
  AppendSealed(*key.KeyOf(KeyPurpose::kPayload), plain, associated, envelope);
  return envelope;
}

Result<std::string> KeyRing::OpenPayload(std::string_view envelope, std::string_view context) const {
  ByteReader reader(envelope);
  uint8_t format = 0, length = 0;
  std::string_view id;
  if (!reader.Byte(format) || format != kEnvelopeFormat || !reader.Byte(length) || !reader.Bytes(length, id) ||
      !crypto::IsKeyId(id) || reader.rest().size() < crypto::kNonceBytes + crypto::kTagBytes) {
    return Status(Code::kCorruptRecord, "no envelope of format 1");
  }
  const Derived* const key = Find(id, KeyPurpose::kPayload);
  if (key == nullptr) return Missing(id, KeyPurpose::kPayload);
  const std::string associated = std::string(envelope.substr(0, 2 + length)) + std::string(context);
  std::string plain;
  if (!OpenSealed(*key->KeyOf(KeyPurpose::kPayload), reader.rest(), associated, plain)) {
    return Status(Code::kSealMismatch, "payload");
  }
  return plain;
}

KeyRing::Seal KeyRing::Mac(std::span<const std::string_view> parts) const {
  const Derived& key = Needed(KeyPurpose::kSeal);
  return {.mac = std::string(View(HmacSha256(*key.KeyOf(KeyPurpose::kSeal), parts))), .key_id = key.id};
}

Status KeyRing::CheckMac(std::span<const std::string_view> parts, const Seal& seal) const {
  if (!crypto::IsKeyId(seal.key_id)) return Status(Code::kSealMismatch, "a seal without a key id");
  const Derived* const key = Find(seal.key_id, KeyPurpose::kSeal);
  if (key == nullptr) return Missing(seal.key_id, KeyPurpose::kSeal);
  const Mac256 expected = HmacSha256(*key->KeyOf(KeyPurpose::kSeal), parts);
  if (seal.mac.size() != expected.size() || CRYPTO_memcmp(seal.mac.data(), expected.data(), expected.size()) != 0) {
    return Status(Code::kSealMismatch, "seal");
  }
  return OkStatus();
}

std::string KeyRing::OpaqueId(std::string_view purpose, std::string_view native) const {
  const SecretKey& key = *Needed(KeyPurpose::kId).KeyOf(KeyPurpose::kId);
  return ToHex(View(KeyedName(key, purpose, native)).substr(0, 16));
}

std::string KeyRing::SurrogateBytes(std::string_view purpose, std::string_view native) const {
  const SecretKey& key = *Needed(KeyPurpose::kSurrogate).KeyOf(KeyPurpose::kSurrogate);
  return std::string(View(KeyedName(key, purpose, native)));
}

}  // namespace freshet

// The four primitives of OpenSSL that keys.h is made of, each as one call on whole strings.
//
//   SecretKey key;  HkdfSha256({.secret = master, .info = "freshet/v1/seal"}, key.bytes());
//   std::array<uint8_t, 32> mac = HmacSha256(key, parts);
//
// Nothing here fails for what the input is, except opening. What OpenSSL itself refuses (no memory, no randomness, no
// such algorithm) leaves nothing safe to go on with: the process ends with a line on standard error. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace freshet::crypto {

inline constexpr size_t kKeyBytes = 32;
inline constexpr size_t kNonceBytes = 12;
inline constexpr size_t kTagBytes = 16;
using Mac256 = std::array<uint8_t, 32>;

// 32 bytes that are wiped when they go.
class SecretKey {
 public:
  SecretKey() = default;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  ~SecretKey();

  std::span<uint8_t> bytes() { return bytes_; }
  std::span<const uint8_t> bytes() const { return bytes_; }

 private:
  std::array<uint8_t, kKeyBytes> bytes_{};
};

// Wipes a string that held a secret, its whole capacity.
void Wipe(std::string& secret);

// HKDF-SHA256, extract and expand (RFC 5869). No salt is a salt of 32 zeros. `out` is up to 255 * 32 bytes.
struct HkdfInput {
  std::string_view secret;
  std::string_view salt;
  std::string_view info;
};
void HkdfSha256(const HkdfInput& input, std::span<uint8_t> out);

// HMAC-SHA256 (RFC 2104) of the parts as if they were one string.
Mac256 HmacSha256(const SecretKey& key, std::span<const std::string_view> parts);

// AES-256-GCM (NIST SP 800-38D): appends nonce, ciphertext and tag to `out`. The nonce is random.
void AppendSealed(const SecretKey& key, std::string_view plain, std::string_view associated, std::string& out);
// Opens what AppendSealed appended. False where key, associated data or a single bit differ; `plain` is then empty.
[[nodiscard]] bool OpenSealed(const SecretKey& key, std::string_view sealed, std::string_view associated,
                              std::string& plain);

void RandomBytes(std::span<uint8_t> out);

// Ends the process: going on would write what is not protected, or lose what was.
[[noreturn]] void Die(const char* what);

}  // namespace freshet::crypto

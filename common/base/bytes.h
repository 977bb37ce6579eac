// Big-endian keys that sort as their numbers do, and hexadecimal.
//
//   std::string key;  AppendBig32(key, 7);  AppendText(key, "policies");
//   ByteReader reader(key);  uint32_t n;  if (!reader.Big32(n)) ...
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/version.h"

namespace freshet {

void AppendBig16(std::string& out, uint16_t number);
void AppendBig32(std::string& out, uint32_t number);
void AppendBig64(std::string& out, uint64_t number);
// 24 bytes that sort as the versions do.
void AppendVersion(std::string& out, const Version& version);
// text, with 0x00 as 0x00 0xFF, then 0x00 0x01: keys sort by text first and no text is another's prefix.
void AppendText(std::string& out, std::string_view text);

// Reads what the functions above wrote, from front to back. Every reader returns false, and moves nowhere, where the
// bytes end too early or are not what those functions write.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool Byte(uint8_t& out);
  [[nodiscard]] bool Big16(uint16_t& out);
  [[nodiscard]] bool Big32(uint32_t& out);
  [[nodiscard]] bool Big64(uint64_t& out);
  [[nodiscard]] bool ReadVersion(Version& out);
  [[nodiscard]] bool Text(std::string& out);
  [[nodiscard]] bool Bytes(size_t count, std::string_view& out);
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::string ToHex(std::string_view bytes);
// invalid_argument where the text is not pairs of hexadecimal digits.
Result<std::string> FromHex(std::string_view hex);

// A content hash: the first 16 bytes of SHA-256.
using Hash128 = std::array<uint8_t, 16>;
Hash128 HashOf(std::string_view bytes);
inline std::string_view AsBytes(const Hash128& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

}  // namespace freshet

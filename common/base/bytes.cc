#include "common/base/bytes.h"

#include <openssl/sha.h>

#include <cstring>

namespace freshet {
namespace {

template <class Number>
void AppendBig(std::string& out, Number number) {
  for (int shift = 8 * (sizeof(Number) - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(number >> shift));
  }
}

template <class Number>
bool ReadBig(std::string_view& rest, Number& out) {
  if (rest.size() < sizeof(Number)) return false;
  Number number = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    number = static_cast<Number>(number << 8) | static_cast<uint8_t>(rest[i]);
  }
  rest.remove_prefix(sizeof(Number));
  out = number;
  return true;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void AppendBig16(std::string& out, uint16_t number) { AppendBig(out, number); }
void AppendBig32(std::string& out, uint32_t number) { AppendBig(out, number); }
void AppendBig64(std::string& out, uint64_t number) { AppendBig(out, number); }

void AppendVersion(std::string& out, const Version& version) {
  AppendBig64(out, version.epoch);
  AppendBig64(out, version.position);
  AppendBig64(out, version.ordinal);
}

void AppendText(std::string& out, std::string_view text) {
  for (const char c : text) {
    out.push_back(c);
    if (c == '\0') out.push_back('\xFF');
  }
  out.push_back('\0');
  out.push_back('\1');
}

bool ByteReader::Byte(uint8_t& out) { return ReadBig(rest_, out); }
bool ByteReader::Big16(uint16_t& out) { return ReadBig(rest_, out); }
bool ByteReader::Big32(uint32_t& out) { return ReadBig(rest_, out); }
bool ByteReader::Big64(uint64_t& out) { return ReadBig(rest_, out); }

bool ByteReader::ReadVersion(Version& out) {
  return rest_.size() >= 24 && Big64(out.epoch) && Big64(out.position) && Big64(out.ordinal);
}

bool ByteReader::Text(std::string& out) {
  std::string text;
  for (size_t i = 0; i + 1 < rest_.size(); ++i) {
    if (rest_[i] != '\0') {
      text.push_back(rest_[i]);
    } else if (rest_[i + 1] == '\xFF') {
      text.push_back('\0');
      ++i;
    } else if (rest_[i + 1] == '\1') {
      rest_.remove_prefix(i + 2);
      out = std::move(text);
      return true;
    } else {
      return false;
    }
  }
  return false;
}

bool ByteReader::Bytes(size_t count, std::string_view& out) {
  if (rest_.size() < count) return false;
  out = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return true;
}

std::string ToHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    hex.push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
    hex.push_back(kDigits[static_cast<uint8_t>(c) & 15]);
  }
  return hex;
}

Result<std::string> FromHex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    const int high = HexDigit(hex[i]), low = HexDigit(hex[i + 1]);
    if (high < 0 || low < 0) break;
    bytes.push_back(static_cast<char>(high << 4 | low));
  }
  if (bytes.size() * 2 != hex.size()) return Status(Code::kInvalidArgument, "not hexadecimal");
  return bytes;
}

Hash128 HashOf(std::string_view bytes) {
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), digest);
  Hash128 hash;
  std::memcpy(hash.data(), digest, hash.size());
  return hash;
}

}  // namespace freshet

#include "services/deid/packed_text.h"

#include <algorithm>
#include <array>

namespace freshet::deid {
namespace {

struct Alphabet {
  std::string_view characters;
  uint32_t bits;
};

constexpr std::array<Alphabet, 4> kAlphabets = {
    {{"0123456789-./+ (", 4},
     {"0123456789abcdef", 4},
     {"abcdefghijklmnopqrstuvwxyz -'.,/", 5},
     {"abcdefghijklmnopqrstuvwxyz0123456789 -'.,/@_+&#():;\n=!?*\"%<>[]|^", 6}}};
static_assert(kAlphabets[2].characters.size() == 32 && kAlphabets[3].characters.size() == 64);

constexpr uint8_t kNone = 0xff;
constexpr uint32_t kRawMode = 0;
constexpr uint32_t kUuidMode = 5;
constexpr uint32_t kLongLength = 31;

// Of each alphabet: the place of each character.
constexpr auto kPlaces = [] {
  std::array<std::array<uint8_t, 256>, kAlphabets.size()> places{};
  for (size_t mode = 0; mode < kAlphabets.size(); ++mode) {
    for (uint8_t& place : places[mode]) place = kNone;
    const std::string_view characters = kAlphabets[mode].characters;
    for (size_t i = 0; i < characters.size(); ++i) {
      places[mode][static_cast<unsigned char>(characters[i])] = static_cast<uint8_t>(i);
    }
  }
  return places;
}();

constexpr std::array<size_t, 4> kUuidDashes = {8, 13, 18, 23};
constexpr size_t kUuidLength = 36;

bool IsUuidDash(size_t at) { return std::find(kUuidDashes.begin(), kUuidDashes.end(), at) != kUuidDashes.end(); }

bool IsUuid(std::string_view text) {
  if (text.size() != kUuidLength) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsUuidDash(i) ? text[i] != '-' : kPlaces[1][static_cast<unsigned char>(text[i])] == kNone) return false;
  }
  return true;
}

void AppendBits(std::string_view text, size_t alphabet, std::string& out) {
  uint32_t held = 0, bits = 0;
  for (const char c : text) {
    held = held << kAlphabets[alphabet].bits | kPlaces[alphabet][static_cast<unsigned char>(c)];
    bits += kAlphabets[alphabet].bits;
    for (; bits >= 8; bits -= 8) out += static_cast<char>(held >> (bits - 8));
  }
  if (bits > 0) out += static_cast<char>(held << (8 - bits));
}

void AppendHead(uint32_t mode, size_t length, std::string& out) {
  out += static_cast<char>(mode << 5 | std::min<size_t>(length, kLongLength));
  if (length >= kLongLength) AppendVarint(length - kLongLength, out);
}

std::string WithDashes(std::string_view digits) {
  std::string uuid;
  for (const char c : digits) {
    if (IsUuidDash(uuid.size())) uuid += '-';
    uuid += c;
  }
  return uuid;
}

std::string Unpacked(std::string_view bytes, size_t alphabet, size_t length) {
  std::string text;
  text.reserve(length);
  uint32_t held = 0, bits = 0;
  const uint32_t width = kAlphabets[alphabet].bits;
  for (const char c : bytes) {
    held = held << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= width && text.size() < length; bits -= width) {
      text += kAlphabets[alphabet].characters[held >> (bits - width) & ((1u << width) - 1)];
    }
  }
  return text;
}

}  // namespace

void AppendVarint(uint64_t number, std::string& out) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>(number | 0x80);
  out += static_cast<char>(number);
}

void AppendPacked(std::string_view text, std::string& out) {
  if (IsUuid(text)) {
    AppendHead(kUuidMode, 0, out);
    std::string digits(text);
    std::erase(digits, '-');
    return AppendBits(digits, 1, out);
  }
  for (size_t i = 0; i < kAlphabets.size(); ++i) {
    const auto fits = [i](char c) { return kPlaces[i][static_cast<unsigned char>(c)] != kNone; };
    if (!std::all_of(text.begin(), text.end(), fits)) continue;
    AppendHead(static_cast<uint32_t>(i + 1), text.size(), out);
    return AppendBits(text, i, out);
  }
  AppendHead(kRawMode, text.size(), out);
  out += text;
}

uint64_t PackedReader::Varint() {
  uint64_t number = 0;
  for (uint32_t shift = 0; !rest_.empty() && shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    number |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) break;
  }
  return number;
}

std::string_view PackedReader::Bytes(size_t count) {
  const std::string_view bytes = rest_.substr(0, count);
  rest_.remove_prefix(bytes.size());
  return bytes;
}

std::string PackedReader::Text() {
  if (rest_.empty()) return {};
  const auto head = static_cast<unsigned char>(rest_.front());
  rest_.remove_prefix(1);
  const uint32_t mode = head >> 5;
  if (mode == kUuidMode) return WithDashes(Unpacked(Bytes(16), 1, 32));
  size_t length = head & kLongLength;
  if (length == kLongLength) length += Varint();
  length = std::min(length, rest_.size() * 2);
  if (mode == kRawMode || mode > kAlphabets.size()) return std::string(Bytes(length));
  return Unpacked(Bytes((length * kAlphabets[mode - 1].bits + 7) / 8), mode - 1, length);
}

}  // namespace freshet::deid

#include "common/crypto/key_file.h"

#include <algorithm>
#include <optional>

#include "common/base/bytes.h"

namespace freshet::crypto {
namespace {

constexpr size_t kMaxKeyIdBytes = 64;
constexpr std::string_view kBlank = " \t\r";

Status Wrong(size_t line, const char* what) {
  return Status(Code::kConfiguration, "key file line " + std::to_string(line) + ": " + what);
}

// The next word of a line, empty at its end or where a comment begins.
std::string_view NextWord(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlank), rest.size()));
  if (rest.starts_with('#')) rest = {};
  const std::string_view word = rest.substr(0, rest.find_first_of(kBlank));
  rest.remove_prefix(word.size());
  return word;
}

std::optional<KeyPurpose> PurposeOf(std::string_view name) {
  for (const KeyPurpose purpose : kKeyPurposes) {
    if (NameOf(purpose) == name) return purpose;
  }
  return std::nullopt;
}

void DeriveAll(const SecretKey& master, KeyLine& line) {
  const std::string_view secret(reinterpret_cast<const char*>(master.bytes().data()), master.bytes().size());
  for (const KeyPurpose purpose : kKeyPurposes) {
    auto key = std::make_unique<SecretKey>();
    HkdfSha256({.secret = secret, .info = "freshet/v1/" + std::string(NameOf(purpose))}, key->bytes());
    line.keys[static_cast<size_t>(purpose)] = std::move(key);
  }
}

// Adds one secret to a line; what is wrong with it, or null.
const char* AddSecret(std::string_view word, KeyLine& line) {
  const size_t colon = word.find(':');
  const std::string_view hex = colon == std::string_view::npos ? word : word.substr(colon + 1);
  Result<std::string> secret = FromHex(hex);
  if (!secret.ok() || hex.size() != 2 * kKeyBytes) return "a secret is 64 hexadecimal digits";
  auto key = std::make_unique<SecretKey>();
  std::ranges::copy(*secret, key->bytes().begin());
  Wipe(*secret);
  if (colon == std::string_view::npos) {
    if (std::ranges::any_of(line.keys, [](const auto& held) { return held != nullptr; })) {
      return "a key of all purposes stands alone";
    }
    DeriveAll(*key, line);
    return nullptr;
  }
  const std::optional<KeyPurpose> purpose = PurposeOf(word.substr(0, colon));
  if (!purpose) return "a purpose is payload, seal, id or surrogate";
  auto& slot = line.keys[static_cast<size_t>(*purpose)];
  if (slot) return "a purpose is given twice";
  slot = std::move(key);
  return nullptr;
}

}  // namespace

bool IsKeyId(std::string_view text) {
  return !text.empty() && text.size() <= kMaxKeyIdBytes && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

Result<std::vector<KeyLine>> ParseKeyFile(std::string_view text) {
  std::vector<KeyLine> lines;
  for (size_t number = 1; !text.empty(); ++number) {
    std::string_view rest = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(rest.size() + 1, text.size()));
    const std::string_view id = NextWord(rest);
    if (id.empty()) continue;
    if (!IsKeyId(id)) return Wrong(number, "a key id is 1 to 64 letters, digits, '.', '_' or '-'");
    if (std::ranges::any_of(lines, [&](const KeyLine& line) { return line.id == id; })) {
      return Wrong(number, "this key id stands in an earlier line");
    }
    KeyLine line{.id = std::string(id)};
    std::string_view word = NextWord(rest);
    if (word.empty()) return Wrong(number, "a key id without a secret");
    for (; !word.empty(); word = NextWord(rest)) {
      if (const char* const what = AddSecret(word, line)) return Wrong(number, what);
    }
    lines.push_back(std::move(line));
  }
  if (lines.empty()) return Status(Code::kConfiguration, "a key file without a key");
  return lines;
}

std::string FormatScopedLine(const KeyLine& line, std::initializer_list<KeyPurpose> purposes) {
  std::string text;
  for (const KeyPurpose purpose : purposes) {
    const SecretKey* const key = line.KeyOf(purpose);
    if (key == nullptr) continue;
    std::string hex = ToHex({reinterpret_cast<const char*>(key->bytes().data()), key->bytes().size()});
    text += " " + std::string(NameOf(purpose)) + ":" + hex;
    Wipe(hex);
  }
  return text.empty() ? text : line.id + text + "\n";
}

}  // namespace freshet::crypto

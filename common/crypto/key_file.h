// The form of a key file, apart from what is done with keys.
//
//   file      := line*
//   line      := [ key-id SP+ secret ( SP+ secret )* ] [ '#' comment ] '\n'
//   key-id    := 1 to 64 of A-Z a-z 0-9 . _ -        named in clear in every envelope and seal
//   secret    := hex64                               the key of all purposes, which are derived from it
//              | purpose ':' hex64                   the key of one purpose itself
//   purpose   := "payload" | "seal" | "id" | "surrogate"
//
//   Result<std::vector<KeyLine>> lines = ParseKeyFile(text);
//
// Free functions without state: any thread.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/crypto/keys.h"
#include "common/crypto/primitives.h"

namespace freshet::crypto {

// One line: its id, and a key for each purpose that it holds.
struct KeyLine {
  std::string id;
  std::array<std::unique_ptr<SecretKey>, kKeyPurposeCount> keys;

  const SecretKey* KeyOf(KeyPurpose purpose) const { return keys[static_cast<size_t>(purpose)].get(); }
};

inline constexpr std::array kKeyPurposes = {KeyPurpose::kPayload, KeyPurpose::kSeal, KeyPurpose::kId,
                                            KeyPurpose::kSurrogate};

// Whether the text is a key id by the grammar: only then may it stand in a message.
bool IsKeyId(std::string_view text);

// configuration, with the number of the line and never its content: no key at all, an id twice, a secret that is not
// 64 hexadecimal digits, a purpose that is unknown or given twice.
Result<std::vector<KeyLine>> ParseKeyFile(std::string_view text);

// "key-id purpose:hex ...", newline.
std::string FormatScopedLine(const KeyLine& line, std::initializer_list<KeyPurpose> purposes);

}  // namespace freshet::crypto

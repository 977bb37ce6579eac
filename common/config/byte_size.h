// ByteSize: a number of bytes as people write it: "64MiB", "4GiB", "512KiB", "100B".
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/status.h"

namespace freshet {

struct ByteSize {
  uint64_t bytes = 0;
  auto operator<=>(const ByteSize&) const = default;
};

inline namespace literals {
constexpr ByteSize operator""_KiB(unsigned long long count) { return {count << 10}; }
constexpr ByteSize operator""_MiB(unsigned long long count) { return {count << 20}; }
constexpr ByteSize operator""_GiB(unsigned long long count) { return {count << 30}; }
}  // namespace literals

// A whole number and B, KiB, MiB, GiB or TiB (powers of 1024). invalid_argument.
Result<ByteSize> ParseByteSize(std::string_view text);
// The shortest of the forms that ParseByteSize reads back to the same value.
std::string FormatByteSize(ByteSize size);

}  // namespace freshet

#include "common/config/byte_size.h"

#include <charconv>

namespace freshet {
namespace {

struct Unit {
  std::string_view name;
  int shift;
};
constexpr Unit kUnits[] = {{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"B", 0}};

}  // namespace

Result<ByteSize> ParseByteSize(std::string_view text) {
  uint64_t number = 0;
  const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view name(next, text.data() + text.size() - next);
  for (const Unit& unit : kUnits) {
    const bool fits = error == std::errc() && number <= (UINT64_MAX >> unit.shift);
    if (name == unit.name && fits) return ByteSize{number << unit.shift};
  }
  return Status(Code::kInvalidArgument, "a size is a whole number and a unit: 512KiB, 64MiB, 4GiB");
}

std::string FormatByteSize(ByteSize size) {
  for (const Unit& unit : kUnits) {
    const uint64_t number = size.bytes >> unit.shift;
    if (number > 0 && number << unit.shift == size.bytes) return std::to_string(number) + std::string(unit.name);
  }
  return "0B";
}

}  // namespace freshet

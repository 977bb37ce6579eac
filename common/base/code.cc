#include "common/base/code.h"

namespace freshet {
namespace {

constexpr CodeRow kRows[] = {
#define FRESHET_CODE_ROW(enumerator, name, disposition, meaning) \
  {Code::enumerator, name, Disposition::disposition, meaning},
    FRESHET_CODES(FRESHET_CODE_ROW)
#undef FRESHET_CODE_ROW
};

}  // namespace

std::span<const CodeRow> AllCodes() { return kRows; }

std::string_view NameOf(Code code) { return kRows[static_cast<size_t>(code)].name; }

std::string_view NameOf(Disposition disposition) {
  static constexpr std::string_view kNames[] = {"none", "retry", "skip", "halt", "reject"};
  return kNames[static_cast<size_t>(disposition)];
}

Disposition DispositionOf(Code code) { return kRows[static_cast<size_t>(code)].disposition; }

std::optional<Code> CodeOf(std::string_view name) {
  for (const CodeRow& row : kRows) {
    if (row.name == name) return row.code;
  }
  return std::nullopt;
}

}  // namespace freshet

#include "services/deid/identifier.h"

namespace freshet::deid {
namespace {

constexpr IdentifierRow kRows[] = {
#define FRESHET_IDENTIFIER_ROW(enumerator, label, letter, meaning) {IdentifierType::enumerator, label, letter, meaning},
    FRESHET_IDENTIFIERS(FRESHET_IDENTIFIER_ROW)
#undef FRESHET_IDENTIFIER_ROW
};

}  // namespace

std::span<const IdentifierRow> AllIdentifiers() { return kRows; }

std::string_view LabelOf(IdentifierType type) { return kRows[static_cast<size_t>(type)].label; }

}  // namespace freshet::deid

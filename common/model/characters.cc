#include "common/model/characters.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

namespace freshet::model {
namespace {

bool IsWrittenWithoutSpaces(char32_t code_point) {
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(static_cast<UChar32>(code_point), &error)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
      return true;
    default:
      return false;
  }
}

}  // namespace

CharacterClass ClassOfNonAscii(char32_t code_point) {
  const uint32_t category = U_GET_GC_MASK(static_cast<UChar32>(code_point));
  if (category & (U_GC_Z_MASK | U_GC_CC_MASK | U_GC_CF_MASK)) return CharacterClass::kSpace;
  if (category & (U_GC_L_MASK | U_GC_N_MASK)) {
    return code_point >= 0x1100 && IsWrittenWithoutSpaces(code_point) ? CharacterClass::kSingle : CharacterClass::kWord;
  }
  return category & U_GC_M_MASK ? CharacterClass::kWord : CharacterClass::kSingle;
}

}  // namespace freshet::model

#include "common/model/words_counter.h"

#include "common/base/utf8.h"
#include "common/model/characters.h"

namespace freshet::model {
namespace {

constexpr uint32_t kPieceLength = 6;  // code points of a word in one token

// Calls emit(end) for each token, front to back.
template <class Emit>
void ForEachToken(std::string_view text, Emit emit) {
  uint32_t in_piece = 0;  // code points of the open piece
  size_t at = 0;
  while (at < text.size()) {
    const size_t begin = at;
    const auto lead = static_cast<uint8_t>(text[at]);
    const CharacterClass kind = lead < 0x80 ? kAsciiClasses[lead] : ClassOfNonAscii(NextCodePoint(text, at));
    if (lead < 0x80) ++at;
    if (kind == CharacterClass::kWord) {
      if (in_piece == kPieceLength) {
        emit(begin);
        in_piece = 0;
      }
      ++in_piece;
      continue;
    }
    if (in_piece > 0) emit(begin);
    in_piece = 0;
    if (kind == CharacterClass::kSingle) emit(at);
  }
  if (in_piece > 0) emit(at);
}

}  // namespace

size_t WordsCounter::Count(std::string_view text) const {
  size_t count = 0;
  ForEachToken(text, [&](size_t) { ++count; });
  return count;
}

void WordsCounter::TokenEnds(std::string_view text, std::vector<uint32_t>& ends) const {
  ends.clear();
  ForEachToken(text, [&](size_t end) { ends.push_back(static_cast<uint32_t>(end)); });
}

}  // namespace freshet::model

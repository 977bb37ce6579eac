#include "services/deid/fold.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>

#include <array>

#include "common/base/utf8.h"
#include "services/deid/text.h"

namespace freshet::deid {
namespace {

struct Lookalike {
  char32_t from;
  char to;
};

// Letters that print like a Latin one in most typefaces (Unicode TR 39, confusables, single letters).
constexpr Lookalike kLookalikes[] = {
    {U'А', 'A'}, {U'В', 'B'}, {U'С', 'C'}, {U'Е', 'E'}, {U'Н', 'H'}, {U'І', 'I'}, {U'Ј', 'J'}, {U'К', 'K'}, {U'М', 'M'},
    {U'О', 'O'}, {U'Р', 'P'}, {U'Ѕ', 'S'}, {U'Т', 'T'}, {U'Х', 'X'}, {U'У', 'Y'}, {U'а', 'a'}, {U'с', 'c'}, {U'е', 'e'},
    {U'һ', 'h'}, {U'і', 'i'}, {U'ј', 'j'}, {U'о', 'o'}, {U'р', 'p'}, {U'ѕ', 's'}, {U'х', 'x'}, {U'у', 'y'}, {U'Α', 'A'},
    {U'Β', 'B'}, {U'Ε', 'E'}, {U'Ζ', 'Z'}, {U'Η', 'H'}, {U'Ι', 'I'}, {U'Κ', 'K'}, {U'Μ', 'M'}, {U'Ν', 'N'}, {U'Ο', 'O'},
    {U'Ρ', 'P'}, {U'Τ', 'T'}, {U'Υ', 'Y'}, {U'Χ', 'X'}, {U'ο', 'o'}, {U'ν', 'v'}, {U'α', 'a'}, {U'ι', 'i'}, {U'к', 'k'},
    {U'м', 'm'}, {U'т', 't'}, {U'н', 'h'}, {U'в', 'b'}, {U'ԁ', 'd'}, {U'ӏ', 'l'}, {U'ո', 'n'}, {U'ս', 'u'}};

char LatinOf(char32_t code_point) {
  for (const Lookalike& row : kLookalikes) {
    if (row.from == code_point) return row.to;
  }
  return 0;
}

struct Spelling {
  char32_t from;
  const char* to;
};

// Letters without a decomposition in Unicode that are written plainly elsewhere.
constexpr Spelling kSpellings[] = {{U'ø', "o"},  {U'Ø', "O"},  {U'ł', "l"},  {U'Ł', "L"},  {U'đ', "d"},
                                   {U'Đ', "D"},  {U'ß', "ss"}, {U'ẞ', "SS"}, {U'æ', "ae"}, {U'Æ', "Ae"},
                                   {U'œ', "oe"}, {U'Œ', "Oe"}, {U'ð', "d"},  {U'Ð', "D"},  {U'þ', "th"},
                                   {U'Þ', "Th"}, {U'ı', "i"},  {U'ħ', "h"},  {U'Ħ', "H"},  {U'ŋ', "n"}};

const char* SpellingOf(char32_t code_point) {
  for (const Spelling& row : kSpellings) {
    if (row.from == code_point) return row.to;
  }
  return nullptr;
}

// What a character that is neither letter nor digit becomes; 0: nothing, it is dropped.
char PunctuationOf(char32_t code_point) {
  switch (code_point) {
    case U'‘':
    case U'’':
    case U'‛':
    case U'ʼ':
    case U'′':
    case U'`':
      return '\'';
    case U'“':
    case U'”':
    case U'„':
    case U'″':
      return '"';
    case U'−':
      return '-';
    case U'\u2028':
    case U'\u2029':
    case U'\u0085':
      return '\n';
    default:
      break;
  }
  switch (u_charType(static_cast<UChar32>(code_point))) {
    case U_DASH_PUNCTUATION:
      return '-';
    case U_FORMAT_CHAR:
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
      return 0;
    default:
      return ' ';
  }
}

class Folder {
 public:
  Folder(std::string& folded, std::vector<uint32_t>& places) : folded_(folded), places_(places) {
    UErrorCode error = U_ZERO_ERROR;
    decomposer_ = unorm2_getNFKDInstance(&error);
  }

  void Run(std::string_view source) {
    source_ = source;
    folded_.reserve(source.size());
    places_.reserve(source.size() + 1);
    for (size_t at = 0; at < source.size();) {
      place_ = static_cast<uint32_t>(at);
      const char byte = source[at];
      if (static_cast<signed char>(byte) >= 0) {
        EmitAscii(byte);
        ++at;
      } else {
        EmitOther(NextCodePoint(source, at), 0);
      }
    }
    EndWord();
    places_.push_back(static_cast<uint32_t>(source.size()));
  }

 private:
  void Put(char byte) {
    folded_.push_back(byte);
    places_.push_back(place_);
  }

  void EmitAscii(char byte) {
    if (IsAlpha(byte)) {
      has_latin_ = true;
    } else if (!IsDigit(byte)) {
      EndWord();
      word_begin_ = folded_.size() + 1;
    }
    Put(byte);
  }

  void EmitOther(char32_t code_point, int depth) {
    if (code_point < 0x80) return EmitAscii(static_cast<char>(code_point));
    if (const char* spelling = SpellingOf(code_point)) {
      for (; *spelling != 0; ++spelling) EmitAscii(*spelling);
      return;
    }
    const int digit = u_charDigitValue(static_cast<UChar32>(code_point));
    if (digit >= 0) return EmitAscii(static_cast<char>('0' + digit));
    if (depth == 0 && Decompose(code_point)) return;
    if (u_isalpha(static_cast<UChar32>(code_point))) return EmitLetter(code_point);
    if (const char plain = PunctuationOf(code_point)) EmitAscii(plain);
  }

  void EmitLetter(char32_t code_point) {
    has_other_ = true;
    std::string bytes;
    AppendUtf8(bytes, static_cast<char32_t>(u_foldCase(static_cast<UChar32>(code_point), U_FOLD_CASE_DEFAULT)));
    for (const char byte : bytes) Put(byte);
  }

  bool Decompose(char32_t code_point) {
    // Spacing accents decompose to a space and a mark: as punctuation they keep their meaning.
    if (!u_isalnum(static_cast<UChar32>(code_point)) && PunctuationOf(code_point) != ' ') return false;
    std::array<UChar, 32> parts;
    UErrorCode error = U_ZERO_ERROR;
    const int32_t length = unorm2_getDecomposition(decomposer_, static_cast<UChar32>(code_point), parts.data(),
                                                   static_cast<int32_t>(parts.size()), &error);
    if (length <= 0 || U_FAILURE(error)) return false;
    for (int32_t i = 0; i < length;) {
      UChar32 part = 0;
      U16_NEXT(parts.data(), i, length, part);
      EmitOther(static_cast<char32_t>(part), 1);
    }
    return true;
  }

  // A word of Latin and other letters: those that look Latin become so.
  void EndWord() {
    if (has_latin_ && has_other_) {
      size_t to = word_begin_;
      for (size_t from = word_begin_; from < folded_.size();) {
        size_t next = from;
        NextCodePoint(folded_, next);
        size_t at = places_[from];
        const char latin = next - from > 1 ? LatinOf(NextCodePoint(source_, at)) : 0;
        const uint32_t place = places_[from];
        if (latin != 0) folded_[from] = latin;
        const size_t count = latin != 0 ? 1 : next - from;
        for (size_t k = 0; k < count; ++k, ++to) {
          folded_[to] = folded_[from + k];
          places_[to] = place;
        }
        from = next;
      }
      folded_.resize(to);
      places_.resize(to);
    }
    has_latin_ = has_other_ = false;
    word_begin_ = folded_.size();
  }

  std::string& folded_;
  std::vector<uint32_t>& places_;
  const UNormalizer2* decomposer_ = nullptr;
  std::string_view source_;
  uint32_t place_ = 0;
  size_t word_begin_ = 0;
  bool has_latin_ = false;
  bool has_other_ = false;
};

}  // namespace

void Fold(std::string_view source, std::string& folded, std::vector<uint32_t>& places) {
  Folder(folded, places).Run(source);
}

}  // namespace freshet::deid

// Forms: every way in which one identity may be written in a text, as hashes to be searched for.
//
//   IdentityForms forms = FormsOf(identity_change);
//   // {given: Ada Maria, family: Quill-Ost}  ->  "ada maria quill ost", "quill ost, ada", "ada quill", "a quill", ...
//   // {mrn: 00-4711-8}                       ->  47118, whatever separates its characters, leading zeros or none
//   // {mrn: 12}                              ->  12, where its place says that it is a number of a patient
//
// A sequence form is a run of tokens (text.h), so case, diacritics, commas, hyphens and line ends between them do not
// matter; a word of a patient's name may have one typing error. A compact form is a run of letters and digits, so
// separators within it do not matter. Plain values.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/change.h"
#include "services/deid/dates.h"
#include "services/deid/identifier.h"
#include "services/deid/text.h"

namespace freshet::deid {

inline constexpr size_t kMaxFormTokens = 8;
inline constexpr size_t kMaxCompactLength = 40;
inline constexpr size_t kMaxCompactTokens = 10;

enum class Reach : uint8_t {
  kPatient,  // searched for where the document is known to be about the patient
  kSource,   // telling enough to be searched for in every document of the source
};

struct Form {
  uint64_t hash = 0;
  uint64_t first = 0;  // hash of the first token
  uint8_t tokens = 0;  // of a sequence; 0: compact
  uint8_t length = 0;  // of a compact form, in characters
  IdentifierType type = IdentifierType::kName;
  Reach reach = Reach::kPatient;
  // Each word must begin with a capital, since it is a word of the language too: in any document of the source, and in
  // one that is about the patient.
  bool cased = false;
  bool own_cased = false;
  // Told by its place alone (announced.h): "12" and "autumn" are a patient's numbers after "MRN", else what they are.
  bool announced = false;
};

// Words of at least this many letters are found with one typing error too: shorter ones are too near to other words,
// and need another part of the name beside them.
inline constexpr size_t kShortestTypo = 5;
inline constexpr size_t kShortestTypoBeside = 3;

struct IdentityForms {
  std::vector<Form> forms;
  std::vector<CalendarDate> birth_dates;
  // Of the words of names: hashes of each word and of all it becomes by losing one letter, ascending. Two words are a
  // typing error apart - a letter more, less or other, two neighbours exchanged - if these have one in common.
  std::vector<uint64_t> near;
  std::vector<uint64_t> near_beside;        // of the short words
  std::array<uint32_t, 26> near_lengths{};  // by first letter, which is right: bit n: some word has n letters
};

// Calls `each` with the hashes above, of a word of A-Z and a-z in any case.
template <class Each>
void ForEachNear(std::string_view word, const Each& each) {
  for (size_t left_out = 1; left_out <= word.size(); ++left_out) {  // at the end: none is
    uint64_t hash = kHashSeed;
    for (size_t i = 0; i < word.size(); ++i) {
      if (i != left_out) hash = HashByte(hash, static_cast<unsigned char>(ToLower(word[i])));
    }
    each(hash);
  }
}

IdentityForms FormsOf(const IdentityChange& identity);
// Of Reach::kSource alone, in a fraction of the time; no birth dates, no typing errors.
IdentityForms SourceFormsOf(const IdentityChange& identity);

// What FormsOf reads of an identifier and a telecom, as short as it goes: it makes the same forms of either.
IdentifierType TypeOfKind(std::string_view kind);
std::string_view KindOfType(IdentifierType type);  // a kind that means it; empty: any other identifier
std::string LettersOfNumber(std::string_view value);
std::string LettersOfTelecom(std::string_view telecom);

// Of names that a document goes by, and of its patients' ids: what is made of one plain word is left out, unless it is
// a patient's.
IdentityForms FormsOfLiterals(std::span<const std::string> literals, std::span<const PatientId> patients);

}  // namespace freshet::deid

// Lexicon: what single words are to de-identification: titles, roles, given names, words that are never names.
//
//   uint32_t classes = Lexicon::Get().ClassesOf(token.hash);    // of the token's lower-case form (text.h)
//   if ((classes & word::kTitle) != 0) ...
//
// The lists are written in lexicon_words.cc. Immutable: any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace freshet::deid {

namespace word {
inline constexpr uint32_t kTitle = 1 << 0;        // mr, ms
inline constexpr uint32_t kStaffTitle = 1 << 1;   // dr, prof
inline constexpr uint32_t kRole = 1 << 2;         // "Patient:", "Name:"
inline constexpr uint32_t kStaffRole = 1 << 3;    // "Attending:", "Author:"
inline constexpr uint32_t kByVerb = 1 << 4;       // signed by, seen by
inline constexpr uint32_t kRelative = 1 << 5;     // his wife Mary
inline constexpr uint32_t kCredential = 1 << 6;   // Jane Roe, RN
inline constexpr uint32_t kGivenName = 1 << 7;    // a given name and no other word
inline constexpr uint32_t kCommon = 1 << 8;       // a name and a word of the language: will, may, brown
inline constexpr uint32_t kNotName = 1 << 9;      // capitalised in clinical prose, but nobody's name
inline constexpr uint32_t kEponymNoun = 1 << 10;  // disease, syndrome, catheter: what is named after people
inline constexpr uint32_t kParticle = 1 << 11;    // van, de, la
inline constexpr uint32_t kSuffix = 1 << 12;      // jr, iii
inline constexpr uint32_t kGreeting = 1 << 13;    // dear, hello
inline constexpr uint32_t kState = 1 << 14;       // a US state, whole or abbreviated, in one word
inline constexpr uint32_t kWeekday = 1 << 15;
inline constexpr uint32_t kNaming = 1 << 16;  // named, called
}  // namespace word

class Lexicon {
 public:
  static const Lexicon& Get();

  // Bits of namespace word; 0 for a word of no list. One look-up in a table that fits the first-level cache's
  // neighbour.
  uint32_t ClassesOf(uint64_t hash) const {
    for (size_t at = hash & mask_;; at = (at + 1) & mask_) {
      if (slots_[at].hash == hash) return slots_[at].classes;
      if (slots_[at].classes == 0) return 0;
    }
  }
  uint32_t ClassesOf(std::string_view lower_case) const;

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t classes = 0;
  };
  Lexicon();
  void Add(std::string_view words, uint32_t classes);
  Slot& SlotOf(uint64_t hash);

  std::vector<Slot> slots_;
  size_t mask_ = 0;
};

// All in lower case.
bool IsCommonWord(std::string_view word);
bool IsParticle(std::string_view word);
bool IsState(std::string_view phrase);    // "il", "illinois", "new york"
bool IsCountry(std::string_view phrase);  // and continents
std::span<const std::string_view> AllCountries();
// "street" for "st" and back; empty where a word has no other form.
std::string_view OtherStreetWord(std::string_view word);
// Short and long forms of a given name, not itself.
std::vector<std::string_view> NicknamesOf(std::string_view given);

// A list of words, one space or line end between them, and the classes they have.
struct WordList {
  std::string_view words;
  uint32_t classes;
};
std::span<const WordList> AllWordLists();

}  // namespace freshet::deid

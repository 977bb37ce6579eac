// Analyzer: text to the words that the lexical index holds, the same for documents and queries.
//
//   WordReader words("Grüße: HbA1c 7.5%");
//   std::string_view word;
//   while (words.Next(word)) ...          // "grusse" "hba1c" "7" "5"
//
// A word is a longest run of letters, digits and marks; of scripts written without spaces (Han, Kana, Thai, ...), one
// character. It is case-folded, compatibility-composed (NFKC_Casefold) and stripped of accents. Of a word longer than
// kMaxWordBytes only the beginning counts. Bytes that are no UTF-8 part words. Any change to this, or to what stemmer.h
// makes of words, is a new kAnalyzerVersion: an index made by another version is made anew.
//
// One reader, one thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace freshet::store {

inline constexpr uint32_t kAnalyzerVersion = 2;
inline constexpr size_t kMaxWordBytes = 64;

class WordReader {
 public:
  // `text` must outlive the reader.
  explicit WordReader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // The next word, valid until the next call; false at the end.
  bool Next(std::string_view& word);
  // The bytes of the text that the last word was made of.
  std::string_view source() const { return {start_, static_cast<size_t>(at_ - start_)}; }

 private:
  bool NextUnicode(const char* start, std::string_view& word);

  const char* start_ = nullptr;  // of the last word
  const char* at_;
  const char* end_;
  std::array<char, kMaxWordBytes> buffer_;
};

}  // namespace freshet::store

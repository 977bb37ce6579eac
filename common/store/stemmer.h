// Stemmer: a word of the analyzer to its stem, by Snowball's English algorithm (Porter 2): "infections" and "infected"
// are found by "infection".
//
//   Stemmer stemmer;
//   std::string_view stem = stemmer.Stem("precautions");      // "precaut"
//
// Left as they are: words with a digit or a letter beyond a to z (codes, doses, other languages), of fewer than three
// letters, and clinical abbreviations (abbreviations.h), whose last letter is no ending ("als", "aids"). What it does
// to a word is part of kAnalyzerVersion. One thread.
#pragma once

#include <memory>
#include <string_view>

struct sb_stemmer;

namespace freshet::store {

class Stemmer {
 public:
  Stemmer();

  // Valid until the next call.
  std::string_view Stem(std::string_view word);

 private:
  struct Delete {
    void operator()(sb_stemmer* stemmer) const;
  };
  std::unique_ptr<sb_stemmer, Delete> stemmer_;
};

}  // namespace freshet::store

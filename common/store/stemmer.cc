#include "common/store/stemmer.h"

#include <libstemmer.h>

#include <algorithm>

#include "common/store/abbreviations.h"

namespace freshet::store {
namespace {

constexpr size_t kShortest = 3;

bool HasStem(std::string_view word) {
  return word.size() >= kShortest &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; }) &&
         Abbreviations::Known().MeaningsOf(word).empty();
}

}  // namespace

void Stemmer::Delete::operator()(sb_stemmer* stemmer) const { sb_stemmer_delete(stemmer); }

Stemmer::Stemmer() : stemmer_(sb_stemmer_new("english", "UTF_8")) {}

std::string_view Stemmer::Stem(std::string_view word) {
  if (stemmer_ == nullptr || !HasStem(word)) return word;
  const auto* bytes = reinterpret_cast<const sb_symbol*>(word.data());
  const sb_symbol* stem = sb_stemmer_stem(stemmer_.get(), bytes, static_cast<int>(word.size()));
  if (stem == nullptr) return word;
  return {reinterpret_cast<const char*>(stem), static_cast<size_t>(sb_stemmer_length(stemmer_.get()))};
}

}  // namespace freshet::store

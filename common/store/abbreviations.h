// Abbreviations: what clinical abbreviations stand for, from abbreviations.txt, which is data.
//
//   for (const std::vector<std::string>& meaning : Abbreviations::Known().MeaningsOf("htn")) ...   // {"hypertension"}
//   for (const std::string& word : Abbreviations::Known().Related({"chest", "x", "ray"})) ...      // "cxr"
//
//   line := short " = " meaning ("; " meaning)*        meaning := words of the analyzer, with a space between
//
// Immutable: any thread.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace freshet::store {

class Abbreviations {
 public:
  using Meaning = std::vector<std::string>;

  // Lines of another form, and comments, are passed over.
  explicit Abbreviations(std::string_view list);
  static const Abbreviations& Known();

  // None where it is no abbreviation.
  const std::vector<Meaning>& MeaningsOf(std::string_view word) const;
  // What else a query of these words asks for: the meanings' words of its abbreviations, and the abbreviations whose
  // meaning stands in it word by word. Each once, none of the query's own.
  std::vector<std::string> Related(std::span<const std::string> query) const;
  const std::map<std::string, std::vector<Meaning>, std::less<>>& all() const { return meanings_; }

 private:
  std::map<std::string, std::vector<Meaning>, std::less<>> meanings_;
  std::multimap<std::string, std::pair<Meaning, std::string>> by_first_;  // word of a meaning -> it, abbreviation
};

}  // namespace freshet::store

#include "common/store/abbreviations.h"

#include <algorithm>
#include <set>

#include "common/store/abbreviations_list.h"
#include "common/store/analyzer.h"

namespace freshet::store {
namespace {

// Takes what stands before the mark, and the mark, off the front.
std::string_view TakeUntil(std::string_view& rest, char mark) {
  const size_t at = std::min(rest.find(mark), rest.size());
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return taken;
}

Abbreviations::Meaning WordsOf(std::string_view text) {
  Abbreviations::Meaning words;
  WordReader reader(text);
  for (std::string_view word; reader.Next(word);) words.emplace_back(word);
  return words;
}

}  // namespace

Abbreviations::Abbreviations(std::string_view list) {
  while (!list.empty()) {
    std::string_view line = TakeUntil(list, '\n');
    if (line.starts_with('#') || line.find('=') == std::string_view::npos) continue;
    const Meaning name = WordsOf(TakeUntil(line, '='));
    if (name.size() != 1) continue;
    while (!line.empty()) {
      Meaning meaning = WordsOf(TakeUntil(line, ';'));
      if (meaning.empty()) continue;
      by_first_.emplace(meaning.front(), std::pair(meaning, name.front()));
      meanings_[name.front()].push_back(std::move(meaning));
    }
  }
}

const Abbreviations& Abbreviations::Known() {
  static const Abbreviations known(kAbbreviations);
  return known;
}

const std::vector<Abbreviations::Meaning>& Abbreviations::MeaningsOf(std::string_view word) const {
  static const std::vector<Meaning> none;
  const auto found = meanings_.find(word);
  return found == meanings_.end() ? none : found->second;
}

std::vector<std::string> Abbreviations::Related(std::span<const std::string> query) const {
  std::set<std::string> related;
  for (size_t i = 0; i < query.size(); ++i) {
    for (const Meaning& meaning : MeaningsOf(query[i])) related.insert(meaning.begin(), meaning.end());
    const auto [begin, end] = by_first_.equal_range(query[i]);
    for (auto it = begin; it != end; ++it) {
      const auto& [meaning, name] = it->second;
      const auto rest = query.subspan(i);
      if (rest.size() >= meaning.size() && std::equal(meaning.begin(), meaning.end(), rest.begin()))
        related.insert(name);
    }
  }
  for (const std::string& word : query) related.erase(word);
  return {related.begin(), related.end()};
}

}  // namespace freshet::store

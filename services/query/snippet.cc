#include "services/query/snippet.h"

#include <algorithm>

#include "common/base/utf8.h"
#include "common/store/abbreviations.h"
#include "common/store/analyzer.h"
#include "common/store/question_words.h"
#include "common/store/stemmer.h"

namespace freshet::query {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// The first place at or behind `at` where a word begins, but none behind `limit`.
uint32_t WordBegin(std::string_view text, uint32_t at, uint32_t limit) {
  if (at == 0 || IsBlank(text[at - 1])) return at;
  while (at < limit && !IsBlank(text[at])) ++at;
  while (at < limit && IsBlank(text[at])) ++at;
  return at;
}

// The last place at or before `at` where a word ends, but none before `limit`.
uint32_t WordEnd(std::string_view text, uint32_t at, uint32_t limit) {
  if (at == text.size() || IsBlank(text[at])) return at;
  while (at > limit && !IsBlank(text[at - 1])) --at;
  while (at > limit && IsBlank(text[at - 1])) --at;
  return at;
}

// The byte so many code points before `at`.
uint32_t Back(std::string_view text, uint32_t at, size_t code_points) {
  for (; at > 0 && code_points > 0; --code_points) {
    --at;
    while (at > 0 && (static_cast<uint8_t>(text[at]) & 0xC0) == 0x80) --at;
  }
  return at;
}

}  // namespace

Highlighter::Highlighter(std::string_view query) {
  store::Stemmer stemmer;
  std::vector<std::string> words;
  for (store::QuestionWord& word : store::ReadQuestion(query)) {
    if (word.content) stems_.emplace(stemmer.Stem(word.word));
    words.push_back(std::move(word.word));
  }
  for (const std::string& word : store::Abbreviations::Known().Related(words)) {
    if (!store::IsFunctionWord(word)) stems_.emplace(stemmer.Stem(word));
  }
}

std::vector<Highlighter::Match> Highlighter::Matches(std::string_view text) const {
  std::vector<Match> matches;
  if (stems_.empty()) return matches;
  store::Stemmer stemmer;
  store::WordReader reader(text);
  uint32_t read = 0, place = 0;  // bytes and code points up to the last match
  for (std::string_view word; reader.Next(word);) {
    const auto stem = stems_.find(stemmer.Stem(word));
    if (stem == stems_.end()) continue;
    const auto begin = static_cast<uint32_t>(reader.source().data() - text.data());
    const auto end = begin + static_cast<uint32_t>(reader.source().size());
    const uint32_t place_begin = place + static_cast<uint32_t>(CountCodePoints(text.substr(read, begin - read)));
    place = place_begin + static_cast<uint32_t>(CountCodePoints(reader.source()));
    read = end;
    matches.push_back({{begin, end}, place_begin, place, static_cast<uint32_t>(std::distance(stems_.begin(), stem))});
  }
  return matches;
}

std::vector<ByteRange> Highlighter::Find(std::string_view text) const {
  std::vector<ByteRange> found;
  for (const Match& match : Matches(text)) found.push_back(match.bytes);
  return found;
}

// The best run of matches that fits into so many code points: most distinct words, then most, then the first.
std::pair<size_t, size_t> Highlighter::BestRun(std::span<const Match> matches, size_t code_points) const {
  std::vector<uint32_t> count(stems_.size());
  std::pair<size_t, size_t> best;
  size_t distinct = 0, most_distinct = 0;
  for (size_t first = 0, last = 0; first < matches.size(); ++first) {
    for (; last < matches.size() && matches[last].place_end - matches[first].place_begin <= code_points; ++last) {
      distinct += count[matches[last].stem]++ == 0 ? 1 : 0;
    }
    const bool more = last - first > best.second - best.first;
    if (distinct > most_distinct || (distinct == most_distinct && more)) {
      best = {first, last};
      most_distinct = distinct;
    }
    if (last == first) {
      ++last;  // longer than all that there is room for
    } else {
      distinct -= --count[matches[first].stem] == 0 ? 1 : 0;
    }
  }
  return best;
}

Snippet Highlighter::Cut(std::string_view text, size_t code_points) const {
  const std::vector<Match> matches = Matches(text);
  const auto [first, last] = BestRun(matches, code_points);
  const bool any = last > first;
  const uint32_t core_begin = any ? matches[first].bytes.begin : 0;
  const uint32_t core_end = any ? matches[last - 1].bytes.end : 0;
  const size_t spare = code_points - (any ? matches[last - 1].place_end - matches[first].place_begin : 0);
  // What is left over goes to both sides, and to the front where the text ends before.
  const auto size = static_cast<uint32_t>(text.size());
  uint32_t begin = Back(text, core_begin, spare / 2);
  const auto reach = [&] { return begin + static_cast<uint32_t>(ByteOfCodePoint(text.substr(begin), code_points)); };
  if (reach() == size) begin = Back(text, size, code_points);
  begin = WordBegin(text, begin, core_begin);
  Snippet snippet{.begin = begin, .end = WordEnd(text, reach(), std::max(core_end, begin))};
  if (snippet.end == snippet.begin) snippet.end = reach();  // one word, longer than what was asked for
  for (const Match& match : matches) {
    if (match.bytes.begin >= snippet.begin && match.bytes.end <= snippet.end) snippet.matches.push_back(match.bytes);
  }
  return snippet;
}

}  // namespace freshet::query

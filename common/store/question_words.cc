#include "common/store/question_words.h"

#include <algorithm>
#include <array>

#include "common/store/analyzer.h"

namespace freshet::store {
namespace {

// Sorted.
constexpr auto kFunctionWords = std::to_array<std::string_view>(
    {"a",     "about",   "after", "all",    "also",  "am",      "an",    "and",  "any",  "are",    "as",    "at",
     "be",    "because", "been",  "before", "being", "between", "both",  "but",  "by",   "can",    "could", "did",
     "do",    "does",    "doing", "each",   "for",   "from",    "had",   "has",  "have", "having", "he",    "her",
     "his",   "how",     "i",     "if",     "in",    "into",    "is",    "it",   "its",  "may",    "me",    "might",
     "my",    "no",      "not",   "of",     "on",    "or",      "our",   "out",  "over", "s",      "she",   "should",
     "so",    "some",    "such",  "than",   "that",  "the",     "their", "them", "then", "there",  "these", "they",
     "this",  "those",   "to",    "under",  "up",    "was",     "we",    "were", "what", "when",   "where", "which",
     "while", "who",     "why",   "will",   "with",  "would",   "you",   "your"});
static_assert(std::is_sorted(kFunctionWords.begin(), kFunctionWords.end()));

bool HasSmallLetters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

bool IsFunctionWord(std::string_view word) {
  return std::binary_search(kFunctionWords.begin(), kFunctionWords.end(), word);
}

std::vector<QuestionWord> ReadQuestion(std::string_view question) {
  const std::string_view read = question.substr(0, kMaxQueryBytes);
  const bool capitals_tell = HasSmallLetters(read);
  std::vector<QuestionWord> words;
  bool any = false;
  WordReader reader(read);
  for (std::string_view word; reader.Next(word);) {
    const bool name = capitals_tell && word.size() > 1 && !HasSmallLetters(reader.source());
    const bool content = name || !IsFunctionWord(word);
    any = any || content;
    words.push_back({std::string(word), content});
  }
  for (QuestionWord& word : words) word.content = word.content || !any;
  return words;
}

}  // namespace freshet::store

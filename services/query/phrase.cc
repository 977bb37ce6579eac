#include "services/query/phrase.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "common/store/analyzer.h"
#include "common/store/question_words.h"
#include "common/store/stemmer.h"

namespace freshet::query {

namespace {

constexpr size_t kNone = SIZE_MAX;

// What the stemmer makes of a word differs from its beginning in the last two letters at most (stemmer_test.cc). To
// stem every word of a passage would cost more than to read it from disk.
bool MayHaveStem(std::string_view word, std::string_view stem) {
  return word.size() >= stem.size() && word.starts_with(stem.substr(0, std::max<size_t>(stem.size(), 3) - 2));
}

// The stems that a word has: it has at most one of them.
class StemFinder {
 public:
  explicit StemFinder(const std::vector<std::string>& stems) : stems_(stems) {}

  size_t Find(std::string_view word) {
    std::optional<std::string_view> own;
    for (size_t i = 0; i < stems_.size(); ++i) {
      if (!MayHaveStem(word, stems_[i])) continue;
      if (!own) own = stemmer_.Stem(word);
      if (*own == stems_[i]) return i;
    }
    return kNone;
  }

 private:
  const std::vector<std::string>& stems_;
  store::Stemmer stemmer_;
};

}  // namespace

Phrases::Phrases(std::string_view question) {
  store::Stemmer stemmer;
  size_t before = kNone;
  for (const store::QuestionWord& word : store::ReadQuestion(question)) {
    if (pairs_.size() == kMaxPhrases) break;
    const size_t stem = word.content ? NumberOf(stemmer.Stem(word.word)) : kNone;
    const std::pair pair(std::exchange(before, stem), stem);
    if (pair.first == kNone || pair.second == kNone) continue;
    if (std::find(pairs_.begin(), pairs_.end(), pair) == pairs_.end()) pairs_.push_back(pair);
  }
}

size_t Phrases::NumberOf(std::string_view stem) {
  const auto number = static_cast<size_t>(std::find(stems_.begin(), stems_.end(), stem) - stems_.begin());
  if (number == stems_.size()) stems_.emplace_back(stem);
  return number;
}

float Phrases::ShareIn(std::span<const std::string_view> parts) const {
  if (pairs_.empty()) return 0;
  std::vector<bool> found(pairs_.size());
  StemFinder finder(stems_);
  for (const std::string_view part : parts) {
    size_t before = kNone;
    store::WordReader reader(part);
    for (std::string_view word; reader.Next(word);) {
      const size_t stem = finder.Find(word);
      const std::pair pair(std::exchange(before, stem), stem);
      if (pair.first == kNone || stem == kNone) continue;
      const auto known = std::find(pairs_.begin(), pairs_.end(), pair);
      if (known != pairs_.end()) found[static_cast<size_t>(known - pairs_.begin())] = true;
    }
  }
  return static_cast<float>(std::count(found.begin(), found.end(), true)) / static_cast<float>(found.size());
}

}  // namespace freshet::query

#include "services/query/phrase.h"

#include <algorithm>

#include "common/store/analyzer.h"
#include "common/store/question_words.h"
#include "common/store/stemmer.h"

namespace freshet::query {

Phrases::Phrases(std::string_view question) {
  store::Stemmer stemmer;
  std::string before;  // the stem of the word before; empty where that was a function word
  for (const store::QuestionWord& word : store::ReadQuestion(question)) {
    if (pairs_.size() == kMaxPhrases) break;
    std::string stem = word.content ? std::string(stemmer.Stem(word.word)) : std::string();
    std::pair pair(std::move(before), stem);
    before = std::move(stem);
    if (pair.first.empty() || pair.second.empty()) continue;
    if (std::find(pairs_.begin(), pairs_.end(), pair) == pairs_.end()) pairs_.push_back(std::move(pair));
  }
}

float Phrases::ShareIn(std::span<const std::string_view> parts) const {
  if (pairs_.empty()) return 0;
  std::vector<bool> found(pairs_.size());
  store::Stemmer stemmer;
  for (const std::string_view part : parts) {
    std::string before;
    store::WordReader reader(part);
    for (std::string_view word; reader.Next(word);) {
      const std::string_view stem = stemmer.Stem(word);
      for (size_t i = 0; i < pairs_.size(); ++i) {
        if (pairs_[i].second == stem && pairs_[i].first == before) found[i] = true;
      }
      before.assign(stem);
    }
  }
  return static_cast<float>(std::count(found.begin(), found.end(), true)) / static_cast<float>(found.size());
}

}  // namespace freshet::query

// The words of a question, and which of them say what it is about.
//
//   ReadQuestion("What is the ALL protocol?")      // what is the *all* *protocol*; * is content
//
// Not content are English words that say how a sentence is built (articles, pronouns, prepositions, conjunctions,
// auxiliaries, question words), but where they are written in capitals among others that are not (WHO, ALL, OR). A
// question of such words alone is about them. Words are as the analyzer folds them (analyzer.h). Stateless: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace freshet::store {

inline constexpr size_t kMaxQueryBytes = 64 << 10;  // what lies behind is not read

struct QuestionWord {
  std::string word;
  bool content = false;
  bool operator==(const QuestionWord&) const = default;
};

std::vector<QuestionWord> ReadQuestion(std::string_view question);

bool IsFunctionWord(std::string_view word);

}  // namespace freshet::store

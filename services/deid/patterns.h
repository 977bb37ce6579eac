// Patterns: identifiers that have a shape or an announcing word. One Hyperscan database of all rows (pattern_table.cc),
// one pass over the text; a row's judge then reads around each match, narrows or widens it, scores it or refuses it.
//
//   {"pattern/ssn", R"(\d{3}[- .]\d{2}[- .]\d{4})", kAnyCase, IdentifierType::kSsn, 0.9f, &JudgeBounded},
//
// The regular expressions run on bytes of folded text; judges look a bounded distance around, so work is linear.
#pragma once

#include <hs.h>

#include <memory>
#include <vector>

#include "services/deid/detector.h"

namespace freshet::deid {

struct Match {
  std::string_view text;  // folded
  uint32_t begin = 0;
  uint32_t end = 0;

  std::string_view matched() const { return text.substr(begin, end - begin); }
};

// False refuses. `finding` comes with the match's range and the row's type and score.
using Judge = bool (*)(const Match& match, Finding& finding);

struct PatternRow {
  const char* detector;
  const char* regex;
  bool any_case;
  IdentifierType type;
  float score;
  Judge judge;
};

std::span<const PatternRow> AllPatterns();

class PatternDetector final : public Detector {
 public:
  // internal_error where a row does not compile.
  static Result<std::unique_ptr<PatternDetector>> Make();
  ~PatternDetector() override;

  void Detect(const Text& text, const Context& context, std::vector<Finding>& findings) override;

 private:
  struct Event {
    uint32_t row;
    uint32_t begin;
    uint32_t end;
  };
  PatternDetector() = default;
  static int OnMatch(unsigned row, unsigned long long begin, unsigned long long end, unsigned flags, void* self);

  std::shared_ptr<hs_database_t> database_;
  hs_scratch_t* scratch_ = nullptr;
  std::vector<Event> events_;
};

}  // namespace freshet::deid

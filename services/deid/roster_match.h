// Matching of forms against a text in one pass over its tokens. Internal to the roster and to what searches for names
// learned from the same document.
//
//   MatchForms(text, {.identities = {&forms}}, findings);
//
// Work is linear in the text: at most kMaxFormTokens look-ups a token, after a filter on the first one.
#pragma once

#include <vector>

#include "services/deid/cow_map.h"
#include "services/deid/forms.h"
#include "services/deid/identifier.h"
#include "services/deid/text.h"

namespace freshet::deid {

// The kSource forms of all patients, counted: two patients may share one.
class SourceForms {
 public:
  void Count(uint64_t source_key, const Form& form, int by);
  const Form* Find(uint64_t source_key, uint64_t hash, bool compact) const;
  // Whether a sequence form begins with this token.
  bool Begins(uint64_t source_key, uint64_t first) const { return firsts_.Find(source_key ^ first) != nullptr; }

 private:
  struct Counted {
    Form form;
    uint32_t count = 0;
  };
  CowMap<uint64_t, Counted> forms_;
  CowMap<uint64_t, uint32_t> firsts_;
};

struct MatchInput {
  uint64_t source_key = 0;
  std::vector<const IdentityForms*> identities;  // of the document's patients
  const SourceForms* by_source = nullptr;        // null: not asked for
  uint64_t source_lengths = 0;                   // bit n: some compact form of by_source has n characters
};

void MatchForms(const Text& text, const MatchInput& input, std::vector<Finding>& findings);

}  // namespace freshet::deid

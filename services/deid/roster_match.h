// Matching of forms against a text in one pass over its tokens. Internal to the roster and to what searches for names
// learned from the same document.
//
//   MatchForms(text, {.identities = {&forms}}, findings);
//
// Beside the forms themselves: a word of a name with one typing error, a shorter one where the rest of the name stands
// beside it; and the other half of a double name ("Quill-Ostrander", of whom "Quill" is known). A number that nothing
// but its place tells is found there alone (announced.h). Work is linear in the
// text: at most kMaxFormTokens look-ups a token, after a filter on the first one.
#pragma once

#include <vector>

#include "services/deid/forms.h"
#include "services/deid/identifier.h"
#include "services/deid/source_forms.h"
#include "services/deid/text.h"

namespace freshet::deid {

struct MatchInput {
  uint64_t source_key = 0;
  std::vector<const IdentityForms*> identities;  // of the document's patients
  const SourceForms* by_source = nullptr;        // null: not asked for
  uint64_t source_lengths = 0;                   // bit n: some compact form of by_source has n characters
};

void MatchForms(const Text& text, const MatchInput& input, std::vector<Finding>& findings);

}  // namespace freshet::deid

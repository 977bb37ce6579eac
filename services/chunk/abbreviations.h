// Words before a full stop that is not, or not always, the end of a sentence.
#pragma once

#include <string_view>

namespace freshet::chunk {

enum class Abbreviation : uint8_t {
  kNone,         // a word like any other
  kLeads,        // what it belongs to follows: "Dr. Wu", "e.g. aspirin"
  kLeadsNumber,  // the same before a number: "No. 5", "Fig. 2"
  kMayEnd,       // may end a sentence: "5 mg.", "q.i.d.", "etc."
};

// `word` is what stands before the full stop, inner full stops included, in any case: "Dr", "q.i.d".
Abbreviation AbbreviationOf(std::string_view word);

}  // namespace freshet::chunk

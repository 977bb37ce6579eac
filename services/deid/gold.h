// Gold: texts whose identifiers are known, a JSON object a line, in the shapes that are about.
//
//   {"id": "1", "text": "Mr. Quill, 12 Elm Street", "phi": [{"type": "NAME", "value": "Quill"}, ...]}
//   {"text": "...", "phi": [{"identifier_type": "NAME", "value": "Quill"}]}                                  no id
//   {"full_text": "...", "spans": [{"entity_type": "PERSON", "start_position": 4, "end_position": 9}]}       by place
//
// A value stands for every place where it is found as whole words; places count code points. Types are labels of
// identifier.h or the usual ones of other tools (table in gold.cc). What Safe Harbor lets stay under such a type - an
// organisation, a nationality, a state or country, a bare year, an age up to 89 - is optional: it need not be found,
// and to remove it is no error. A text without identifiers, optional ones included, is a hard negative: nothing in it
// may change.
//
// Codes: invalid_argument (which line; never its content). Plain functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/status.h"
#include "services/deid/text.h"

namespace freshet::deid {

struct GoldPlace {
  Range range;            // bytes of the text
  std::string_view type;  // a label of identifier.h, of static storage
  bool needed = true;
};

struct GoldText {
  std::string id;
  std::string text;
  std::vector<GoldPlace> places;
  std::vector<std::string> values;  // of what is needed, one a mention
};

// `number` is the line's, from 1; it is the id where the line has none.
Result<GoldText> ReadGold(std::string_view line, size_t number);

}  // namespace freshet::deid

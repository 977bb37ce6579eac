// Whether a Markdown text can be parsed in linear time. CommonMark lets containers nest without bound, so that one
// blank line may touch 100,000 of them; hostile inline markers make bracket and emphasis matching quadratic.
//
//   if (!IsTame(text)) return ParsePlainText(text);
#pragma once

#include <string_view>

namespace freshet::deid {

// Nesting of at most 100 containers, at most 256 columns, and per paragraph so few markers that their squares sum up
// to a small bound. One pass.
bool IsTame(std::string_view markdown);

}  // namespace freshet::deid

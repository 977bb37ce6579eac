// E-mail (RFC 5322, MIME; gmime): subject, sender, receivers and date as paragraphs, then the body, of its alternatives
// the HTML, and the attachments that some parser reads. Names of attached files are no text. The title is the subject.
// source_place "part=1.2 line=3": the part's place in the tree. An attachment nobody reads is left out; one that its
// parser refuses refuses the message with the same code, as half a message looks whole. malformed_document: no headers,
// or parts nest deeper than kMostParts. See parser.h.
#pragma once

#include "services/deid/parse/parser.h"

namespace freshet::deid {

inline constexpr int kMostPartNesting = 16;
inline constexpr int kMostParts = 1000;

const Parser& MailParser();

}  // namespace freshet::deid

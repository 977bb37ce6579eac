// C-CDA (HL7 CDA R2): the narrative of each section, under its title, in the document's order; or the body that is not
// XML (text, HTML, PDF … as base64), read by its own parser. What the header says of people is no text: whoever
// publishes the document sends it as identities. source_place "section=10160-0": the section's LOINC code, "section=?"
// without one. A document type declaration, entities of one's own and elements deeper than 512 are malformed_document.
// See parser.h.
#pragma once

#include "services/deid/parse/parser.h"

namespace freshet::deid {

const Parser& CcdaParser();

}  // namespace freshet::deid

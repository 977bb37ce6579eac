// FHIR R4 JSON: one resource or a Bundle of them (simdjson): for each resource its narrative (text.div), sections,
// coded names, notes, values in words, and attachments (base64) read by their own parsers. What a Patient, a person or
// an address says in fields is no text: it travels as identities. source_place is a path of field names and numbers:
// "path=entry[3].resource.section[0]". See parser.h.
#pragma once

#include "services/deid/parse/parser.h"

namespace freshet::deid {

const Parser& FhirParser();

}  // namespace freshet::deid

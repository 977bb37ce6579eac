// What a document is called by its source: native id, file name. Both can be PHI ("john_roe_4711.txt"), so a policy
// that cleans treats them as identifiers wherever they stand, in the text, the title or an attribute.
//
//   IdentityForms literals = NamesOfDocument(upsert);
//   IsNameOfDocument(upsert, "john_roe_4711")      // true: no title, but the file's name
#pragma once

#include <string_view>

#include "schemas/change.h"
#include "services/deid/cleaner.h"
#include "services/deid/forms.h"

namespace freshet::deid {

IdentityForms NamesOfDocument(const Upsert& upsert);

// True where it is the native id, the last part of it or of the URI, with or without its extension.
bool IsNameOfDocument(const Upsert& upsert, std::string_view text);

// quarantined where a patient is not in the roster and the policy asks for that.
Status CheckPatients(const CleanJob& job);

}  // namespace freshet::deid

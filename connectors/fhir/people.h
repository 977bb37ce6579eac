// Who people are: identities for de-identification (schemas/change.h, IdentityChange).
//
//   AddPeople(resource, entry, changes);
//
//   resource                  identity                what
//   Patient                   patient                 names and aliases, mother's maiden name, identifiers, birth date,
//                                                     addresses, telecoms
//   Patient.contact           contact/1, ...          the same of each
//   Patient.link replaced-by  merge                   merged into that patient; without a link, in a version that is
//                                                     not the first, merged no more
//   Patient.link replaces     merge                   of that patient: merged into this one
//   RelatedPerson             related/<its id>        of its patient
//   entered-in-error, deleted patient                 retracted
//
// A patient's native id is "Patient/<id>". Pure functions: any thread; for .cc files of this folder, as json.h.
#pragma once

#include <vector>

#include "connectors/fhir/entry.h"
#include "connectors/fhir/json.h"
#include "schemas/change.h"

namespace freshet::fhir {

void AddPeople(const Element& resource, const Entry& entry, std::vector<Change>& changes);
// Of one that is deleted: nothing else of it is known.
void AddGone(const Entry& entry, std::vector<Change>& changes);

}  // namespace freshet::fhir

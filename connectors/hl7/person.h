// One person of a message, by the segment that says who it is: PID, NK1 (next of kin), GT1 (guarantor), IN1 (insured).
//
//   if (IsPerson(segment.name)) IdentityChange identity = PersonOf(message, segment);   // patient, identity: the
//   caller's
//
// Names come with all their repeats, ids with the kind that CX-5 says (MR and none: mrn, SS: ssn). Pure functions.
#pragma once

#include "common/hl7/message.h"
#include "schemas/change.h"

namespace freshet::hl7 {

bool IsPerson(std::string_view segment);
IdentityChange PersonOf(const Message& message, const Segment& segment);
bool SaysNothing(const IdentityChange& identity);

}  // namespace freshet::hl7

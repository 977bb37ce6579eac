// Who the people of a message are: identities for de-identification (schemas/change.h, IdentityChange).
//
//   FRESHET_ASSIGN_OR_RETURN(std::vector<ChangeEvent> events, IdentitiesOf(message, rule));
//
//   message                                what
//   every one with a PID                   its names, aliases, mother's maiden name, ids, birth date, addresses,
//   numbers;
//                                          those of NK1, GT1, IN1 that follow it
//   ADT A18 A24 A30 A34 A36 A39 A40        the patients of MRG (A24: of the second PID) merged into that of the PID
//       A43 A46 A47                        before it
//   ADT A37                                the two patients of the two PIDs unlinked
//   ADT A35 A36 A41 A44 A49                the prior account (MRG-3) is one more number of the PID's patient; with A44
//                                          no longer one of the MRG's
//   ADT A42 A45 A50                        the prior visit (MRG-5) likewise
//   ADT A29                                the patient's identity retracted
//
// An identity is named by its segment and sender ("pid@EHR/WARD"): what the laboratory knows of a patient does not
// replace what the admission office knows. Codes: document_too_large (over kMostIdentities). Pure functions: any
// thread.
#pragma once

#include <vector>

#include "connectors/hl7/head.h"
#include "schemas/change.h"

namespace freshet::hl7 {

inline constexpr size_t kMostIdentities = 4096;  // of one message

Result<std::vector<ChangeEvent>> IdentitiesOf(const Message& message, const PatientRule& rule);

}  // namespace freshet::hl7

// From an HL7 v2 message to changes.
//
//   FRESHET_ASSIGN_OR_RETURN(Decoded decoded, Decode(message, options));
//   // decoded.events: identities (people.h), then documents
//
//   message                    document                      what becomes of it
//   MDM T02 T04 T06 T08 T10    mdm/TXA-12                    an upsert of the message; T10: the one that TXA-13 names
//   goes MDM T11                    mdm/TXA-12                    a delete, entered in error MDM, TXA-19 CA, OB or UN
//   mdm/TXA-12                    a delete: it is no longer to be had MDM T01 T03 T05 T07 T09    none a notice without
//   content: taken ORU                        report/OBR-3/OBR-4, for each  an upsert of the OBR and what belongs to
//   it, with its
//                              OBR (else OBR-2)              patient's segments; OBR-25 X: a delete
//   OUL                        the same, of its first OBR    an upsert of the message; a delete
//   any other                  none                          taken: identities only
//
// A document without an id of its own is named by sender and control id: it can be found, and not changed later.
// Documents come as application/hl7-v2 in UTF-8, and hang on scope "/", or "/R" where TXA-18 says R: any code but U and
// N. A message without MSH-7 has micros 0. Codes: malformed_document (a document that nothing names),
// document_too_large. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/hl7/head.h"
#include "connectors/hl7/options.h"
#include "schemas/change.h"

namespace freshet::hl7 {

inline constexpr std::string_view kMediaType = "application/hl7-v2";

struct Decoded {
  Head head;
  std::vector<ChangeEvent> events;
};

Result<Decoded> Decode(const Message& message, const Hl7Options& options);

// The scope of a confidentiality: "/" of the usual, else "/" and its code.
std::string ScopeOf(std::string_view confidentiality);

}  // namespace freshet::hl7

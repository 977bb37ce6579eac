// HL7 version 2 messages (common/hl7/message.h) as text: what clinicians wrote and measured, and nothing else.
//
//   segment        text                                                     block
//   OBR            OBR-4, what was ordered                                  heading
//   TXA            TXA-2, the kind of document                              heading
//   OBX            OBX-3, OBX-5, units, reference range, flags              paragraph, or table row where it is a value
//   NTE            NTE-3                                                    paragraph
//   AL1 DG1 PR1    the text of allergy, diagnosis, procedure                list item
//   RXE RXO RXA    what was given                                           list item
//
// An OBX of encapsulated data (ED) is decoded where it is text and read by its own parser; other data is left out.
// Segments and values that say who somebody is (PID, NK1, GT1, IN1, PV1, ...; OBX of XPN, XCN, CX, ...) are no text:
// they arrive as identities. A block's source place is "segment=OBX[3]": the third OBX. Lines of text that share one
// OBX-3 stay one paragraph. See parser.h.
#pragma once

#include "services/deid/parse/parser.h"

namespace freshet::deid {

const Parser& Hl7Parser();

}  // namespace freshet::deid

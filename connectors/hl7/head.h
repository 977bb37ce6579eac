// Head: what the first segment of a message says of it, and whom the message is about.
//
//   const Head head = HeadOf(message);
//   head.type, head.trigger                      // "MDM", "T02"
//   PatientOf(message, *message.Find("PID"), {head, "HOSP"})   // "4711^HOSP"
//
// Views of fields are as common/hl7 gives them. Pure functions: any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "common/hl7/message.h"

namespace freshet::hl7 {

struct Head {
  std::string type, trigger;  // MSH-9
  std::string control_id;     // MSH-10
  std::string sender;         // MSH-3, MSH-4
  int64_t micros = 0;         // MSH-7; 0 where there is none
};

Head HeadOf(const Message& message);

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> all);

// "4711^HOSP" of a CX (a patient's id), "D-1^EHR" of an EI (a document's): an id with who assigned it. "" where none
// is.
std::string CxOf(const Message& message, std::string_view field);
std::string EiOf(const Message& message, std::string_view field);

struct PatientRule {
  const Head& head;
  const std::string& authority;  // whose id is taken; "" or not there: the first
};
// PID-3, else PID-2. A person without an id in a message with documents is one of that message alone, so that what is
// known of them still guards it: "unknown/<sender>/<control id>".
std::string PatientOf(const Message& message, const Segment& pid, const PatientRule& rule);

}  // namespace freshet::hl7

// Acknowledgements (HL7 v2.5.1, 2.9): what a sender is told.
//
//   AckOf(&message, {.code = Code::kOk, .now = clock.Now(), .number = 7}, Acknowledge::kAlways)
//   // "MSH|^~\&|FRESHET|HERE|EHR|WARD|20260131093000||ACK^A01|F7|P|2.5\rMSA|AA|17\r"
//
//   fate        original    enhanced (MSH-15)   what the sender does
//   kAccepted   AA          CA                  goes on
//   kFailed     AE          CE                  sends it again
//   kRejected   AR          CR                  never sends it again
//
// The accept acknowledgement where MSH-15 asks for it, else the application's. Behind AE and AR stand our code (MSA-3)
// and ERR with a code of table 0357. With kAsAsked the answer is "" where MSH-15 and MSH-16 want none. Pure functions.
#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/hl7/message.h"
#include "connectors/hl7/options.h"

namespace freshet::hl7 {

enum class Fate : uint8_t { kAccepted, kFailed, kRejected };
// The fate of a message that ended so: what may get better is to be sent again.
Fate FateOf(Code code);

struct Answer {
  Code code = Code::kOk;
  Time now;
  uint64_t number = 0;  // names the acknowledgement
};

// `message` null: it could not be read.
std::string AckOf(const Message* message, const Answer& answer, Acknowledge acknowledge);
// Whether the sender asked for no answer at all.
bool WantsNone(const Message& message);

}  // namespace freshet::hl7

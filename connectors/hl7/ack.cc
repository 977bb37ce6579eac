#include "connectors/hl7/ack.h"

#include "connectors/hl7/head.h"

namespace freshet::hl7 {
namespace {

// An acknowledgement that is asked for by AL (always), ER (in error), SU (in success), NE (never).
bool IsWanted(std::string_view wish, bool good) {
  return wish == "AL" || (wish == "ER" && !good) || (wish == "SU" && good);
}

std::string StampOf(Time time) {
  std::string stamp = FormatTime(time);
  std::erase_if(stamp, [](char c) { return c < '0' || c > '9'; });
  return stamp.substr(0, 14) + "+0000";
}

// HL7 table 0357.
std::string ErrorOf(Code code) {
  if (code == Code::kMalformedDocument) return "101^Required field missing^HL70357";
  return "207^Application internal error^HL70357";
}

}  // namespace

Fate FateOf(Code code) {
  if (code == Code::kOk) return Fate::kAccepted;
  const bool rejected = DispositionOf(code) == Disposition::kSkip || DispositionOf(code) == Disposition::kReject;
  return rejected ? Fate::kRejected : Fate::kFailed;
}

bool WantsNone(const Message& message) {
  const Segment& msh = message.segments().front();
  const std::string_view accept = msh.Field(15), application = msh.Field(16);
  return accept == "NE" && (application == "NE" || application.empty());
}

std::string AckOf(const Message* message, const Answer& answer, Acknowledge acknowledge) {
  const Segment* const msh = message == nullptr ? nullptr : &message->segments().front();
  const auto field = [&](size_t number) {
    return std::string(msh == nullptr ? std::string_view() : msh->Field(number));
  };
  const bool good = answer.code == Code::kOk;
  const bool enhanced = !field(15).empty() || !field(16).empty();
  const bool accept = IsWanted(field(15), good), application = IsWanted(field(16), good);
  if (acknowledge == Acknowledge::kAsAsked && enhanced && !accept && !application) return "";

  const Fate fate = FateOf(answer.code);
  const std::string code = std::string(accept ? "C" : "A") + (fate == Fate::kAccepted ? 'A'
                                                              : fate == Fate::kFailed ? 'E'
                                                                                      : 'R');
  const std::string separators = msh == nullptr ? "|^~\\&" : field(1) + field(2);
  const std::string bar = separators.substr(0, 1);
  const std::string trigger = msh == nullptr ? "" : message->Component(msh->Field(9), 2);
  const std::string type = trigger.empty() ? "ACK" : "ACK" + separators.substr(1, 1) + trigger;
  std::string ack = "MSH" + separators;
  for (const std::string& one : {field(5), field(6), field(3), field(4), StampOf(answer.now), std::string(), type,
                                 "F" + std::to_string(answer.number), field(11).empty() ? "P" : field(11),
                                 field(12).empty() ? "2.5" : field(12)}) {
    ack += bar + one;
  }
  ack += "\rMSA" + bar + code + bar + field(10);
  if (good) return ack + "\r";
  std::string error = ErrorOf(answer.code);
  for (char& c : error) c = c == '^' ? separators[1] : c;
  return ack + bar + std::string(NameOf(answer.code)) + "\rERR" + bar + bar + bar + error + bar + "E\r";
}

}  // namespace freshet::hl7

#include "connectors/hl7/head.h"

#include <algorithm>

#include "common/hl7/timestamp.h"

namespace freshet::hl7 {
namespace {

std::string Qualified(const std::string& id, const std::string& by) {
  return id.empty() || by.empty() ? id : id + "^" + by;
}

}  // namespace

Head HeadOf(const Message& message) {
  const Segment& msh = message.segments().front();
  Head head{.type = message.Component(msh.Field(9), 1),
            .trigger = message.Component(msh.Field(9), 2),
            .control_id = message.Component(msh.Field(10), 1),
            .sender = message.Component(msh.Field(3), 1) + "/" + message.Component(msh.Field(4), 1)};
  const Result<int64_t> micros = ParseTimestamp(message.Component(msh.Field(7), 1));
  if (micros.ok()) head.micros = std::max<int64_t>(*micros, 0);
  return head;
}

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

std::string CxOf(const Message& message, std::string_view field) {
  return Qualified(message.Component(field, 1), message.Part(field, 4, 1));
}

std::string EiOf(const Message& message, std::string_view field) {
  const std::string space = message.Component(field, 2);
  return Qualified(message.Part(field, 1, 1), space.empty() ? message.Component(field, 3) : space);
}

std::string PatientOf(const Message& message, const Segment& pid, const PatientRule& rule) {
  std::string patient;
  for (const std::string_view repeat : message.Repeats(pid.Field(3))) {
    const bool wanted = rule.authority.empty() || message.Part(repeat, 4, 1) == rule.authority;
    if (patient.empty() || wanted) patient = CxOf(message, repeat);
    if (wanted && !patient.empty()) break;
  }
  if (patient.empty()) patient = CxOf(message, pid.Field(2));
  const bool documents = IsOneOf(rule.head.type, {"MDM", "ORU", "OUL"}) && !rule.head.control_id.empty();
  if (patient.empty() && documents) patient = "unknown/" + rule.head.sender + "/" + rule.head.control_id;
  return patient;
}

}  // namespace freshet::hl7

#include "connectors/hl7/person.h"

#include <algorithm>

namespace freshet::hl7 {
namespace {

// Where the people of each segment stand (HL7 v2.5.1, 3.4.2, 3.4.5, 6.5.5, 6.5.6); 0: nowhere.
struct PersonRow {
  std::string_view segment;
  size_t names[3];  // aliases and mother's maiden name too
  size_t birth, address;
  size_t telecoms[2];
};
constexpr PersonRow kPeople[] = {{"PID", {5, 9, 6}, 7, 11, {13, 14}},
                                 {"NK1", {2, 30, 26}, 16, 4, {5, 6}},
                                 {"GT1", {3, 4, 0}, 8, 5, {6, 7}},
                                 {"IN1", {16, 0, 0}, 18, 19, {0, 0}}};

const PersonRow* RowOf(std::string_view segment) {
  const auto row = std::find_if(std::begin(kPeople), std::end(kPeople),
                                [&](const PersonRow& one) { return one.segment == segment; });
  return row == std::end(kPeople) ? nullptr : row;
}

// XPN: family & own surname ^ given ^ further ^ suffix ^ prefix
void AddNames(const Message& message, std::string_view field, IdentityChange& identity) {
  for (const std::string_view repeat : message.Repeats(field)) {
    HumanName name{.family = message.Part(repeat, 1, 1),
                   .prefix = message.Component(repeat, 5),
                   .suffix = message.Component(repeat, 4)};
    for (const size_t given : {2, 3}) {
      std::string text = message.Component(repeat, given);
      if (!text.empty()) name.given.push_back(std::move(text));
    }
    if (!name.family.empty() || !name.given.empty()) identity.names.push_back(std::move(name));
  }
}

std::string KindOf(std::string type, std::string_view otherwise) {
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
  if (type.empty()) return std::string(otherwise);
  constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
      {"mr", "mrn"}, {"ss", "ssn"}, {"an", "account"}, {"dl", "license"}, {"vn", "visit"}};
  for (const auto& [code, kind] : kKinds) {
    if (type == code) return std::string(kind);
  }
  return type;
}

// CX: id ^ check digit ^ scheme ^ authority ^ type
void AddIdentifiers(const Message& message, std::string_view field, std::string_view kind, IdentityChange& identity) {
  for (const std::string_view repeat : message.Repeats(field)) {
    std::string value = message.Component(repeat, 1);
    if (!value.empty()) identity.identifiers.push_back({KindOf(message.Component(repeat, 5), kind), std::move(value)});
  }
}

// XAD: street & name & number ^ other ^ city ^ state ^ zip
void AddAddresses(const Message& message, std::string_view field, IdentityChange& identity) {
  for (const std::string_view repeat : message.Repeats(field)) {
    std::string address;
    for (size_t i = 1; i <= 5; ++i) {
      const std::string part = i == 1 ? message.Part(repeat, 1, 1) : message.Component(repeat, i);
      if (!part.empty()) address += (address.empty() ? "" : ", ") + part;
    }
    if (!address.empty()) identity.addresses.push_back(std::move(address));
  }
}

// XTN: number ^ use ^ equipment ^ e-mail ^ country ^ area ^ local ... ^ unformatted(12)
void AddTelecoms(const Message& message, std::string_view field, IdentityChange& identity) {
  for (const std::string_view repeat : message.Repeats(field)) {
    for (const size_t component : {1, 4, 12}) {
      std::string telecom = message.Component(repeat, component);
      if (!telecom.empty()) identity.telecoms.push_back(std::move(telecom));
    }
    const std::string area = message.Component(repeat, 6), local = message.Component(repeat, 7);
    if (!local.empty()) identity.telecoms.push_back(area.empty() ? local : area + "-" + local);
  }
}

std::string DateOf(const Message& message, std::string_view field) {
  const std::string text = message.Component(field, 1);
  const bool date =
      text.size() >= 8 && std::all_of(text.begin(), text.begin() + 8, [](char c) { return c >= '0' && c <= '9'; });
  return date ? text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2) : "";
}

}  // namespace

bool IsPerson(std::string_view segment) { return RowOf(segment) != nullptr; }

IdentityChange PersonOf(const Message& message, const Segment& segment) {
  const PersonRow& row = *RowOf(segment.name);
  IdentityChange identity;
  for (const size_t field : row.names) AddNames(message, segment.Field(field), identity);
  identity.birth_date = DateOf(message, segment.Field(row.birth));
  AddAddresses(message, segment.Field(row.address), identity);
  for (const size_t field : row.telecoms) AddTelecoms(message, segment.Field(field), identity);
  if (segment.name == "PID") {
    for (const size_t field : {3, 2, 4}) AddIdentifiers(message, segment.Field(field), "mrn", identity);
    AddIdentifiers(message, segment.Field(18), "account", identity);
    AddIdentifiers(message, segment.Field(19), "ssn", identity);
    AddIdentifiers(message, segment.Field(20), "license", identity);
  } else if (segment.name == "IN1") {
    AddIdentifiers(message, segment.Field(36), "health_plan", identity);
  }
  return identity;
}

bool SaysNothing(const IdentityChange& identity) {
  return identity.names.empty() && identity.identifiers.empty() && identity.birth_date.empty() &&
         identity.addresses.empty() && identity.telecoms.empty();
}

}  // namespace freshet::hl7

#include "connectors/fhir/people.h"

#include <algorithm>

namespace freshet::fhir {
namespace {

constexpr size_t kMostOfAKind = 256;  // names, addresses, contacts: more has nobody
constexpr std::string_view kMaidenName = "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName";

std::vector<Element> Some(std::vector<Element> elements) {
  if (elements.size() > kMostOfAKind) elements.resize(kMostOfAKind);
  return elements;
}

std::string Words(const Element& from, std::string_view name) {
  std::string words;
  for (const Element one : Some(ListAt(from, name))) {
    std::string_view word;
    if (one.get(word) == simdjson::SUCCESS && !word.empty()) words += (words.empty() ? "" : " ") + std::string(word);
  }
  return words;
}

void AddName(const Element& from, IdentityChange& identity) {
  HumanName name{
      .family = std::string(TextAt(from, "family")), .prefix = Words(from, "prefix"), .suffix = Words(from, "suffix")};
  for (const Element given : Some(ListAt(from, "given"))) {
    std::string_view word;
    if (given.get(word) == simdjson::SUCCESS && !word.empty()) name.given.emplace_back(word);
  }
  if (name.given.empty() && name.family.empty()) name.family = TextAt(from, "text");
  if (!name.given.empty() || !name.family.empty()) identity.names.push_back(std::move(name));
}

// The kinds that de-identification knows by name.
std::string KindOf(const Element& identifier) {
  constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
      {"MR", "mrn"}, {"SS", "ssn"}, {"SB", "ssn"}, {"AN", "account"}, {"DL", "license"}, {"MB", "health_plan"}};
  for (const Element coding : ListAt(identifier, "type", "coding")) {
    for (const auto& [code, kind] : kKinds) {
      if (TextAt(coding, "code") == code) return std::string(kind);
    }
  }
  return TextAt(identifier, "system").ends_with("us-ssn") ? "ssn" : "mrn";
}

void AddAddress(const Element& from, IdentityChange& identity) {
  std::string address;
  const auto add = [&](std::string_view part) {
    if (!part.empty()) address += (address.empty() ? "" : ", ") + std::string(part);
  };
  for (const Element line : Some(ListAt(from, "line"))) {
    std::string_view text;
    if (line.get(text) == simdjson::SUCCESS) add(text);
  }
  for (const char* const name : {"city", "state", "postalCode"}) add(TextAt(from, name));
  if (address.empty()) add(TextAt(from, "text"));
  if (!address.empty()) identity.addresses.push_back(std::move(address));
}

// Of a Patient, a RelatedPerson, a contact of a Patient (which has one name and one address).
IdentityChange PersonOf(const Element& from, const ResourceId& patient, std::string identity_name) {
  IdentityChange identity{.patient = PatientId(patient.ToString()), .identity = std::move(identity_name)};
  for (const Element name : Some(ListAt(from, "name"))) AddName(name, identity);
  for (const Element one : Some(ListAt(from, "identifier"))) {
    const std::string_view value = TextAt(one, "value");
    if (!value.empty()) identity.identifiers.push_back({KindOf(one), std::string(value)});
  }
  for (const Element one : Some(ListAt(from, "extension"))) {
    const std::string_view maiden = TextAt(one, "url") == kMaidenName ? TextAt(one, "valueString") : "";
    if (!maiden.empty())
      identity.names.push_back({.given = {}, .family = std::string(maiden), .prefix = {}, .suffix = {}});
  }
  const std::string_view born = TextAt(from, "birthDate");
  if (born.size() == 10 && ParseTime(born).ok()) identity.birth_date = born;
  for (const Element address : Some(ListAt(from, "address"))) AddAddress(address, identity);
  for (const Element telecom : Some(ListAt(from, "telecom"))) {
    const std::string_view value = TextAt(telecom, "value");
    if (!value.empty()) identity.telecoms.emplace_back(value);
  }
  return identity;
}

bool SaysSomething(const IdentityChange& who) {
  return !who.names.empty() || !who.identifiers.empty() || !who.birth_date.empty() || !who.addresses.empty() ||
         !who.telecoms.empty();
}

void AddPerson(IdentityChange who, std::vector<Change>& changes) {
  if (SaysSomething(who)) changes.emplace_back(std::move(who));
}

void AddLinks(const Element& patient, const Entry& entry, std::vector<Change>& changes) {
  IdentityChange own{.patient = PatientId(entry.id.ToString()), .identity = "merge"};
  for (const Element link : Some(ListAt(patient, "link"))) {
    const ResourceId other = ReadReference(TextAt(link, "other", "reference"));
    if (other.type != "Patient" || other == entry.id) continue;
    const std::string_view type = TextAt(link, "type");
    if (type == "replaced-by") own.merged_into = PatientId(other.ToString());
    if (type != "replaces") continue;
    IdentityChange replaced{.patient = PatientId(other.ToString()), .identity = "merge"};
    replaced.merged_into = own.patient;
    changes.emplace_back(std::move(replaced));
  }
  if (own.merged_into.empty() && entry.first) return;
  if (own.merged_into.empty()) own.unmerged_from = own.patient;  // of whomever it was
  changes.emplace_back(std::move(own));
}

}  // namespace

void AddGone(const Entry& entry, std::vector<Change>& changes) {
  if (entry.id.type != "Patient") return;
  changes.emplace_back(
      IdentityChange{.patient = PatientId(entry.id.ToString()), .identity = "patient", .retracted = true});
}

void AddPeople(const Element& resource, const Entry& entry, std::vector<Change>& changes) {
  if (entry.id.type == "RelatedPerson") {
    const ResourceId patient = ReadReference(TextAt(resource, "patient", "reference"));
    if (patient.type == "Patient") AddPerson(PersonOf(resource, patient, "related/" + entry.id.id), changes);
    return;
  }
  AddPerson(PersonOf(resource, entry.id, "patient"), changes);
  size_t contacts = 0;
  for (const Element contact : Some(ListAt(resource, "contact"))) {
    AddPerson(PersonOf(contact, entry.id, "contact/" + std::to_string(++contacts)), changes);
  }
  AddLinks(resource, entry, changes);
}

}  // namespace freshet::fhir

#include "services/deid/roster_record.h"

#include <algorithm>

#include "services/deid/forms.h"
#include "services/deid/packed_text.h"

namespace freshet::deid {
namespace {

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), ToLower);
  return text;
}

void AppendVersionTo(const Version& version, std::string& out) {
  for (const uint64_t part : {version.epoch, version.position, version.ordinal}) AppendVarint(part, out);
}

Version ReadVersionOf(PackedReader& reader) {
  Version version;
  for (uint64_t* const part : {&version.epoch, &version.position, &version.ordinal}) *part = reader.Varint();
  return version;
}

template <class Texts>
void AppendTexts(const Texts& texts, std::string& out) {
  AppendVarint(texts.size(), out);
  for (const std::string& text : texts) AppendPacked(text, out);
}

// Counts are of what can still be there: bytes that nobody wrote so end early.
template <class Each>
void ForEachCounted(PackedReader& reader, const Each& each) {
  for (uint64_t left = reader.Varint(); left > 0 && !reader.rest().empty(); --left) each();
}

std::vector<std::string> ReadTexts(PackedReader& reader) {
  std::vector<std::string> texts;
  ForEachCounted(reader, [&] { texts.push_back(reader.Text()); });
  return texts;
}

void AppendIdentity(const IdentityChange& who, std::string& out) {
  AppendVarint(who.names.size(), out);
  for (const HumanName& name : who.names) {
    AppendTexts(name.given, out);
    AppendPacked(name.family, out);
  }
  AppendVarint(who.identifiers.size(), out);
  for (const Identifier& identifier : who.identifiers) {
    AppendVarint(static_cast<uint64_t>(TypeOfKind(identifier.kind)), out);
    AppendPacked(identifier.value, out);
  }
  AppendPacked(who.birth_date, out);
  AppendTexts(who.addresses, out);
  AppendTexts(who.telecoms, out);
}

IdentityChange ReadIdentity(PackedReader& reader) {
  IdentityChange who;
  ForEachCounted(reader, [&] {
    HumanName& name = who.names.emplace_back();
    name.given = ReadTexts(reader);
    name.family = reader.Text();
  });
  ForEachCounted(reader, [&] {
    Identifier& identifier = who.identifiers.emplace_back();
    identifier.kind = KindOfType(static_cast<IdentifierType>(reader.Varint()));
    identifier.value = reader.Text();
  });
  who.birth_date = reader.Text();
  who.addresses = ReadTexts(reader);
  who.telecoms = ReadTexts(reader);
  return who;
}

}  // namespace

bool RosterRecord::empty() const {
  return identities.empty() && merged_into.empty() && linked == Version() && merged_from.empty();
}

IdentityChange Searched(const IdentityChange& identity) {
  IdentityChange out;
  for (const HumanName& name : identity.names) {
    HumanName& kept = out.names.emplace_back();
    for (const std::string& given : name.given) kept.given.push_back(Lower(given));
    kept.family = Lower(name.family);
  }
  for (const Identifier& identifier : identity.identifiers) {
    out.identifiers.push_back(
        {std::string(KindOfType(TypeOfKind(identifier.kind))), LettersOfNumber(identifier.value)});
  }
  out.birth_date = identity.birth_date;
  for (const std::string& address : identity.addresses) out.addresses.push_back(Lower(address));
  for (const std::string& telecom : identity.telecoms) out.telecoms.push_back(LettersOfTelecom(telecom));
  return out;
}

std::string PackRecord(const RosterRecord& record) {
  std::string out;
  if (record.empty()) return out;
  AppendVarint(record.identities.size(), out);
  for (const auto& [name, known] : record.identities) {
    AppendPacked(name, out);
    AppendVersionTo(known.version, out);
    AppendVarint(known.who.has_value(), out);
    if (known.who) AppendIdentity(*known.who, out);
  }
  if (record.merged_into.empty() && record.linked == Version() && record.merged_from.empty()) return out;
  AppendPacked(record.merged_into, out);
  AppendVersionTo(record.linked, out);
  AppendTexts(record.merged_from, out);
  return out;
}

RosterRecord UnpackRecord(std::string_view bytes) {
  RosterRecord record;
  PackedReader reader(bytes);
  ForEachCounted(reader, [&] {
    KnownIdentity& known = record.identities[reader.Text()];
    known.version = ReadVersionOf(reader);
    if (reader.Varint() != 0) known.who = ReadIdentity(reader);
  });
  if (reader.rest().empty()) return record;
  record.merged_into = reader.Text();
  record.linked = ReadVersionOf(reader);
  for (std::string& from : ReadTexts(reader)) record.merged_from.insert(std::move(from));
  return record;
}

}  // namespace freshet::deid

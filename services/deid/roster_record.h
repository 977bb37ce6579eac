// RosterRecord: what the roster keeps of one patient, some hundred bytes: its identities by name with their versions,
// and whom it was merged with. What forms (forms.h) are made of is kept, in lower case, and nothing else; they are made
// anew when a document of the patient comes.
//
//   std::string bytes = PackRecord(record);   UnpackRecord(bytes) == record, if its identities went through Searched
//
//   record   := count(varint) identity* link                       text, varint: packed_text.h
//   identity := name(text) version who                             version := epoch position ordinal, varints
//   who      := 0, retracted | 1 names identifiers birth addresses telecoms
//   names    := count (count given(text)* family(text))*           identifiers := count (type(varint) value(text))*
//   link     := nothing | into(text) version count from(text)*
// Plain values.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "schemas/change.h"

namespace freshet::deid {

struct KnownIdentity {
  Version version;
  std::optional<IdentityChange> who;  // nothing: retracted
};

struct RosterRecord {
  std::map<std::string, KnownIdentity> identities;
  std::string merged_into;
  Version linked;  // of the newest word on merged_into
  std::set<std::string> merged_from;

  bool empty() const;
};

// The part of an identity that it is searched for by, in one way of writing: FormsOf of it is FormsOf of the identity.
IdentityChange Searched(const IdentityChange& identity);

// Empty where the record is.
std::string PackRecord(const RosterRecord& record);
RosterRecord UnpackRecord(std::string_view bytes);

}  // namespace freshet::deid

// The kinds of change that travel unsealed, to their messages and back.
//
//   if (!wire::ToWire(access, record.mutable_access())) return invalid_utf8;
//   AccessChange access = wire::FromWire(*record.mutable_access());
//
// Internal to schemas. ToWire returns false where a text is not UTF-8. A reason that only a newer writer knows reads as
// the plain one. Any thread.
#pragma once

#include "schemas/change.h"
#include "schemas/change.pb.h"

namespace freshet::wire {

bool ToWire(const Delete& change, v1::Delete* out);
bool ToWire(const AccessChange& change, v1::AccessChange* out);
bool ToWire(const GroupChange& change, v1::GroupChange* out);
bool ToWire(const ConsentChange& change, v1::ConsentChange* out);
bool ToWire(const Withhold& change, v1::Withhold* out);
bool ToWire(const Release& change, v1::Release* out);

Delete FromWire(const v1::Delete& in);
AccessChange FromWire(v1::AccessChange& in);
GroupChange FromWire(v1::GroupChange& in);
ConsentChange FromWire(v1::ConsentChange& in);
Withhold FromWire(const v1::Withhold& in);
Release FromWire(const v1::Release& in);

}  // namespace freshet::wire

#include "schemas/change_wire.h"

#include "schemas/wire.h"

namespace freshet::wire {

bool ToWire(const Delete& change, v1::Delete* out) {
  out->set_reason(static_cast<v1::Delete::Reason>(change.reason));
  return true;
}

Delete FromWire(const v1::Delete& in) {
  if (!v1::Delete::Reason_IsValid(in.reason())) return {};
  return {.reason = static_cast<Delete::Reason>(in.reason())};
}

bool ToWire(const AccessChange& change, v1::AccessChange* out) {
  bool valid = PutText(change.scope.value, out->mutable_scope());
  valid &= PutAll(change.allow, out->mutable_allow());
  valid &= PutAll(change.deny, out->mutable_deny());
  if (change.content_version) ToWire(*change.content_version, out->mutable_content_version());
  out->set_removed(change.removed);
  return valid;
}

AccessChange FromWire(v1::AccessChange& in) {
  AccessChange change{.scope = ScopeId(std::move(*in.mutable_scope())),
                      .allow = TakeAll<Principal>(in.mutable_allow()),
                      .deny = TakeAll<Principal>(in.mutable_deny()),
                      .removed = in.removed()};
  if (in.has_content_version()) change.content_version = FromWire(in.content_version());
  return change;
}

bool ToWire(const GroupChange& change, v1::GroupChange* out) {
  const bool valid = PutText(change.group.value, out->mutable_group());
  return PutAll(change.members, out->mutable_members()) && valid;
}

GroupChange FromWire(v1::GroupChange& in) {
  return {.group = Principal(std::move(*in.mutable_group())), .members = TakeAll<Principal>(in.mutable_members())};
}

bool ToWire(const ConsentChange& change, v1::ConsentChange* out) {
  const bool valid = PutText(change.patient.value, out->mutable_patient());
  return PutText(change.scope, out->mutable_scope()) && valid;
}

ConsentChange FromWire(v1::ConsentChange& in) {
  return {.patient = PatientId(std::move(*in.mutable_patient())), .scope = std::move(*in.mutable_scope())};
}

bool ToWire(const Withhold& change, v1::Withhold* out) {
  out->set_reason(std::string(NameOf(change.reason)));
  return true;
}

Withhold FromWire(const v1::Withhold& in) { return {.reason = CodeFromName(in.reason(), Code::kQuarantined)}; }

bool ToWire(const Release& change, v1::Release* out) {
  out->set_reason(std::string(NameOf(change.reason)));
  return true;
}

Release FromWire(const v1::Release& in) { return {.reason = CodeFromName(in.reason(), Code::kOk)}; }

}  // namespace freshet::wire

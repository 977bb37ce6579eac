#include "schemas/change_wire.h"

#include <set>

#include "schemas/wire.h"

namespace freshet::wire {
namespace {

using Limiteds = google::protobuf::RepeatedPtrField<v1::Limited>;

bool PutLimited(const Listed& listed, Limiteds* out) {
  v1::Limited& limited = *out->Add();
  const Period& period = listed.period;
  if (period.from != Period().from) limited.set_from_us(ToMicros(period.from));
  if (period.until != Period().until) limited.set_until_us(ToMicros(period.until));
  return PutText(listed.principal.value, limited.mutable_principal());
}

// Those listed for good, and those listed for a time.
bool PutListed(const std::vector<Listed>& all, Texts* always, Limiteds* limited) {
  bool valid = true;
  for (const Listed& listed : all) {
    valid &= listed.period.is_limited() ? PutLimited(listed, limited) : PutText(listed.principal.value, always->Add());
  }
  return valid;
}

// Each name is in `names`, and in `limited` if it is not listed for good anyway.
bool PutDenied(const std::vector<Listed>& all, Texts* names, Limiteds* limited) {
  std::set<Principal> named, for_good;
  for (const Listed& listed : all) {
    if (!listed.period.is_limited()) for_good.insert(listed.principal);
  }
  bool valid = true;
  for (const Listed& listed : all) {
    if (named.insert(listed.principal).second) valid &= PutText(listed.principal.value, names->Add());
    if (!for_good.contains(listed.principal)) valid &= PutLimited(listed, limited);
  }
  return valid;
}

// A name in `limited` without a limit was written by nobody here.
std::vector<Listed> TakeLimited(Limiteds* in) {
  std::vector<Listed> listed;
  for (v1::Limited& limited : *in) {
    if (!limited.has_from_us() && !limited.has_until_us()) continue;
    Period period;
    if (limited.has_from_us()) period.from = FromMicros(limited.from_us());
    if (limited.has_until_us()) period.until = FromMicros(limited.until_us());
    listed.emplace_back(Principal(std::move(*limited.mutable_principal())), period);
  }
  return listed;
}

std::vector<Listed> TakeListed(Texts* always, Limiteds* limited) {
  std::vector<Listed> listed;
  listed.reserve(always->size() + limited->size());
  for (std::string& name : *always) listed.emplace_back(Principal(std::move(name)));
  for (Listed& one : TakeLimited(limited)) listed.push_back(std::move(one));
  return listed;
}

std::vector<Listed> TakeDenied(Texts* names, Limiteds* in) {
  const std::vector<Listed> limited = TakeLimited(in);
  std::set<Principal> not_for_good;
  for (const Listed& one : limited) not_for_good.insert(one.principal);
  std::vector<Listed> denied;
  for (std::string& text : *names) {
    Principal name(std::move(text));
    if (!not_for_good.contains(name)) denied.emplace_back(std::move(name));
  }
  denied.insert(denied.end(), limited.begin(), limited.end());
  return denied;
}

}  // namespace

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
  valid &= PutListed(change.allow, out->mutable_allow(), out->mutable_limited_allow());
  valid &= PutDenied(change.deny, out->mutable_deny(), out->mutable_limited_deny());
  if (change.content_version) ToWire(*change.content_version, out->mutable_content_version());
  out->set_removed(change.removed);
  return valid;
}

AccessChange FromWire(v1::AccessChange& in) {
  AccessChange change{.scope = ScopeId(std::move(*in.mutable_scope())),
                      .allow = TakeListed(in.mutable_allow(), in.mutable_limited_allow()),
                      .deny = TakeDenied(in.mutable_deny(), in.mutable_limited_deny()),
                      .removed = in.removed()};
  if (in.has_content_version()) change.content_version = FromWire(in.content_version());
  return change;
}

bool ToWire(const GroupChange& change, v1::GroupChange* out) {
  const bool valid = PutText(change.group.value, out->mutable_group());
  return PutListed(change.members, out->mutable_members(), out->mutable_limited_members()) && valid;
}

GroupChange FromWire(v1::GroupChange& in) {
  return {.group = Principal(std::move(*in.mutable_group())),
          .members = TakeListed(in.mutable_members(), in.mutable_limited_members())};
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

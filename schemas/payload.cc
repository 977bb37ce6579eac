#include "schemas/payload.h"

#include "schemas/codec.h"
#include "schemas/large_field.h"
#include "schemas/wire.h"

namespace freshet::wire {
namespace {

bool ToWire(const HumanName& name, v1::HumanName* out) {
  bool valid = PutAll(name.given, out->mutable_given());
  valid &= PutText(name.family, out->mutable_family());
  valid &= PutText(name.prefix, out->mutable_prefix());
  valid &= PutText(name.suffix, out->mutable_suffix());
  return valid;
}

HumanName FromWire(v1::HumanName& in) {
  return {.given = TakeAll<std::string>(in.mutable_given()),
          .family = std::move(*in.mutable_family()),
          .prefix = std::move(*in.mutable_prefix()),
          .suffix = std::move(*in.mutable_suffix())};
}

bool ToWire(const Identifier& identifier, v1::Identifier* out) {
  const bool valid = PutText(identifier.kind, out->mutable_kind());
  return PutText(identifier.value, out->mutable_value()) && valid;
}

}  // namespace

Result<std::string> PayloadOf(const Upsert& upsert) {
  if (upsert.content.size() > kMaxMessageBytes) {
    return Status(Code::kDocumentTooLarge, "content of " + std::to_string(upsert.content.size()) + " bytes");
  }
  v1::Upsert rest;
  bool valid = PutText(upsert.media_type, rest.mutable_media_type());
  valid &= PutText(upsert.title, rest.mutable_title());
  valid &= PutText(upsert.uri, rest.mutable_uri());
  valid &= ToWire(upsert.attributes, rest.mutable_attributes());
  valid &= PutText(upsert.access_scope.value, rest.mutable_access_scope());
  valid &= PutAll(upsert.patients, rest.mutable_patients());
  rest.set_effective_us(ToMicros(upsert.effective));
  valid &= PutText(upsert.native_id, rest.mutable_native_id());
  if (upsert.refused != Code::kOk) rest.set_refused(std::string(NameOf(upsert.refused)));
  if (!valid) return Status(Code::kInvalidUtf8, "a field of an upsert");
  return WithLargeField(v1::Upsert::kContentFieldNumber, upsert.content, rest);
}

Result<Upsert> UpsertOf(std::string_view payload) {
  FRESHET_ASSIGN_OR_RETURN(v1::Upsert in, Parse<v1::Upsert>(payload));
  return Upsert{.content = std::move(*in.mutable_content()),
                .media_type = std::move(*in.mutable_media_type()),
                .title = std::move(*in.mutable_title()),
                .uri = std::move(*in.mutable_uri()),
                .attributes = FromWire(*in.mutable_attributes()),
                .access_scope = ScopeId(std::move(*in.mutable_access_scope())),
                .patients = TakeAll<PatientId>(in.mutable_patients()),
                .effective = FromMicros(in.effective_us()),
                .native_id = std::move(*in.mutable_native_id()),
                .refused = in.refused().empty() ? Code::kOk : CodeFromName(in.refused())};
}

Result<std::string> PayloadOf(const IdentityChange& identity) {
  v1::IdentityChange out;
  bool valid = PutText(identity.patient.value, out.mutable_patient());
  valid &= PutText(identity.identity, out.mutable_identity());
  out.set_retracted(identity.retracted);
  for (const HumanName& name : identity.names) valid &= ToWire(name, out.add_names());
  for (const Identifier& identifier : identity.identifiers) valid &= ToWire(identifier, out.add_identifiers());
  valid &= PutText(identity.birth_date, out.mutable_birth_date());
  valid &= PutAll(identity.addresses, out.mutable_addresses());
  valid &= PutAll(identity.telecoms, out.mutable_telecoms());
  valid &= PutText(identity.merged_into.value, out.mutable_merged_into());
  valid &= PutText(identity.unmerged_from.value, out.mutable_unmerged_from());
  if (!valid) return Status(Code::kInvalidUtf8, "a field of an identity");
  return Serialize(out);
}

Result<IdentityChange> IdentityOf(std::string_view payload) {
  FRESHET_ASSIGN_OR_RETURN(v1::IdentityChange in, Parse<v1::IdentityChange>(payload));
  IdentityChange identity{.patient = PatientId(std::move(*in.mutable_patient())),
                          .identity = std::move(*in.mutable_identity()),
                          .retracted = in.retracted(),
                          .birth_date = std::move(*in.mutable_birth_date()),
                          .addresses = TakeAll<std::string>(in.mutable_addresses()),
                          .telecoms = TakeAll<std::string>(in.mutable_telecoms()),
                          .merged_into = PatientId(std::move(*in.mutable_merged_into())),
                          .unmerged_from = PatientId(std::move(*in.mutable_unmerged_from()))};
  for (v1::HumanName& name : *in.mutable_names()) identity.names.push_back(FromWire(name));
  for (v1::Identifier& identifier : *in.mutable_identifiers()) {
    identity.identifiers.push_back({std::move(*identifier.mutable_kind()), std::move(*identifier.mutable_value())});
  }
  return identity;
}

}  // namespace freshet::wire

#include "schemas/clean.pb.h"
#include "schemas/codec.h"
#include "schemas/envelope_wire.h"
#include "schemas/large_field.h"
#include "schemas/sealed_wire.h"

namespace freshet {
namespace wire {

Status SealInto(const CleanDocument& clean, const Origin& origin, const KeyRing& keys, v1::SealedClean* out) {
  FRESHET_RETURN_IF_ERROR(keys.Require({KeyPurpose::kSeal}));
  SealedClean sealed = Seal(clean, origin, keys);
  out->set_body(std::move(sealed.body));
  out->set_seal(std::move(sealed.seal));
  out->set_key_id(std::move(sealed.key_id));
  return OkStatus();
}

SealedClean FromWire(v1::SealedClean& in) {
  return {.body = std::move(*in.mutable_body()),
          .seal = std::move(*in.mutable_seal()),
          .key_id = std::move(*in.mutable_key_id())};
}

}  // namespace wire

Result<std::string> EncodeClean(const Envelope<CleanDocument>& envelope, const KeyRing& keys) {
  return wire::EncodeEnvelope<v1::CleanRecord>(envelope, [&](const CleanDocument& clean, v1::CleanRecord* out) {
    return wire::SealInto(clean, envelope.origin, keys, out->mutable_clean());
  });
}

Result<Envelope<CleanDocument>> DecodeClean(std::string_view bytes, const KeyRing& keys) {
  return wire::DecodeEnvelope<CleanDocument, v1::CleanRecord>(
      bytes, [&](const Origin& origin, v1::CleanRecord& record) {
        return DecodeSealed(wire::FromWire(*record.mutable_clean()), origin, keys);
      });
}

std::string EncodeSealedClean(const SealedClean& sealed) {
  v1::SealedClean rest;
  rest.set_seal(sealed.seal);
  rest.set_key_id(sealed.key_id);
  return wire::WithLargeField(v1::SealedClean::kBodyFieldNumber, sealed.body, rest);
}

Result<SealedClean> DecodeSealedClean(std::string_view bytes) {
  FRESHET_ASSIGN_OR_RETURN(v1::SealedClean in, wire::Parse<v1::SealedClean>(bytes));
  return wire::FromWire(in);
}

}  // namespace freshet

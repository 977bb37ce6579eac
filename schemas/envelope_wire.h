// Envelopes to records and back, once for the three hops: a record is an origin and one of body, skipped and control.
//
//   return wire::EncodeEnvelope<v1::CleanRecord>(envelope, [&](const CleanDocument& clean, v1::CleanRecord* out) ...);
//
// Internal to schemas.
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "common/stage/envelope.h"
#include "schemas/control.pb.h"
#include "schemas/wire.h"

namespace freshet::wire {

using ControlKind = std::variant<Heartbeat, SnapshotEdge, Present, Lost>;

void ToWire(const Skipped& skipped, v1::Skipped* out);
Skipped FromWire(const v1::Skipped& in);

void ToWire(const Heartbeat& heartbeat, v1::Heartbeat* out);
Heartbeat FromWire(const v1::Heartbeat& in);

void ToWire(const SnapshotEdge& edge, v1::SnapshotEdge* out);
// unsupported_change for a side that is neither begin nor end: to take it for an end could delete.
Result<SnapshotEdge> FromWire(const v1::SnapshotEdge& in);

void ToWire(const ControlKind& control, v1::Control* out);
Result<ControlKind> FromWire(const v1::Control& in);

inline Status UnknownKind() { return Status(Code::kUnsupportedChange, "a record without a kind that is known here"); }
inline Status NotUtf8(const char* where) { return Status(Code::kInvalidUtf8, where); }

// `put_body(const Body&, Record*)` returns a Status.
template <class Record, class Body, class PutBody>
Result<std::string> EncodeEnvelope(const Envelope<Body>& envelope, PutBody put_body) {
  Record record;
  if (!ToWire(envelope.origin, record.mutable_origin())) return NotUtf8("origin");
  const Status put = std::visit(
      [&]<class Payload>(const Payload& payload) -> Status {
        if constexpr (std::is_same_v<Payload, Body>) {
          return put_body(payload, &record);
        } else if constexpr (std::is_same_v<Payload, Skipped>) {
          ToWire(payload, record.mutable_skipped());
        } else {
          ToWire(ControlKind(payload), record.mutable_control());
        }
        return OkStatus();
      },
      envelope.payload);
  FRESHET_RETURN_IF_ERROR(put);
  return Serialize(record);
}

// `take_body(const Origin&, Record&)` returns a Result<Body>; it is called where the record has a body.
template <class Body, class Record, class TakeBody>
Result<Envelope<Body>> DecodeEnvelope(std::string_view bytes, TakeBody take_body) {
  FRESHET_ASSIGN_OR_RETURN(Record record, Parse<Record>(bytes));
  Origin origin = FromWire(*record.mutable_origin());
  if (record.has_skipped()) return Envelope<Body>{std::move(origin), FromWire(record.skipped())};
  if (record.has_control()) {
    FRESHET_ASSIGN_OR_RETURN(ControlKind control, FromWire(record.control()));
    return std::visit([&](auto& kind) { return Envelope<Body>{std::move(origin), std::move(kind)}; }, control);
  }
  if (record.body_case() == Record::BODY_NOT_SET) return UnknownKind();
  FRESHET_ASSIGN_OR_RETURN(Body body, take_body(origin, record));
  return Envelope<Body>{std::move(origin), std::move(body)};
}

}  // namespace freshet::wire

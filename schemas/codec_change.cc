// How a change's PHI is sealed: sealed_upsert and sealed_identity are envelopes of KeyRing::SealPayload under the
// context
//   context := ("upsert" | "identity") '/' source '/' collection '/' document '@' version
// so that sealed bytes cannot be put under another document, another version, or in place of the other kind.

#include "schemas/change.pb.h"
#include "schemas/change_wire.h"
#include "schemas/codec.h"
#include "schemas/envelope_wire.h"
#include "schemas/payload.h"
#include "schemas/topics.h"
#include "schemas/wire.h"

namespace freshet {
namespace {

std::string ContextOf(std::string_view kind, const Origin& origin) {
  return std::string(kind) + "/" + RecordKey(origin) + "@" + origin.version.ToString();
}

// Puts a change into its field of the record.
struct ChangePutter {
  const Origin& origin;
  const KeyRing& keys;
  v1::ChangeRecord& record;

  Status operator()(const Upsert& upsert) { return Seal("upsert", upsert, record.mutable_sealed_upsert()); }
  Status operator()(const IdentityChange& change) { return Seal("identity", change, record.mutable_sealed_identity()); }
  Status operator()(const Delete& change) { return Put(change, record.mutable_delete_()); }
  Status operator()(const AccessChange& change) { return Put(change, record.mutable_access()); }
  Status operator()(const GroupChange& change) { return Put(change, record.mutable_group()); }
  Status operator()(const ConsentChange& change) { return Put(change, record.mutable_consent()); }
  Status operator()(const Withhold& change) { return Put(change, record.mutable_withhold()); }
  Status operator()(const Release& change) { return Put(change, record.mutable_release()); }
  Status operator()(const Heartbeat& change) { return PutControl(change, record.mutable_heartbeat()); }
  Status operator()(const SnapshotEdge& change) { return PutControl(change, record.mutable_snapshot_edge()); }
  Status operator()(const Present&) { return record.mutable_present(), OkStatus(); }
  Status operator()(const Confirm&) { return record.mutable_confirm(), OkStatus(); }

 private:
  template <class Kind>
  Status Seal(std::string_view kind, const Kind& change, std::string* out) {
    FRESHET_RETURN_IF_ERROR(keys.Require({KeyPurpose::kPayload}));
    FRESHET_ASSIGN_OR_RETURN(const std::string plain, wire::PayloadOf(change));
    *out = keys.SealPayload(plain, ContextOf(kind, origin));
    return OkStatus();
  }
  template <class Kind, class Message>
  Status Put(const Kind& change, Message* out) {
    return wire::ToWire(change, out) ? OkStatus() : wire::NotUtf8("change");
  }
  template <class Kind, class Message>
  Status PutControl(const Kind& change, Message* out) {
    wire::ToWire(change, out);
    return OkStatus();
  }
};

// A Result<Kind> as a Result<Change>.
template <class Kind>
Result<Change> AsChange(Result<Kind> kind) {
  if (!kind.ok()) return kind.status();
  return Change(std::move(*kind));
}

Result<Change> OpenUpsert(std::string_view sealed, const Origin& origin, const KeyRing& keys) {
  FRESHET_ASSIGN_OR_RETURN(const std::string plain, keys.OpenPayload(sealed, ContextOf("upsert", origin)));
  return AsChange(wire::UpsertOf(plain));
}

Result<Change> OpenIdentity(std::string_view sealed, const Origin& origin, const KeyRing& keys) {
  FRESHET_ASSIGN_OR_RETURN(const std::string plain, keys.OpenPayload(sealed, ContextOf("identity", origin)));
  return AsChange(wire::IdentityOf(plain));
}

Result<Change> TakeChange(v1::ChangeRecord& record, const Origin& origin, const KeyRing& keys) {
  switch (record.change_case()) {
    case v1::ChangeRecord::kSealedUpsert:
      return OpenUpsert(record.sealed_upsert(), origin, keys);
    case v1::ChangeRecord::kSealedIdentity:
      return OpenIdentity(record.sealed_identity(), origin, keys);
    case v1::ChangeRecord::kDelete:
      return Change(wire::FromWire(record.delete_()));
    case v1::ChangeRecord::kAccess:
      return Change(wire::FromWire(*record.mutable_access()));
    case v1::ChangeRecord::kGroup:
      return Change(wire::FromWire(*record.mutable_group()));
    case v1::ChangeRecord::kConsent:
      return Change(wire::FromWire(*record.mutable_consent()));
    case v1::ChangeRecord::kWithhold:
      return Change(wire::FromWire(record.withhold()));
    case v1::ChangeRecord::kRelease:
      return Change(wire::FromWire(record.release()));
    case v1::ChangeRecord::kHeartbeat:
      return Change(wire::FromWire(record.heartbeat()));
    case v1::ChangeRecord::kSnapshotEdge:
      return AsChange(wire::FromWire(record.snapshot_edge()));
    case v1::ChangeRecord::kPresent:
      return Change(Present{});
    case v1::ChangeRecord::kConfirm:
      return Change(Confirm{});
    case v1::ChangeRecord::CHANGE_NOT_SET:
      break;
  }
  return wire::UnknownKind();
}

}  // namespace

Result<std::string> EncodeChange(const ChangeEvent& event, const KeyRing& keys) {
  v1::ChangeRecord record;
  if (!wire::ToWire(event.origin, record.mutable_origin())) return wire::NotUtf8("origin");
  FRESHET_RETURN_IF_ERROR(std::visit(ChangePutter{event.origin, keys, record}, event.change));
  return wire::Serialize(record);
}

Result<ChangeEvent> DecodeChange(std::string_view bytes, const KeyRing& keys) {
  FRESHET_ASSIGN_OR_RETURN(v1::ChangeRecord record, wire::Parse<v1::ChangeRecord>(bytes));
  Origin origin = wire::FromWire(*record.mutable_origin());
  FRESHET_ASSIGN_OR_RETURN(Change change, TakeChange(record, origin, keys));
  return ChangeEvent{std::move(origin), std::move(change)};
}

}  // namespace freshet

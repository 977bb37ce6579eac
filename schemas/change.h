// ChangeEvent: what a connector publishes (schemas/change.proto is its form on the wire).
//
//   ChangeEvent event{.origin = origin, .change = Delete{}};
//   TopicOf(event.change, Lane::kLive)   // Topic::kChangesUrgent: a delete never waits behind content
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/listed.h"
#include "common/stage/envelope.h"

namespace freshet {

struct Attribute {
  std::string name;
  std::vector<std::string> values;
  bool operator==(const Attribute&) const = default;
};

struct Upsert {
  std::string content;  // bytes in media_type
  std::string media_type;
  std::string title;
  std::string uri;
  std::vector<Attribute> attributes;
  ScopeId access_scope;
  std::vector<PatientId> patients;  // the source's own ids: PHI, sealed on the wire
  Time effective;
  std::string native_id;  // the source's own document id: PHI, sealed on the wire
  // Not kOk: this version exists, but its content cannot travel (too large, unreadable). De-identification answers
  // with Skipped of this code, so that the version is accounted for and never silently current.
  Code refused = Code::kOk;
};

struct Delete {
  enum class Reason : uint8_t { kDeleted, kEnteredInError, kRetention };
  Reason reason = Reason::kDeleted;
};

// The whole access list of a scope as of the event's version: flat, since whoever knows inheritance resolves it.
struct AccessChange {
  ScopeId scope;
  std::vector<Listed> allow;
  std::vector<Listed> deny;                // wins
  std::optional<Version> content_version;  // until this version is in, only the narrowing takes effect
  bool removed = false;                    // the scope is gone: it allows nobody
};

struct GroupChange {
  Principal group;
  std::vector<Listed> members;  // the whole list; groups may nest
};

struct ConsentChange {
  PatientId patient;
  std::string scope;
};

struct HumanName {
  std::vector<std::string> given;
  std::string family;
  std::string prefix;
  std::string suffix;
};

struct Identifier {
  std::string kind;  // "mrn", "ssn", "account", ...
  std::string value;
};

// One identity of a patient, whole, or its explicit retraction.
struct IdentityChange {
  PatientId patient;
  std::string identity;  // names this identity among the patient's
  bool retracted = false;
  std::vector<HumanName> names;
  std::vector<Identifier> identifiers;
  std::string birth_date;  // YYYY-MM-DD, empty where unknown
  std::vector<std::string> addresses;
  std::vector<std::string> telecoms;
  PatientId merged_into;
  PatientId unmerged_from;
};

struct Withhold {
  Code reason = Code::kQuarantined;
};

struct Release {
  Code reason = Code::kOk;
};

// An operator lets the deletes of a snapshot through that the mass-delete guard held.
struct Confirm {};

using Change = std::variant<Upsert, IdentityChange, Delete, AccessChange, GroupChange, ConsentChange, Withhold, Release,
                            Confirm, Heartbeat, SnapshotEdge, Present>;

// What may travel in the urgent lane and the groups topic.
using UrgentChange = std::variant<Delete, AccessChange, GroupChange, ConsentChange, Withhold, Release, Confirm>;

struct ChangeEvent {
  Origin origin;
  Change change;
};

}  // namespace freshet

// Mutation: one input of the sink in terms of the store, which knows documents, chunks, vectors and access lists, and
// nothing of how they came to be. Stored content is opaque sealed bytes.
//
//   store.Apply({{.origin = origin, .position = position, .change = PutDocument{...}}});
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/listed.h"
#include "common/base/origin.h"

namespace freshet::store {

struct PutChunk {
  Hash128 hash{};  // with occurrence and document: the chunk's identity
  uint32_t occurrence = 0;
  std::string record;   // opaque: where the chunk lies in its document
  std::string text;     // for the lexical index, not stored
  std::string section;  // for the lexical index, not stored
};

struct PutDocument {
  std::string sealed;  // opaque: the clean document, sealed
  std::string title;   // for the lexical index
  ScopeId access_scope;
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;  // for filters
  Time effective;                                                            // for filters; the epoch where unknown
  std::vector<PutChunk> chunks;
  std::string model;
  uint32_t dimensions = 0;
  std::shared_ptr<const std::vector<uint16_t>> vectors;  // binary16, chunk after chunk; null: none for now
};

struct SkipDocument {
  Code code = Code::kInternalError;
  Step stage = Step::kDeid;
};

struct DeleteDocument {};

struct SetAccess {
  ScopeId scope;
  std::vector<Listed> allow;
  std::vector<Listed> deny;
  std::optional<Version> content_version;
  bool removed = false;
};

struct SetGroup {
  Principal group;
  std::vector<Listed> members;
};

struct SetConsent {
  PatientId patient;
  std::string scope;
};

struct SetWithheld {
  bool withheld = true;
  Code reason = Code::kQuarantined;
};

struct MarkPresent {};  // a snapshot saw the document, unchanged
struct BeginSnapshot {
  Version begin;
};
struct EndSnapshot {
  Version begin;
};
// Lets the held deletes of origin.source's snapshot that began there through, and no other's.
struct ConfirmDeletes {
  Version begin;
};
struct AdvanceTime {
  Time committed_up_to;
};  // a heartbeat
// A record that could not be decoded, or that retention took: accounts for offsets [position.offset, position.offset +
// count).
struct LoseRecords {
  Code code = Code::kCorruptRecord;
  uint64_t count = 1;
  Step stage = Step::kIndex;  // that found them gone
};

struct Mutation {
  Origin origin;
  Position position;
  std::variant<PutDocument, SkipDocument, DeleteDocument, SetAccess, SetGroup, SetConsent, SetWithheld, MarkPresent,
               BeginSnapshot, EndSnapshot, ConfirmDeletes, AdvanceTime, LoseRecords>
      change;
};

// What became of a mutation. Every one has exactly one outcome, counted in the same write as its effect.
enum class Outcome : uint8_t {
  kIndexed,      // took effect: content, delete, access, group, consent, withhold
  kSuperseded,   // a newer version was there, or this very one
  kSkipped,      // by code, here or upstream
  kQuarantined,  // skipped with quarantined
  kControl,      // heartbeat, snapshot edge, present, confirm
};

// For the commit-to-searchable histogram.
enum class Operation : uint8_t { kInsert, kUpdate, kDelete, kAccess, kNone };

struct Applied {
  Outcome outcome = Outcome::kControl;
  Operation operation = Operation::kNone;
  bool only_grants = false;  // the first list of an access scope, from which nobody can be revoked
};

}  // namespace freshet::store

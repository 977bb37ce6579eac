// Roster: the known identities of patients, as text must be searched for them, and immutable snapshots of it.
//
//   RosterBuilder builder;
//   builder.Apply(SourceName("ehr"), identity_change);            // also retractions, merges and unmerges
//   std::shared_ptr<const Roster> roster = builder.Snapshot();    // cheap: shares all that has not changed since
//   roster->Find(tokens, {.source = source, .patients = patients, .scope = RosterScope::kSource}, findings);
//
// What is found: every form that forms.h derives from an identity. An identity is replaced whole by the next change of
// its name, and gone with its retraction, which is remembered. Patients that were merged are searched for together
// until unmerged. A snapshot may be read from any thread and lives as long as someone holds it; the builder has one
// thread.
//
// A million patients take some 250 MB (bench/deid_roster.cc measures): what is telling in every document of a source is
// there as packed hashes (source_forms.h), each patient as a packed record (roster_record.h), of which the forms that
// only the patient's own documents are searched for - initials, single names, typing errors - are made when one comes
// (forms_cache.h).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "schemas/change.h"
#include "services/deid/forms.h"
#include "services/deid/policy.h"
#include "services/deid/text.h"

namespace freshet::deid {

struct RosterQuery {
  const SourceName& source;
  std::span<const PatientId> patients;
  RosterScope scope = RosterScope::kSource;
};

class Roster {
 public:
  virtual ~Roster() = default;

  virtual bool empty() const = 0;
  virtual bool Knows(const SourceName& source, const PatientId& patient) const = 0;
  // Whom the patient was merged into, in the end; else the patient: whose surrogates and days of shift are used.
  virtual PatientId SurvivorOf(const SourceName& source, const PatientId& patient) const = 0;
  // Appends findings in places of the folded text.
  virtual void Find(const Text& text, const RosterQuery& query, std::vector<Finding>& findings) const = 0;
  // Whether the forms of these patients hold this birth date.
  virtual bool IsBirthDate(const RosterQuery& query, const CalendarDate& date) const = 0;
};

class RosterBuilder {
 public:
  RosterBuilder();
  ~RosterBuilder();

  // The newest version of each identity wins, retractions too, and the newest word on whom a patient is merged with,
  // whatever the order and however often delivered. A change of version zero, as of a list without versions, always
  // wins.
  void Apply(const SourceName& source, const IdentityChange& change, const Version& version = {});
  std::shared_ptr<const Roster> Snapshot() const;
  size_t patients() const;
  size_t MemoryBytes() const;  // of what a snapshot refers to, without the allocator's own

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace freshet::deid

// Sweep: what was let through before something was known is looked for and mended (DESIGN §8).
//
//   sweep.Learned({source, change, version}, {partition, offset});     // every identity, as the roster takes it
//   while (...) sweep.Step();                                          // some documents at a time
//
// - A newly learned identity is searched for in the clean text that is stored, or where the index is elsewhere in the
//   original. Where it stands, the document is withheld at once and run again from its original.
// - Where patients were merged or unmerged, their documents run again if their policy makes anything up: surrogates and
//   days of shift are those of the patient who remains.
// - Documents that wait in quarantine for a patient run again when the patient is known.
// - A collection with another policy than last time: documents whose text it would change run again; all of them where
//   the policy has another name, since answers show only what the policy in force has made.
//
// What a sweep is about is forgotten only when it has been through all originals: the quarantine's marks "identities"
// (partition(4) offset(8), again and again) and "policy/<collection>" (a stamp) say what earlier ones were about, so a
// restart begins an unfinished one anew. To withhold or run again twice does no harm. Internal to runtime. One thread,
// de-identification's own. Codes: those of originals, store and log.
#pragma once

#include <set>

#include "services/deid/deid.h"
#include "services/deid/originals.h"
#include "services/deid/quarantine.h"
#include "services/runtime/rerun.h"

namespace freshet {

class Sweep {
 public:
  struct Parts {
    const HopContext& context;
    deid::Deid& stage;
    deid::Originals& originals;
    deid::Quarantine& quarantine;
    std::function<deid::DeidState()> state;
  };
  struct Identity {
    const SourceName& source;
    const IdentityChange& change;
    const Version& version;
  };
  explicit Sweep(Parts parts) : parts_(std::move(parts)), rerunner_(parts_.context) {}

  // Reads what earlier sweeps were about. Before anything else.
  Status Open();
  void Learned(const Identity& identity, Partition partition, Offset offset);
  // True where there was something to do.
  Result<bool> Step();

 private:
  using Patient = std::pair<SourceName, PatientId>;
  // What one sweep is about.
  struct About {
    deid::RosterBuilder identities;
    std::set<Patient> learned;
    std::set<Patient> relinked;                      // merged or unmerged
    std::map<CollectionName, std::string> policies;  // the stamp before
    std::map<Partition, Offset> next;                // of the identities topic
    bool empty() const { return learned.empty() && relinked.empty() && policies.empty(); }
  };
  enum class Verdict : uint8_t { kLeave, kRunAgain, kWithhold };

  Status Look(const Origin& origin, const Upsert& upsert);
  Result<Verdict> Judge(const Origin& origin, const Upsert& upsert, const deid::DeidState& state);
  Result<bool> PolicyTouches(const Origin& origin, const Upsert& upsert, const deid::DeidState& state);
  bool Holds(std::string_view text, const Origin& origin, const Upsert& upsert, const deid::Policy& policy) const;
  std::optional<CleanDocument> Stored(const Origin& origin) const;
  Status Finish();

  const Parts parts_;
  const Rerunner rerunner_;
  std::map<Partition, Offset> swept_;  // of the identities topic
  std::unique_ptr<About> about_;       // null: no sweep is under way
  std::unique_ptr<About> next_ = std::make_unique<About>();
  std::shared_ptr<const deid::Roster> identities_;  // of about_
  std::string cursor_;
};

}  // namespace freshet

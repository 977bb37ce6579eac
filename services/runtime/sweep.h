// Sweep: what was let through before something was known is looked for and mended (DESIGN §8).
//
//   sweep.Learned({source, change, version}, {partition, offset});     // every identity, as the roster takes it
//   while (...) sweep.Step();                                          // some documents at a time
//
// - A newly learned identity is searched for in the clean text that is stored. Where it stands, the document is
//   withheld at once and run again from its original. Where the index is elsewhere the original is searched.
// - Where patients were merged or unmerged, their documents run again if their policy makes anything up: surrogates and
//   days of shift are those of the patient who remains.
// - Documents that wait in quarantine for a patient run again when the patient is known.
// - A collection with another policy than last time: documents whose text it would change run again; all of them where
//   the policy has another name, since answers show only what the policy in force has made.
// - Where a generation of another policy is beside, a newly learned identity is searched for in the originals too.
//   Where it stands the document runs again, so that each generation's text is made anew by what is known now.
//
// One sweep is one pass over the documents, for everything that was learned before it began; what comes meanwhile
// shares the next one. It reads which documents there are (a row of their keys, some hundred bytes) and their stored
// clean text, and opens an original only where it may have to run again: on a hit, where nothing of this version is
// stored (in flight, in quarantine, an index elsewhere), and in collections whose policy is another one. Texts are
// searched at tens of millions of characters a second, whatever the number of identities (services/deid/README.md).
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

  // Since the process began.
  struct Totals {
    uint64_t documents = 0;  // looked at
    uint64_t originals = 0;  // of these, opened
  };
  const Totals& totals() const { return totals_; }

 private:
  using Patient = std::pair<SourceName, PatientId>;
  // What one sweep is about.
  struct About {
    deid::RosterBuilder identities;
    std::set<Patient> learned;
    std::set<Patient> relinked;                      // merged or unmerged
    std::map<PatientId, PatientId> mentioned;        // by the name that stored documents know them by
    std::map<CollectionName, std::string> policies;  // the stamp before
    std::map<Partition, Offset> next;                // of the identities topic
    bool empty() const { return learned.empty() && relinked.empty() && policies.empty(); }
  };
  enum class Verdict : uint8_t { kLeave, kRunAgain, kWithhold };

  Status Look(const DocumentKey& document, const Version& version);
  bool MayTouch(const DocumentKey& document, const CleanDocument& stored) const;
  Result<Verdict> Judge(const Origin& origin, const Upsert& upsert, const std::optional<CleanDocument>& stored);
  Result<bool> PolicyTouches(const Origin& origin, const Upsert& upsert, const std::optional<CleanDocument>& stored);
  bool Holds(std::string_view text, const deid::RosterQuery& query, const deid::Policy& policy) const;
  // Whether a generation beside may have made something else of it before the identities were known.
  bool BesideTouches(const Origin& origin, const Upsert& upsert) const;
  bool StoredHolds(const DocumentKey& document, const CleanDocument& stored) const;
  // Of those that this sweep mentions, whom the document is about.
  std::vector<PatientId> PatientsOf(const CleanDocument& stored) const;
  // What the index of this process holds of this very version.
  std::optional<CleanDocument> Stored(const DocumentKey& document, const Version& version) const;
  Status Finish();

  const Parts parts_;
  const Rerunner rerunner_;
  std::map<Partition, Offset> swept_;  // of the identities topic
  std::unique_ptr<About> about_;       // null: no sweep is under way
  std::unique_ptr<About> next_ = std::make_unique<About>();
  std::shared_ptr<const deid::Roster> identities_;  // of about_
  std::string cursor_;
  Totals totals_;
};

}  // namespace freshet

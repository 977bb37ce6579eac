// SimulatedSource: a source system under a random history: documents come, change and go, lists narrow and widen,
// groups nest, snapshots pass; and a connector that delivers its changes late, twice and out of order, but never loses
// one.
//
//   SimulatedSource source(seed, clock);
//   source.Change();                                 // something happens there
//   std::vector<Delivery> batch = source.Deliver();  // what the connector publishes now; Done(batch) once it is
//   durable
//
// The connector naps, and then publishes at once what has piled up; and now and then it publishes again what it
// published long ago. A document is a few paragraphs, each with a word of its own (its mark); a new version keeps some
// of those of the version before. Text is letters only, so that de-identification has nothing to find in it. One seed,
// one history.
#pragma once

#include <deque>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "common/base/clock.h"
#include "schemas/change.h"

namespace freshet::test {

struct Delivery {
  ChangeEvent event;
  Lane lane = Lane::kLive;
  bool in_order = false;               // a snapshot's records, and groups: not before those given before it
  std::optional<Partition> partition;  // of an edge or a heartbeat; else the key's
  bool again = false;                  // published before
};

// Something found by a search: which paragraph of which version of which document.
struct Shown {
  std::string document;
  Version version;
  std::string mark;
  auto operator<=>(const Shown&) const = default;
};

class SimulatedSource {
 public:
  SimulatedSource(uint64_t seed, ManualClock& clock, uint32_t partitions);

  void Change();
  // What is published next: often one record, at times several, some again, nothing while the connector naps.
  std::vector<Delivery> Deliver();
  // From now on all is published without a pause: what is left, and much of the history again.
  void Finish();
  void Done(const std::vector<Delivery>& batch);
  bool idle() const { return pending_.empty() && late_.empty(); }
  // Records of documents that a snapshot has told gone before anything of them arrived: to be published when it has.
  std::vector<Delivery> TakeStragglers() { return std::exchange(stragglers_, {}); }
  // Vouches for all that is published: on every partition of urgent, live and backfill.
  std::vector<Delivery> Heartbeats();
  void BeginSnapshot();

  // The ten-line model: what a user may find when everything has arrived.
  std::set<Shown> Expected(const std::string& user) const;
  // Everything ever told of, for checks of watermarks.
  struct Told {
    DocumentId document;
    Version version;
    Time committed;
    bool live = true;
  };
  const std::vector<Told>& told() const { return told_; }
  // The newest end of a document that only a snapshot tells of: older versions may leave no trace.
  Version SilentlyDeleted(const DocumentId& document) const;
  size_t events() const { return events_; }
  size_t count(const std::string& kind) const;

  static const std::vector<std::string>& users();
  // A word that all paragraphs of this document have, and no other's.
  static std::string WordOf(const DocumentId& document);
  // The marks in a text of the document.
  static std::vector<std::string> MarksIn(std::string_view text, const DocumentId& document);
  // Those of one of its versions; null where it never was.
  const std::set<std::string>* MarksOf(const DocumentId& document, const Version& version) const;
  std::set<DocumentId> documents() const;

 private:
  struct Content {
    Version version;
    ScopeId scope;
    bool good = true;  // false: no parser reads it
    std::set<std::string> marks;
  };
  struct Document {
    std::map<Version, Content> contents;
    Version deleted;
    Version silently_deleted;
    Version hold;
    bool held = false;
    bool exists = false;
  };
  struct List {
    Version version;
    AccessChange change;
  };
  struct Group {
    Version version;
    std::vector<Listed> members;
  };

  uint64_t Below(uint64_t limit) { return std::uniform_int_distribution<uint64_t>(0, limit - 1)(random_); }
  // Of a name on a list: for good, or for a while; by the version alone, so that no history is another for it.
  Period ListedWhen(const Version& version, uint64_t name) const;
  Version NextVersion() { return {epoch_, ++position_}; }
  DocumentId AnyDocument();
  ChangeEvent Event(const DocumentId& document, const Version& version, ::freshet::Change change);
  void Give(Delivery delivery, const char* kind);
  void GiveAgain(Delivery delivery);
  void TakeLate();
  void Write(const DocumentId& document, Lane lane, bool in_order);
  std::set<std::string> NewMarks(const DocumentId& id, const Document& document, const Version& version);
  void Remove(const DocumentId& document, bool told);
  void Straggle();
  void ChangeAccess();
  void ChangeGroup();
  void ChangeHold();
  void EdgeOnAllPartitions(SnapshotEdge::Side side, const Version& begin);
  bool MayRead(const ScopeId& scope, const std::string& user) const;
  std::set<Principal> Closure(const std::string& user) const;

  std::mt19937_64 random_;
  ManualClock& clock_;
  const uint32_t partitions_;
  uint64_t epoch_ = 1;
  uint64_t position_ = 0;
  std::map<DocumentId, Document> documents_;
  std::map<ScopeId, List> lists_;
  std::map<Principal, Group> groups_;
  std::deque<Delivery> pending_;
  std::vector<std::pair<size_t, Delivery>> late_;  // set aside until so many events
  std::vector<Delivery> published_;                // all but what must stay in order
  std::vector<Delivery> stragglers_;
  DocumentId held_;  // or released, last
  size_t nap_ = 0;   // until so much waits
  bool finishing_ = false;
  std::vector<Told> told_;
  std::map<std::string, size_t> counts_;
  size_t events_ = 0;
};

}  // namespace freshet::test

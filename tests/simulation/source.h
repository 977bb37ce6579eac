// SimulatedSource: a source system under a random history: documents come, change and go, lists narrow and widen,
// groups nest, snapshots pass; and a connector that delivers its changes late, twice and out of order, but never loses
// one.
//
//   SimulatedSource source(seed, clock);
//   source.Change();                                 // something happens there
//   std::vector<Delivery> batch = source.Deliver();  // what the connector publishes now; Done(batch) once it is
//   durable
//
// Text is letters only, so that de-identification has nothing to find in it. One seed, one history.
#pragma once

#include <deque>
#include <map>
#include <random>
#include <set>

#include "common/base/clock.h"
#include "schemas/change.h"

namespace freshet::test {

struct Delivery {
  ChangeEvent event;
  Lane lane = Lane::kLive;
  bool in_order = false;               // a snapshot's records, and groups: not before those given before it
  std::optional<Partition> partition;  // of an edge or a heartbeat; else the key's
};

// Something found by a search: which version of which document.
struct Shown {
  std::string document;
  std::string version_word;
  auto operator<=>(const Shown&) const = default;
};

class SimulatedSource {
 public:
  SimulatedSource(uint64_t seed, ManualClock& clock, uint32_t partitions);

  void Change();
  // What is published next: often one record, at times several, some again.
  std::vector<Delivery> Deliver();
  void Done(const std::vector<Delivery>& batch);
  bool idle() const { return pending_.empty(); }
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
  // A word that only this document has, and one that only this version of it has.
  static std::string WordOf(const DocumentId& document);
  static std::string WordOf(const DocumentId& document, const Version& version);

 private:
  struct Content {
    Version version;
    ScopeId scope;
    bool good = true;  // false: no parser reads it
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
    std::vector<Principal> members;
  };

  uint64_t Below(uint64_t limit) { return std::uniform_int_distribution<uint64_t>(0, limit - 1)(random_); }
  Version NextVersion() { return {epoch_, ++position_}; }
  DocumentId AnyDocument();
  ChangeEvent Event(const DocumentId& document, const Version& version, ::freshet::Change change);
  void Give(Delivery delivery, const char* kind);
  void Write(const DocumentId& document, Lane lane, bool in_order);
  void Remove(const DocumentId& document, bool told);
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
  std::vector<Told> told_;
  std::map<std::string, size_t> counts_;
  size_t events_ = 0;
};

}  // namespace freshet::test

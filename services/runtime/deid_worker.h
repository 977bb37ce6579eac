// DeidWorker: de-identification and what it follows beside its lanes: the whole roster (identities), and deletes, which
// destroy originals. Internal to runtime. One thread.
//
// Originals are this worker's own, whoever had the document's partition when it came: so every worker reads all
// deletes. Those of documents that only a snapshot deleted come from the sink (tell_gone.h). A destroyed key also
// leaves the disk: soon after, in the background.
//
// With each original goes the offset map of the clean text that was made of it (offset_map.h), kept before that is
// sent.
//
// What is quarantined is listed (quarantine.h) before its skip is acknowledged, with its content in the originals; a
// newer version or run takes it off the list, and so does a delete.
//
// What was let through before an identity, a merge or a policy was known is looked for meanwhile (sweep.h).
//
// Nothing is de-identified before the roster that was in the log at start has been read whole: fail closed on PHI.
#pragma once

#include <atomic>
#include <deque>
#include <future>

#include "common/stage/runner.h"
#include "services/deid/deid.h"
#include "services/deid/originals.h"
#include "services/deid/quarantine.h"
#include "services/deid/roster.h"
#include "services/runtime/holding_letters.h"
#include "services/runtime/hops.h"
#include "services/runtime/originals_replay.h"
#include "services/runtime/shared_roster.h"
#include "services/runtime/sweep.h"

namespace freshet {

struct DeidWorkerParts {
  std::unique_ptr<deid::Deid> stage;
  std::unique_ptr<deid::Originals> originals;    // null: none are kept
  std::unique_ptr<deid::Quarantine> quarantine;  // null where no originals are kept: nothing could be released
  // What power loss took from the originals and the log still has; null: each batch waits for the disk instead.
  std::unique_ptr<OriginalsReplay> replay;
  std::shared_ptr<log::Consumer> identities;
  std::shared_ptr<log::Consumer> deletes;  // null: none are kept
  std::unique_ptr<GroupProgress> deletes_progress;
  Duration purge_every = std::chrono::hours(1);  // shorter: destroyed keys leave the disk sooner, more is rewritten
  std::map<Partition, Offset> identities_end;    // at start
  RunnerOptions runner;
};

class DeidWorker final : public Worker {
 public:
  DeidWorker(const HopContext& context, DeidWorkerParts parts, std::vector<Runner<deid::Deid>::Connection> connections);

  Result<bool> Step() override;
  Waker& waker() override { return runner_.waker(); }
  const StageStats& stats() const { return runner_.stats(); }
  const SharedRoster& roster() const { return shared_roster_; }
  const Sweep* sweep() const { return sweep_.get(); }  // null without a quarantine
  // The roster and the originals that were in the log at start have been read. Any thread.
  bool is_whole() const { return is_whole_; }
  deid::Quarantine* quarantine() { return parts_.quarantine.get(); }
  deid::Originals* originals() { return parts_.originals.get(); }
  Status Flush() { return parts_.originals ? parts_.deletes_progress->Commit() : OkStatus(); }

 private:
  Result<bool> FollowIdentities();
  Status TakeIdentity(const log::Delivered& record);
  Result<bool> FollowDeletes();
  Result<bool> SweepSome();
  Status Destroy(std::span<const Arrival<UrgentChange>> arrivals);
  void PurgeIfDue();
  Result<bool> KeepAgain();
  Status KeepOriginals(std::span<const Arrival<Upsert>> batch);
  Status KeepMaps();
  deid::DeidState StateNow() const;
  deid::DeidState StateWithMaps();
  RunnerOptions RunnerWithLetters();
  bool roster_is_whole() const { return parts_.identities_end.empty(); }
  bool originals_are_whole() const { return parts_.replay == nullptr || parts_.replay->done(); }

  const std::shared_ptr<const KeyRing> keys_;
  const std::map<CollectionName, std::shared_ptr<const deid::Policy>> policies_;
  const Clock& clock_;
  DeidWorkerParts parts_;
  deid::RosterBuilder roster_;
  deid::DeidState state_;
  SharedRoster shared_roster_;
  std::atomic<bool> is_whole_ = false;
  std::deque<log::Delivered> untaken_;         // identities that are not in the roster yet
  std::vector<Arrival<UrgentChange>> undone_;  // whose effect could not be stored yet
  std::vector<deid::MappedDocument> maps_;     // of what is about to be sent
  bool purge_wanted_ = false;
  Time purged_;
  std::future<Status> purge_;
  Backoff backoff_;
  std::unique_ptr<HoldingLetters> letters_;  // null without a quarantine
  std::unique_ptr<Sweep> sweep_;             // as well
  bool sweep_is_open_ = false;
  Time retry_at_{};
  Runner<deid::Deid> runner_;
};

}  // namespace freshet

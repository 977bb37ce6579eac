// DeidWorker: de-identification and what it follows beside its lanes: the whole roster (identities), and deletes, which
// destroy originals. Internal to runtime. One thread.
//
// Nothing is de-identified before the roster that was in the log at start has been read whole: fail closed on PHI.
#pragma once

#include <deque>

#include "common/stage/runner.h"
#include "services/deid/deid.h"
#include "services/deid/originals.h"
#include "services/deid/roster.h"
#include "services/runtime/hops.h"

namespace freshet {

struct DeidWorkerParts {
  std::unique_ptr<deid::Deid> stage;
  std::unique_ptr<deid::Originals> originals;  // null: none are kept
  std::shared_ptr<log::Consumer> identities;
  std::shared_ptr<log::Consumer> urgent;
  std::unique_ptr<GroupProgress> urgent_progress;
  std::map<Partition, Offset> identities_end;  // at start
  RunnerOptions runner;
};

class DeidWorker final : public Worker {
 public:
  DeidWorker(const HopContext& context, DeidWorkerParts parts, std::vector<Runner<deid::Deid>::Connection> connections);

  Result<bool> Step() override;
  Waker& waker() override { return runner_.waker(); }
  const StageStats& stats() const { return runner_.stats(); }
  Status Flush() { return parts_.urgent_progress->Commit(); }

 private:
  Result<bool> FollowIdentities();
  Status TakeIdentity(const log::Delivered& record);
  Result<bool> FollowDeletes();
  Status KeepOriginals(std::span<const Arrival<Upsert>> batch);
  bool roster_is_whole() const { return parts_.identities_end.empty(); }

  const std::shared_ptr<const KeyRing> keys_;
  const std::map<CollectionName, std::shared_ptr<const deid::Policy>> policies_;
  const Clock& clock_;
  DeidWorkerParts parts_;
  deid::RosterBuilder roster_;
  deid::DeidState state_;
  std::deque<log::Delivered> untaken_;  // identities that are not in the roster yet
  std::vector<log::Delivered> undone_;  // urgent records whose effect could not be stored yet
  Backoff backoff_;
  Time retry_at_{};
  Runner<deid::Deid> runner_;
};

}  // namespace freshet

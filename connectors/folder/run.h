// FolderRun: one run of the folder connector, from opening the root to the first error or the end.
//
//   FRESHET_ASSIGN_OR_RETURN(std::unique_ptr<FolderRun> run, FolderRun::Open(options, host));
//   FRESHET_ASSIGN_OR_RETURN(bool did, run->Step());        // what is due now, about a batch of it
//   poll({run->watch_fd()}, until run->next_due());
//
// A run begins with a snapshot: every file is published or mentioned on the backfill lane between two SnapshotEdges,
// and the sink deletes what was not mentioned, unless its guard holds that. Meanwhile, and from then on, events are
// published on the live and urgent lanes. Lost events (overflow), and folders that cannot be watched, are made good by
// quiet scans: what they find goes live, and where more than `kFewMissing` files are missing a new snapshot is taken,
// so that the guard decides. One thread.
#pragma once

#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "connectors/folder/walk.h"

namespace freshet::folder {

class FolderRun {
 public:
  // unavailable: the root is not there. The options outlive the run, and so does the host.
  static Result<std::unique_ptr<FolderRun>> Open(const FolderOptions& options, ConnectorHost& host);

  Result<bool> Step();
  // Everything remembered is stored; nothing new is looked at.
  Status Close();

  int watch_fd() const { return watcher_.fd(); }  // less than 0: there is none
  Time next_due() const;

 private:
  static constexpr size_t kFewMissing = 10;  // as the sink's guard has it
  struct Snapshot {
    Version begin;
    Time started;
    Walk walk;
    bool begun = false;
    int patience = 10;  // steps that the end may wait for events to stop
  };

  FolderRun(const FolderOptions& options, ConnectorHost& host, RootDirectory root);
  Status Load();
  Status StartWatching();

  Result<bool> TakeEvents(Time now);
  Status Sort(const Watcher::Event& event, std::map<std::string, bool>& names);
  Status CheckNames(const std::map<std::string, bool>& names, Time now);
  Result<bool> TakeBacklog(Time now);

  Walk MakeWalk(Walk::Plan plan);
  void QueueScan(std::string top);
  Result<bool> AdvanceWalks(Time now);
  Status FinishScan(const Walk& walk);
  Status BeginSnapshot(Time now);
  Result<bool> AdvanceSnapshot(bool quiet);
  Status EndSnapshot();
  void DropUnmentioned(Folder& folder, uint64_t& dropped);
  void DropUnseen(Folder& folder, bool take_back);
  Status PublishEdge(SnapshotEdge::Side side);
  Result<bool> Beat(Time now);

  const FolderOptions& options_;
  ConnectorHost& host_;
  RootDirectory root_;
  Watcher watcher_;
  Tree tree_;
  Decoder decoder_;
  PositionBook book_;
  Backlog backlog_;
  AccessKeeper access_;
  Outbox outbox_;
  Reconciler reconciler_;

  bool polling_ = false;
  bool more_events_ = false;
  std::deque<Walk> walks_;
  std::unique_ptr<Snapshot> snapshot_;
  bool want_snapshot_ = true;
  uint32_t snapshots_ = 0;
  Time next_scan_;                  // when polling
  std::optional<Time> scan_began_;  // the whole scan that is under way
  Time scanned_up_to_;              // when the last whole scan began that has ended
  Time next_beat_;
};

}  // namespace freshet::folder

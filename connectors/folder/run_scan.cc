// FolderRun's part for scans: the snapshot at the start, quiet scans later.
#include "common/telemetry/log.h"
#include "connectors/folder/run.h"

namespace freshet::folder {

Walk FolderRun::MakeWalk(Walk::Plan plan) {
  return Walk({.reconciler = reconciler_, .tree = tree_, .outbox = outbox_, .access = access_}, std::move(plan));
}

void FolderRun::QueueScan(std::string top) {
  for (const Walk& walk : walks_) {
    if (!walk.started() && walk.plan().top == top) return;
  }
  walks_.push_back(MakeWalk({.top = std::move(top), .why = Why::kScan}));
}

Result<bool> FolderRun::AdvanceWalks(Time now) {
  for (std::string& top : reconciler_.TakeWalks()) QueueScan(std::move(top));
  if (reconciler_.TakeDoubt()) want_snapshot_ = true;
  if (reconciler_.watches_exhausted() && !polling_) {
    Log(LogLevel::kWarning,
        "No more folders can be watched and the source is polled. Raise fs.inotify.max_user_watches.");
    polling_ = true;
    scanned_up_to_ = Time();
  }
  const bool idle = walks_.empty() && snapshot_ == nullptr && !want_snapshot_;
  if (polling_ && idle && now >= next_scan_) {
    scan_began_ = now;
    QueueScan("");
  }
  if (walks_.empty()) return false;
  FRESHET_ASSIGN_OR_RETURN(const bool more, walks_.front().Advance());
  FRESHET_RETURN_IF_ERROR(outbox_.Flush());
  if (more) return true;
  const Walk done = std::move(walks_.front());
  walks_.pop_front();
  FRESHET_RETURN_IF_ERROR(FinishScan(done));
  return true;
}

Status FolderRun::FinishScan(const Walk& walk) {
  uint64_t files = 0;
  for (const std::string& path : walk.missing()) {
    const Folder* const folder = tree_.Find(path);
    files += folder == nullptr ? 1 : 1 + CountFiles(*folder);
  }
  if (files > kFewMissing) {
    want_snapshot_ = true;
  } else {
    for (const std::string& path : walk.missing()) FRESHET_RETURN_IF_ERROR(reconciler_.Check(path, Why::kEvent));
  }
  if (scan_began_ && walk.plan().top.empty()) {
    scanned_up_to_ = *std::exchange(scan_began_, std::nullopt);
    next_scan_ = host_.clock().Now() + options_.poll_interval;
  }
  return outbox_.Flush();
}

Status FolderRun::BeginSnapshot(Time now) {
  want_snapshot_ = false;
  snapshot_ = std::make_unique<Snapshot>(
      Snapshot{.begin = outbox_.Next(), .started = now, .walk = MakeWalk({.top = "", .why = Why::kSnapshot})});
  reconciler_.SetSnapshot(++snapshots_);
  return PublishEdge(SnapshotEdge::Side::kBegin);
}

Status FolderRun::PublishEdge(SnapshotEdge::Side side) {
  std::vector<ChangeEvent> events(1);
  events[0].origin.version = side == SnapshotEdge::Side::kBegin ? snapshot_->begin : outbox_.Next();
  events[0].origin.committed = host_.clock().Now();
  events[0].change = SnapshotEdge{.side = side, .begin_version = snapshot_->begin};
  return host_.Publish(std::move(events), Lane::kBackfill);
}

Result<bool> FolderRun::AdvanceSnapshot(bool quiet) {
  FRESHET_ASSIGN_OR_RETURN(const bool more, snapshot_->walk.Advance());
  if (more) return true;
  // A file that is being replaced may have hidden from the walk: its event mentions it, if it is read before the end.
  if (!quiet && --snapshot_->patience > 0) return true;
  FRESHET_RETURN_IF_ERROR(outbox_.Flush());
  FRESHET_RETURN_IF_ERROR(EndSnapshot());
  return true;
}

Status FolderRun::EndSnapshot() {
  const uint64_t known = reconciler_.files();
  uint64_t dropped = 0;
  DropUnmentioned(tree_.root(), dropped);
  reconciler_.SetFiles(known - dropped);
  // Where the sink's guard may hold the deletes, their readers keep what they have.
  const bool many = dropped > kFewMissing && dropped * 10 > known;
  DropUnseen(tree_.root(), !many);
  FRESHET_RETURN_IF_ERROR(outbox_.Flush());
  FRESHET_RETURN_IF_ERROR(PublishEdge(SnapshotEdge::Side::kEnd));
  scanned_up_to_ = snapshot_->started;
  next_scan_ = host_.clock().Now() + options_.poll_interval;
  snapshot_.reset();
  reconciler_.SetSnapshot(0);
  book_.SnapshotEnded();
  if (dropped > 0) {
    Log(LogLevel::kInfo, "Files are no longer there and are left to the snapshot to delete.", {{"files", dropped}});
  }
  return OkStatus();
}

// They are forgotten before the snapshot ends, durably: should they come back as they were, they are published again.
void FolderRun::DropUnmentioned(Folder& folder, uint64_t& dropped) {
  for (auto file = folder.files.begin(); file != folder.files.end();) {
    if (file->second.seen_by == snapshots_) {
      ++file;
      continue;
    }
    outbox_.ForgetFirst(FileKey(JoinNames(folder.path, file->first)));
    file = folder.files.erase(file);
    ++dropped;
  }
  for (auto& [name, child] : folder.folders) DropUnmentioned(*child, dropped);
}

void FolderRun::DropUnseen(Folder& folder, bool take_back) {
  for (auto child = folder.folders.begin(); child != folder.folders.end();) {
    Folder& below = *child->second;
    DropUnseen(below, take_back);
    ++child;
    if (below.seen || !below.folders.empty() || !below.files.empty() || !take_back) continue;
    if (below.remembered) outbox_.RemoveScope(below.path);
    tree_.Remove(below);
  }
}

}  // namespace freshet::folder

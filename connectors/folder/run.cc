#include "connectors/folder/run.h"

#include "common/telemetry/log.h"

namespace freshet::folder {
namespace {

constexpr uint32_t kRootGone = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED;
constexpr uint32_t kNamed = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE;

}  // namespace

FolderRun::FolderRun(const FolderOptions& options, ConnectorHost& host, RootDirectory root)
    : options_(options),
      host_(host),
      root_(std::move(root)),
      decoder_(options),
      book_(host),
      backlog_(options),
      access_({options, host, root_, tree_, backlog_, [this] { return outbox_.Next(); }}),
      outbox_({host, root_, tree_, book_, access_}),
      reconciler_({options, host, decoder_, root_, watcher_, tree_, backlog_, access_, outbox_}) {}

Result<std::unique_ptr<FolderRun>> FolderRun::Open(const FolderOptions& options, ConnectorHost& host) {
  FRESHET_ASSIGN_OR_RETURN(RootDirectory root, RootDirectory::Open(options.root));
  std::unique_ptr<FolderRun> run(new FolderRun(options, host, std::move(root)));
  FRESHET_RETURN_IF_ERROR(run->Load());
  FRESHET_RETURN_IF_ERROR(run->StartWatching());
  return run;
}

Status FolderRun::Load() {
  FRESHET_ASSIGN_OR_RETURN(const uint64_t epoch, book_.Load(tree_, FingerprintOf(options_)));
  outbox_.Begin(epoch);
  reconciler_.SetFiles(CountFiles(tree_.root()));
  next_beat_ = host_.clock().Now();
  return OkStatus();
}

Status FolderRun::StartWatching() {
  polling_ = options_.watch == WatchMode::kPoll;
  if (polling_) return OkStatus();
  const Status opened = watcher_.Open();
  if (opened.ok()) return OkStatus();
  Log(LogLevel::kWarning, "Folder cannot be watched and is polled.", {{"error", opened}});
  polling_ = true;
  return OkStatus();
}

Status FolderRun::Close() { return book_.Save(); }

Result<bool> FolderRun::Step() {
  const Time now = host_.clock().Now();
  reconciler_.SetHeard(now);
  FRESHET_ASSIGN_OR_RETURN(const bool events, TakeEvents(now));
  FRESHET_ASSIGN_OR_RETURN(const bool timers, TakeBacklog(now));
  FRESHET_RETURN_IF_ERROR(outbox_.Flush());
  FRESHET_ASSIGN_OR_RETURN(const bool walked, AdvanceWalks(now));
  bool advanced = false;
  if (!walked && snapshot_ == nullptr && want_snapshot_) {
    FRESHET_RETURN_IF_ERROR(BeginSnapshot(now));
    advanced = true;
  } else if (!walked && snapshot_ != nullptr) {
    FRESHET_ASSIGN_OR_RETURN(advanced, AdvanceSnapshot(!events && !timers));
  }
  FRESHET_RETURN_IF_ERROR(outbox_.Flush());
  if (book_.IsDue(now)) FRESHET_RETURN_IF_ERROR(book_.Save());
  FRESHET_ASSIGN_OR_RETURN(const bool beat, Beat(now));
  return events || timers || walked || advanced || beat;
}

Result<bool> FolderRun::TakeEvents(Time now) {
  std::vector<Watcher::Event> events;
  FRESHET_RETURN_IF_ERROR(watcher_.Read(events, more_events_));
  std::map<std::string, bool> names;  // path -> somebody still writes there
  for (const Watcher::Event& event : events) FRESHET_RETURN_IF_ERROR(Sort(event, names));
  FRESHET_RETURN_IF_ERROR(CheckNames(names, now));
  return !events.empty();
}

Status FolderRun::Sort(const Watcher::Event& event, std::map<std::string, bool>& names) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    Log(LogLevel::kWarning, "Events of the folder were lost and it is scanned.");
    QueueScan("");
    return OkStatus();
  }
  Folder* const folder = tree_.OfWatch(event.watch);
  if (folder == nullptr) return OkStatus();
  if (folder->parent == nullptr && (event.mask & kRootGone) != 0) {
    return Status(Code::kUnavailable, "The root directory is gone");
  }
  if ((event.mask & IN_UNMOUNT) != 0) want_snapshot_ = true;
  if ((event.mask & IN_IGNORED) != 0) tree_.DropWatch(*folder);
  if (event.name.empty()) return OkStatus();
  const std::string path = JoinNames(folder->path, event.name);
  const bool is_folder = (event.mask & IN_ISDIR) != 0;
  // Who creates a file or writes to it closes it in the end; what has no writer, CheckNames finds out.
  const bool writing = !is_folder && (event.mask & (IN_MODIFY | IN_CREATE)) != 0;
  if (writing || is_folder || (event.mask & kNamed) != 0) {
    names[path] = writing;
  } else if (!backlog_.Waits(path)) {
    names.try_emplace(path, false);  // attributes: whoever writes there is not done because of that
  }
  return OkStatus();
}

Status FolderRun::CheckNames(const std::map<std::string, bool>& names, Time now) {
  for (const auto& [path, writing] : names) {
    if (!writing) {
      FRESHET_RETURN_IF_ERROR(reconciler_.Check(path, Why::kEvent));
      continue;
    }
    const auto [folder_path, name] = SplitPath(path);
    const Opened folder = root_.OpenFolder(folder_path);
    const Looked looked = folder.fd ? LookAt(folder.fd.get(), std::string(name)) : Looked();
    if (looked.kind != EntryKind::kFile || looked.links > 1) {
      FRESHET_RETURN_IF_ERROR(reconciler_.Check(path, Why::kEvent));
    } else if (decoder_.IsDocument(std::string(name)) || name == kAccessFile) {
      backlog_.StillWritten(path, now);
    }
  }
  return OkStatus();
}

Result<bool> FolderRun::TakeBacklog(Time now) {
  const std::vector<std::string> due = backlog_.TakeDue(now);
  for (const std::string& path : due) {
    FRESHET_RETURN_IF_ERROR(reconciler_.Check(path, Why::kSettled));
    backlog_.Settle(path);
  }
  return !due.empty();
}

Time FolderRun::next_due() const {
  Time due = std::min({next_beat_, backlog_.next_due(), book_.due()});
  if (polling_ && walks_.empty() && snapshot_ == nullptr) due = std::min(due, next_scan_);
  return due;
}

Result<bool> FolderRun::Beat(Time now) {
  if (!IsDue(next_beat_, now, options_.heartbeat)) return false;
  next_beat_ = now + options_.heartbeat;
  if (!root_.IsInPlace()) return Status(Code::kUnavailable, "The root directory is not where it was");
  // Not while something that was heard of has not been looked at, or a snapshot has yet to read the access files.
  if (more_events_ || want_snapshot_ || (!polling_ && !walks_.empty())) return false;
  if (snapshot_ != nullptr && (polling_ || !snapshot_->walk.folders_done())) return false;
  Time up_to = polling_ ? scanned_up_to_ : now;
  if (up_to == Time()) return false;
  const Time failing = backlog_.FirstFailure();
  if (failing != Time::max()) up_to = std::min(up_to, failing - Duration(1));
  const size_t lanes = snapshot_ == nullptr ? kLanes.size() : 2;  // backfill is the last
  FRESHET_RETURN_IF_ERROR(host_.PublishHeartbeat(up_to, std::span(kLanes).first(lanes)));
  return true;
}

}  // namespace freshet::folder

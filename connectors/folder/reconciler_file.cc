// Reconciler's part for files: is there something to publish, and what.
#include "common/telemetry/log.h"
#include "connectors/folder/reconciler.h"

namespace freshet::folder {
namespace {

// A file that was changed less than this before it was read may be changed again within its time stamps' grain.
constexpr int64_t kClockGrainNs = 2'000'000'000;

bool IsRacy(const FileStamp& stamp) { return stamp.ctime_ns > FileTimeNow() - kClockGrainNs; }

// Equal by what the file system tells, as far as that can be relied on.
bool IsUnchanged(const FileState& known, const Looked& looked, uint64_t most_bytes) {
  if (known.stamp != looked.stamp) return false;
  if (known.refused == Code::kDocumentTooLarge) return looked.stamp.size > most_bytes;
  return known.refused == Code::kOk && !known.racy;
}

}  // namespace

Status Reconciler::CheckFile(const Place& place, const Looked& looked) {
  const auto below = place.folder.folders.find(place.name);
  if (below != place.folder.folders.end()) FRESHET_RETURN_IF_ERROR(Forget(*below->second));
  if (parts_.decoder.MediaTypeOf(place.name).empty()) return OkStatus();
  const uint64_t most_bytes = parts_.options.max_file_bytes.bytes;
  FileState* const known = place.known();
  if (known == nullptr && files_ >= parts_.options.max_files) {
    return Status(Code::kConfiguration, "More files than max_files");
  }
  if (known != nullptr && place.scanned() && !IsWantedAgain(place, looked.stamp) &&
      IsUnchanged(*known, looked, most_bytes)) {
    known->confirmed = true;
    Mention(place.path(), *known);
    return OkStatus();
  }
  if (looked.stamp.size > most_bytes) return Refuse(place, looked.stamp, Code::kDocumentTooLarge);
  return ReadAndPublish(place, looked);
}

// Once in each snapshot that an operator asked for.
bool Reconciler::IsWantedAgain(const Place& place, const FileStamp& stamp) const {
  const FileState* const known = place.known();
  if (place.why != Why::kSnapshot || known == nullptr || known->seen_by == snapshot_) return false;
  return parts_.host.wanted_again(DocumentId(place.path()), TimeOf(stamp.ctime_ns));
}

Status Reconciler::ReadAndPublish(const Place& place, const Looked& looked) {
  const std::string path = place.path();
  const Time now = parts_.host.clock().Now();
  const AskForWriter ask = place.scanned() ? AskForWriter::kYes : AskForWriter::kNo;
  FileRead read = ReadFile(place.fd, place.name, parts_.options.max_file_bytes.bytes, ask);
  if (IsOurs(read.error)) return ErrorStatus(read.error, "file");
  if (read.state == FileRead::State::kAbsent) return CheckGone(place.folder, place.name);
  if (read.state == FileRead::State::kUnreadable) read.stamp = looked.stamp;
  const int64_t settle_ns = parts_.options.settle.count() * 1000;
  const bool young = read.stamp.ctime_ns > FileTimeNow() - settle_ns;
  const bool being_written = read.state == FileRead::State::kUnstable || (place.scanned() && young && read.has_writer);
  const bool failed = read.state == FileRead::State::kUnreadable;
  if (!failed && being_written && !parts_.backlog.IsOverdue(path, now)) {
    parts_.backlog.StillWritten(path, now);
  } else if (!failed || !parts_.backlog.Failed(path, now)) {
    return TakeRead(place, std::move(read));
  }
  if (FileState* const known = place.known()) Mention(path, *known);
  return OkStatus();
}

Status Reconciler::TakeRead(const Place& place, FileRead read) {
  const std::string path = place.path();
  parts_.backlog.Done(path);
  if (read.state == FileRead::State::kTooLarge) return Refuse(place, read.stamp, Code::kDocumentTooLarge);
  if (read.state == FileRead::State::kUnreadable) {
    Log(LogLevel::kWarning, "File cannot be read and its version is skipped.",
        {{"inode", read.stamp.inode}, {"error", ErrorStatus(read.error, "read")}});
    return Refuse(place, read.stamp, Code::kRetriesExhausted);
  }
  const FileState state{.stamp = read.stamp, .hash = HashOf(read.bytes), .racy = IsRacy(read.stamp)};
  if (IsPublished(place, state)) return OkStatus();
  return Put(place, state, parts_.decoder.Decode(path, std::move(read.bytes)));
}

bool Reconciler::IsPublished(const Place& place, const FileState& state) {
  FileState* const known = place.known();
  if (known == nullptr || known->refused != Code::kOk || known->hash != state.hash) return false;
  if (IsWantedAgain(place, state.stamp)) return false;
  // Without `confirmed`, the hash is that of the last publication that was remembered, perhaps not of the last one.
  if (!known->confirmed && known->stamp != state.stamp) return false;
  known->stamp = state.stamp;
  known->racy = state.racy;
  known->confirmed = true;
  parts_.outbox.Restamp(place.path(), *known);
  if (place.scanned()) Mention(place.path(), *known);
  return true;
}

Status Reconciler::Refuse(const Place& place, const FileStamp& stamp, Code code) {
  const std::string path = place.path();
  FileState* const known = place.known();
  if (known != nullptr && known->refused == code && known->stamp == stamp && !IsWantedAgain(place, stamp)) {
    known->confirmed = true;
    if (place.scanned()) Mention(path, *known);
    return OkStatus();
  }
  return Put(place, {.stamp = stamp, .refused = code}, parts_.decoder.Refuse(path, code));
}

Status Reconciler::Put(const Place& place, FileState state, Upsert upsert) {
  state.replaced = place.known() != nullptr;
  if (!state.replaced) ++files_;
  state.seen_by = snapshot_;
  const Lane lane = place.why == Why::kSnapshot ? Lane::kBackfill : Lane::kLive;
  parts_.outbox.Content({.folder = place.folder.path,
                         .name = place.name,
                         .upsert = std::move(upsert),
                         .state = state,
                         .lane = lane,
                         .mention = lane == Lane::kLive && snapshot_ != 0,
                         .committed = std::min(TimeOf(state.stamp.ctime_ns), parts_.host.clock().Now())});
  return parts_.outbox.is_full() ? parts_.outbox.Flush() : OkStatus();
}

}  // namespace freshet::folder

// Reconciler: makes what was published equal to what is there, one name at a time. An event, a timer and a scan all end
// here: none of them is believed, the file system is looked at.
//
//   reconciler.Check("wards/icu/visits.md", Why::kEvent);     // published, deleted, or nothing to do
//   std::vector<std::string> walks = reconciler.TakeWalks();  // folders that have to be walked: new or doubtful ones
//
// The table of one name (known: as the tree has it):
//
//   there is    | known as file        | known as folder             | unknown
//   a file      | compare              | forget folder, compare      | publish
//   a folder    | delete, walk         | walk if it is another one   | walk
//   neither     | delete               | forget: delete all below    | nothing
//   unreadable  | keep; skip the new version by code in the end, visibly (never a delete)
//
// One thread.
#pragma once

#include <string>
#include <vector>

#include "connectors/folder/outbox.h"
#include "connectors/folder/watcher.h"

namespace freshet::folder {

enum class Why : uint8_t {
  kEvent,     // the kernel says that it has changed, and that nobody writes
  kSettled,   // it was waited for
  kScan,      // a walk came by
  kSnapshot,  // the snapshot's walk came by: goes by way of backfill
};

class Reconciler {
 public:
  struct Parts {
    const FolderOptions& options;
    ConnectorHost& host;
    const Decoder& decoder;
    const RootDirectory& root;
    Watcher& watcher;
    Tree& tree;
    Backlog& backlog;
    AccessKeeper& access;
    Outbox& outbox;
  };
  explicit Reconciler(Parts parts) : parts_(parts) {}

  // When what is being looked at was heard of: the commit time of deletes.
  void SetHeard(Time heard) { heard_ = heard; }
  // The number of the open snapshot; 0 where none is.
  void SetSnapshot(uint32_t snapshot) { snapshot_ = snapshot; }

  Status Check(std::string_view path, Why why);
  // The same for a name of an open folder.
  Status CheckEntry(Folder& folder, int fd, const std::string& name, Why why);
  // Opens a folder, watches it, reads its access file and its names. The folder is null where that cannot be: what it
  // means was dealt with.
  struct Visited {
    Folder* folder = nullptr;
    UniqueFd fd;
    std::vector<Entry> entries;
  };
  Result<Visited> Visit(const std::string& path, Why why);
  // Publishes that nothing of it is there any more.
  Status Forget(Folder& folder);
  // In a snapshot: the file is there, whatever else is to be said of it.
  void Mention(const std::string& path, FileState& file);

  std::vector<std::string> TakeWalks() { return std::exchange(walks_, {}); }
  bool TakeDoubt() { return std::exchange(doubt_, false); }      // only a whole snapshot can tell
  bool watches_exhausted() const { return watches_exhausted_; }  // some folders are not watched
  uint64_t files() const { return files_; }
  void SetFiles(uint64_t files) { files_ = files; }

 private:
  // A name of an open folder.
  struct Place {
    Folder& folder;
    int fd;
    const std::string& name;
    Why why;
    std::string path() const { return JoinNames(folder.path, name); }
    bool scanned() const { return why == Why::kScan || why == Why::kSnapshot; }
    FileState* known() const {
      const auto found = folder.files.find(name);
      return found == folder.files.end() ? nullptr : &found->second;
    }
  };
  Status CheckFile(const Place& place, const Looked& looked);
  Status CheckFolder(const Place& place, const Looked& looked);
  Status CheckGone(Folder& folder, const std::string& name);
  Status CheckUnopened(Folder& folder, const Opened& opened, Why why);
  Status DeleteFile(Folder& folder, const std::string& name);
  Status ForgetBelow(Folder& folder);
  Status ReadAndPublish(const Place& place, const Looked& looked);
  Status TakeRead(const Place& place, FileRead read);
  bool IsWantedAgain(const Place& place, const FileStamp& stamp) const;
  bool IsPublished(const Place& place, const FileState& state);
  Status Refuse(const Place& place, const FileStamp& stamp, Code code);
  Status Put(const Place& place, FileState state, Upsert upsert);
  void Later(Folder& folder, const std::string& name);

  Parts parts_;
  Time heard_;
  uint32_t snapshot_ = 0;
  uint64_t files_ = 0;
  bool doubt_ = false;
  bool watches_exhausted_ = false;
  std::vector<std::string> walks_;
};

}  // namespace freshet::folder

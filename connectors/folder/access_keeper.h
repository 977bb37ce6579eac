// AccessKeeper: which list every folder has, and in which order lists and content may be published.
//
//   keeper.Read(folder, fd, Trust::kClosed);       // the folder's _access.yaml, anew
//   keeper.RefreshAbove("wards/icu");              // before content of that folder is published
//   keeper.BeforeContent(lists);  ...content...  keeper.AfterContent(lists);
//
// Every folder is a scope, whether it has an access file or not: a file that comes or goes changes lists and moves no
// document. Inheritance is resolved here. Nobody may read what lies below an access file that is broken, unreadable or
// half-written.
//
// What the order of publication holds:
//  - content is published only after the lists above it were looked at *after* the content was read, and published;
//  - a narrowing goes out at once;
//  - a widening waits for content of that folder that is being published. Older content that newer content is still
//    under way for is withheld first (by a version between the two), as the new readers were never meant to see it;
//  - an access file that vanishes keeps its effect for `settle`: a folder that is being deleted, or an editor that
//    replaces the file in two steps, opens nothing.
// One thread.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "connectors/connector.h"
#include "connectors/folder/backlog.h"
#include "connectors/folder/tree.h"

namespace freshet::folder {

// What a run of the connector shares: made once, in connector.cc.
struct AccessParts {
  const FolderOptions& options;
  ConnectorHost& host;
  const RootDirectory& root;
  Tree& tree;
  Backlog& backlog;
  std::function<Version()> next_version;
};

// Whether the access file is known to be whole.
enum class Trust : uint8_t {
  kAsk,      // nothing is known: somebody may be writing it
  kClosed,   // its writer has just closed it
  kSettled,  // it has been as it is for long enough
};

class AccessKeeper {
 public:
  static constexpr Duration kRetry = std::chrono::seconds(30);

  explicit AccessKeeper(AccessParts parts) : parts_(std::move(parts)) {}

  // `folder` is open as fd. Fails only where this process is out of means.
  Status Read(Folder& folder, int fd, Trust trust);
  // With all below, which nobody can look at either; it is looked at again after kRetry.
  void SetUnreadable(Folder& folder);
  void SetReadable(Folder& folder);
  // Looks at the access files of a folder and of all above it.
  Status RefreshAbove(std::string_view folder_path);
  // A snapshot has compared all files of the folder.
  void Walked(Folder& folder);

  size_t changes() const { return changed_.size(); }

  struct Lists {
    std::vector<ChangeEvent> events;  // for the urgent lane
    // Folders of which no list was published before: to be remembered first.
    std::vector<std::string> first_times;
    std::vector<std::string> published;  // folders whose `published` is new
  };
  Lists BeforeContent();
  Lists AfterContent();

 private:
  void Close(Folder& folder);
  void Resolve(Folder& folder, Time committed);
  AccessList ListOf(const Folder& folder) const;
  Result<AccessFile> Load(Folder& folder, int fd, Trust trust);
  AccessFile Absent(const Folder& folder, Trust trust);
  Result<AccessFile> Parse(const Folder& folder, const FileRead& read, int64_t read_at);
  AccessFile Broken(const Folder& folder, const FileRead& read, const Status& why);
  bool MayHoldOlderContent(const Folder& folder) const;
  bool IsUnderWay(const FileState& file) const;
  void Publish(Folder& folder, AccessList list, Lists& out);
  void WithholdOlderContent(const Folder& folder, Lists& out);

  AccessParts parts_;
  std::set<std::string> changed_;  // folders whose list is to be published
  std::set<std::string> waiting_;  // the same, until a snapshot has compared their files
};

}  // namespace freshet::folder

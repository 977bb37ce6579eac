// Walk: a scan of a folder and all below, in two passes, a batch at a time: first every folder (watched, its access
// file read), then every file. So lists of access are out before the content that they are for, and edits, deletes and
// revokes that happen meanwhile never wait for more than a batch.
//
//   Walk walk({.reconciler = …, …}, {.top = "wards", .why = Why::kScan});
//   while (true) { FRESHET_ASSIGN_OR_RETURN(bool more, walk.Advance()); if (!more) break; }
//   walk.missing()      // known names that were not there: paths
//
// Holds the paths of the folders and one folder's names. One thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "connectors/folder/reconciler.h"

namespace freshet::folder {

class Walk {
 public:
  struct Parts {
    Reconciler& reconciler;
    Tree& tree;
    Outbox& outbox;
    AccessKeeper& access;
  };
  struct Plan {
    std::string top;
    Why why = Why::kScan;
  };
  Walk(Parts parts, Plan plan) : parts_(parts), plan_(std::move(plan)), to_visit_{plan_.top} {}

  // Does about a batch of work; false when all is done.
  Result<bool> Advance();

  bool folders_done() const { return to_visit_.empty(); }
  const Plan& plan() const { return plan_; }
  bool started() const { return started_; }
  const std::vector<std::string>& missing() const { return missing_; }

 private:
  Status VisitNext();
  Status OpenNext();
  Status CheckNext();
  Status Leave();
  void MentionAll(Folder& folder);

  Parts parts_;
  Plan plan_;
  bool started_ = false;
  std::vector<std::string> to_visit_;  // a stack
  std::vector<std::string> visited_;   // folders whose files are to be checked, the next one at the back
  // The folder whose files are being checked.
  std::string path_;
  UniqueFd fd_;
  std::vector<std::string> names_;
  size_t next_ = 0;
  std::vector<std::string> missing_;
};

}  // namespace freshet::folder

// Backlog: names to look at again later, because somebody is still writing there or because reading failed.
//
//   backlog.StillWritten("wards/visits.md", now);      // due when it has been still for `settle`
//   for (const std::string& path : backlog.TakeDue(now)) { Check(path); backlog.Settle(path); }
//
// A name that fails to be read is tried `kMostFailures` times, a few hundred milliseconds in all. One thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "connectors/folder/options.h"

namespace freshet::folder {

class Backlog {
 public:
  explicit Backlog(const FolderOptions& options) : options_(options) {}

  // Look again after `settle` without another call of this, or `settle_limit` after the first.
  void StillWritten(const std::string& path, Time now);
  // Look again at a time of the caller's choice.
  void LookAgain(const std::string& path, Time now, Duration after);
  // Try again after a growing pause. False, and forgotten, where it has failed too often.
  bool Failed(const std::string& path, Time now);
  // Nothing is to be done for it any more.
  void Done(const std::string& path) { items_.erase(path); }

  // True where it has been waited for long enough to take it as it is.
  bool IsOverdue(const std::string& path, Time now) const;
  bool Waits(const std::string& path) const { return items_.contains(path); }

  // What is due. Each stays known until Settle, which forgets it unless it was put back meanwhile.
  std::vector<std::string> TakeDue(Time now);
  void Settle(const std::string& path);

  Time next_due() const;
  // The first time at which something that still fails was seen; Time::max() where nothing fails.
  Time FirstFailure() const;

 private:
  static constexpr int kMostFailures = 5;
  static constexpr Duration kFirstPause = std::chrono::milliseconds(20);

  struct Item {
    Time first;
    Time due;
    int failures = 0;
  };
  Item& Find(const std::string& path, Time now) { return items_.try_emplace(path, Item{now, now, 0}).first->second; }

  const FolderOptions& options_;
  std::map<std::string, Item> items_;
};

}  // namespace freshet::folder

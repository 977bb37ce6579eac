#include "connectors/folder/backlog.h"

namespace freshet::folder {

void Backlog::StillWritten(const std::string& path, Time now) {
  Item& item = Find(path, now);
  item.due = std::min(now + options_.settle, std::max(now, item.first + options_.settle_limit));
}

void Backlog::LookAgain(const std::string& path, Time now, Duration after) { Find(path, now).due = now + after; }

bool Backlog::Failed(const std::string& path, Time now) {
  Item& item = Find(path, now);
  if (++item.failures >= kMostFailures) {
    items_.erase(path);
    return false;
  }
  item.due = now + kFirstPause * (1 << (item.failures - 1));
  return true;
}

bool Backlog::IsOverdue(const std::string& path, Time now) const {
  const auto found = items_.find(path);
  return found != items_.end() && now >= found->second.first + options_.settle_limit;
}

std::vector<std::string> Backlog::TakeDue(Time now) {
  std::vector<std::string> due;
  for (auto& [path, item] : items_) {
    if (item.due > now) continue;
    item.due = Time::max();
    due.push_back(path);
  }
  return due;
}

void Backlog::Settle(const std::string& path) {
  const auto found = items_.find(path);
  if (found != items_.end() && found->second.due == Time::max()) items_.erase(found);
}

Time Backlog::next_due() const {
  Time next = Time::max();
  for (const auto& [path, item] : items_) next = std::min(next, item.due);
  return next;
}

Time Backlog::FirstFailure() const {
  Time first = Time::max();
  for (const auto& [path, item] : items_) {
    if (item.failures > 0) first = std::min(first, item.first);
  }
  return first;
}

}  // namespace freshet::folder

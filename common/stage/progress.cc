#include "common/stage/progress.h"

#include <algorithm>

namespace freshet {

GroupProgress::Row& GroupProgress::RowOf(const Position& position) {
  const auto [it, is_new] = rows_.try_emplace({position.stream, position.partition});
  if (is_new || it->second.next != position.offset) {
    const auto committed = log_.Committed(options_.group, {options_.topics.at(position.stream), position.partition});
    if (committed.ok()) it->second.account = StageAccount::Decode(committed->metadata).value_or(StageAccount{});
  }
  return it->second;
}

Status GroupProgress::CommitIfDue() {
  std::lock_guard lock(mutex_);
  if (!IsDue(next_commit_, clock_.Now(), options_.interval)) return OkStatus();
  return CommitLocked();
}

Status GroupProgress::Commit() {
  std::lock_guard lock(mutex_);
  return CommitLocked();
}

// Rows of partitions that went to another member are that member's: kept, they would fail every later commit.
void GroupProgress::DropWhatIsOthers() {
  std::erase_if(rows_, [&](const auto& row) {
    return !consumer_->Owns({options_.topics.at(row.first.first), row.first.second});
  });
}

Status GroupProgress::CommitLocked() {
  next_commit_ = clock_.Now() + options_.interval;
  const bool dirty = std::any_of(rows_.begin(), rows_.end(), [](const auto& row) { return row.second.dirty; });
  if (!dirty) return OkStatus();
  DropWhatIsOthers();
  std::vector<std::pair<log::TopicPartition, log::Progress>> progress;
  for (const auto& [key, row] : rows_) {
    if (row.dirty) {
      progress.push_back({{options_.topics.at(key.first), key.second}, {row.next, row.account.Encode()}});
    }
  }
  if (progress.empty()) return OkStatus();
  FRESHET_RETURN_IF_ERROR(consumer_->Commit(progress));
  for (auto& [key, row] : rows_) row.dirty = false;
  return OkStatus();
}

std::map<std::pair<Stream, Partition>, std::pair<Offset, StageAccount>> GroupProgress::Accounts() const {
  std::lock_guard lock(mutex_);
  std::map<std::pair<Stream, Partition>, std::pair<Offset, StageAccount>> accounts;
  for (const auto& [key, row] : rows_) accounts[key] = {row.next, row.account};
  return accounts;
}

}  // namespace freshet

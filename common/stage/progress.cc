#include "common/stage/progress.h"

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
  if (clock_.Now() < next_commit_) return OkStatus();
  return CommitLocked();
}

Status GroupProgress::Commit() {
  std::lock_guard lock(mutex_);
  return CommitLocked();
}

Status GroupProgress::CommitLocked() {
  std::vector<std::pair<log::TopicPartition, log::Progress>> progress;
  for (const auto& [key, row] : rows_) {
    if (row.dirty) {
      progress.push_back({{options_.topics.at(key.first), key.second}, {row.next, row.account.Encode()}});
    }
  }
  next_commit_ = clock_.Now() + options_.interval;
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

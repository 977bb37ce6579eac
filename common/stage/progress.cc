#include "common/stage/progress.h"

#include <algorithm>

namespace freshet {

// A later tenure is delivered again from what is committed: what was counted and not committed counts no more.
GroupProgress::Row* GroupProgress::RowOf(const Position& position, uint64_t tenure) {
  Row& row = rows_[{position.stream, position.partition}];
  if (tenure > row.tenure) row = {.tenure = tenure, .next = position.offset};
  return tenure < row.tenure || position.offset < row.next ? nullptr : &row;
}

Status GroupProgress::FindStored(const std::pair<Stream, Partition>& where, Row& row) {
  if (row.known) return OkStatus();
  FRESHET_ASSIGN_OR_RETURN(const log::Progress committed,
                           log_.Committed(options_.group, {options_.topics.at(where.first), where.second}));
  row.stored = StageAccount::Decode(committed.metadata).value_or(StageAccount{});
  row.known = true;
  return OkStatus();
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

// Rows of partitions that went away are whoever's has them now, be it this member again: kept, they would fail every
// later commit.
void GroupProgress::DropWhatIsOthers() {
  std::erase_if(rows_, [&](const auto& row) {
    return consumer_->Tenure({options_.topics.at(row.first.first), row.first.second}) != row.second.tenure;
  });
}

Status GroupProgress::CommitLocked() {
  next_commit_ = clock_.Now() + options_.interval;
  const bool dirty = std::any_of(rows_.begin(), rows_.end(), [](const auto& row) { return row.second.dirty; });
  if (!dirty) return OkStatus();
  DropWhatIsOthers();
  std::vector<std::pair<log::TopicPartition, log::Progress>> progress;
  for (auto& [where, row] : rows_) {
    if (!row.dirty) continue;
    FRESHET_RETURN_IF_ERROR(FindStored(where, row));
    progress.push_back(
        {{options_.topics.at(where.first), where.second}, {row.next, AccountOf(row).Encode(), row.tenure}});
  }
  if (progress.empty()) return OkStatus();
  FRESHET_RETURN_IF_ERROR(consumer_->Commit(progress));
  for (auto& [where, row] : rows_) {
    if (row.dirty) row = {.tenure = row.tenure, .next = row.next, .stored = AccountOf(row), .known = true};
  }
  return OkStatus();
}

StageAccount GroupProgress::AccountOf(const Row& row) {
  StageAccount account = row.stored;
  account.Add(row.since);
  return account;
}

std::map<std::pair<Stream, Partition>, std::pair<Offset, StageAccount>> GroupProgress::Accounts() const {
  std::lock_guard lock(mutex_);
  std::map<std::pair<Stream, Partition>, std::pair<Offset, StageAccount>> accounts;
  for (const auto& [key, row] : rows_) accounts[key] = {row.next, AccountOf(row)};
  return accounts;
}

}  // namespace freshet

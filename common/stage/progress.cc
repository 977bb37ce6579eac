#include "common/stage/progress.h"

#include <algorithm>

namespace freshet {

// Offsets that go back are delivered again from what is committed: what was counted and not committed counts no more.
// Those that jump ahead have passed a gap without records, or what another member did meanwhile: FindStored tells
// which.
GroupProgress::Row& GroupProgress::RowOf(const Position& position) {
  const auto [it, is_new] = rows_.try_emplace({position.stream, position.partition});
  Row& row = it->second;
  if (is_new || position.offset < row.next) {
    row = {.from = position.offset, .next = position.offset};
  } else if (position.offset > row.next) {
    row.earlier.Add(row.since);
    row.since = {};
    row.known = false;
  }
  return row;
}

Status GroupProgress::FindStored(const std::pair<Stream, Partition>& where, Row& row) {
  if (row.known) return OkStatus();
  FRESHET_ASSIGN_OR_RETURN(const log::Progress committed,
                           log_.Committed(options_.group, {options_.topics.at(where.first), where.second}));
  row.stored = StageAccount::Decode(committed.metadata).value_or(StageAccount{});
  // Another member has been here: what we had counted before the jump is in its account, or done again by it.
  if (committed.next > row.from) row.earlier = {};
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
  for (auto& [where, row] : rows_) {
    if (!row.dirty) continue;
    FRESHET_RETURN_IF_ERROR(FindStored(where, row));
    progress.push_back({{options_.topics.at(where.first), where.second}, {row.next, AccountOf(row).Encode()}});
  }
  if (progress.empty()) return OkStatus();
  FRESHET_RETURN_IF_ERROR(consumer_->Commit(progress));
  for (auto& [where, row] : rows_) {
    if (row.dirty) row = {.from = row.next, .next = row.next, .stored = AccountOf(row), .known = true};
  }
  return OkStatus();
}

StageAccount GroupProgress::AccountOf(const Row& row) {
  StageAccount account = row.stored;
  account.Add(row.earlier);
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

#include "common/store/progress_record.h"

#include <algorithm>

#include "common/store/wire.h"

namespace freshet::store {
namespace {

constexpr uint64_t kFormat = 1;

void WritePartitions(ValueWriter& writer, const std::set<Partition>& partitions) {
  writer.Number(partitions.size());
  for (const Partition partition : partitions) writer.Number(partition.value);
}

std::set<Partition> ReadPartitions(ValueReader& reader) {
  std::set<Partition> partitions;
  for (size_t count = reader.Count(); count > 0; --count) partitions.insert(Partition(reader.Number32()));
  return partitions;
}

}  // namespace

std::string Encode(const Account& account) {
  std::string out;
  ValueWriter writer(out);
  writer.Number(kFormat);
  writer.Number(account.first.value);
  writer.Number(account.next.value);
  writer.Number(account.absent);
  writer.Number(account.outcomes.size());
  for (const auto& [outcome, count] : account.outcomes) {
    writer.Number(static_cast<uint64_t>(outcome));
    writer.Number(count);
  }
  writer.Number(account.skipped.size());
  for (const auto& [why, count] : account.skipped) {
    writer.Number(static_cast<uint64_t>(why.first));
    writer.Number(static_cast<uint64_t>(why.second));
    writer.Number(count);
  }
  return out;
}

Result<Account> DecodeAccount(std::string_view value) {
  ValueReader reader(value);
  const bool known = reader.Number() == kFormat;
  Account account;
  account.first = Offset(reader.Number());
  account.next = Offset(reader.Number());
  account.absent = reader.Number();
  for (size_t count = reader.Count(2); count > 0; --count) {
    const auto outcome = static_cast<Outcome>(reader.Number());
    account.outcomes[outcome] = reader.Number();
  }
  for (size_t count = reader.Count(3); count > 0; --count) {
    const Step step = reader.ReadStep();
    const Code code = reader.ReadCode();
    account.skipped[{step, code}] = reader.Number();
  }
  if (!known || !reader.AtEnd()) return Status(Code::kCorruptStore, "an account");
  return account;
}

std::string Encode(const SnapshotState& snapshot) {
  std::string out;
  ValueWriter writer(out);
  writer.Number(kFormat);
  writer.Of(snapshot.begin);
  writer.Number(static_cast<uint64_t>(snapshot.phase));
  writer.Number(snapshot.stream.value);
  writer.Flag(snapshot.doubtful);
  writer.Number(snapshot.held);
  WritePartitions(writer, snapshot.begun);
  WritePartitions(writer, snapshot.ended);
  writer.Of(snapshot.floor);
  return out;
}

Result<SnapshotState> DecodeSnapshot(std::string_view value) {
  ValueReader reader(value);
  const bool known = reader.Number() == kFormat;
  SnapshotState snapshot{.begin = reader.ReadVersion()};
  snapshot.phase = static_cast<SnapshotState::Phase>(reader.Number());
  snapshot.stream = Stream(static_cast<uint8_t>(reader.Number()));
  snapshot.doubtful = reader.Flag();
  snapshot.held = reader.Number();
  snapshot.begun = ReadPartitions(reader);
  snapshot.ended = ReadPartitions(reader);
  snapshot.floor = reader.ReadVersion();
  if (!known || !reader.AtEnd()) return Status(Code::kCorruptStore, "a snapshot's state");
  return snapshot;
}

std::string EncodeTime(Time time) {
  std::string out;
  AppendBig64(out, static_cast<uint64_t>(ToMicros(time)));
  return out;
}

Result<Time> DecodeTime(std::string_view value) {
  ByteReader reader(value);
  uint64_t micros = 0;
  if (!reader.Big64(micros) || !reader.rest().empty()) return Status(Code::kCorruptStore, "a watermark");
  return FromMicros(static_cast<int64_t>(micros));
}

void Count(Account& account, Offset offset, uint64_t count, Outcome outcome, std::pair<Step, Code> why) {
  const uint64_t end = offset.value + count;
  if (account.next == Offset() && account.outcomes.empty()) account.first = account.next = offset;
  if (end <= account.next.value) return;
  const uint64_t begin = std::max(offset.value, account.next.value);
  account.absent += begin - account.next.value;
  account.next = Offset(end);
  account.outcomes[outcome] += end - begin;
  if (outcome == Outcome::kSkipped || outcome == Outcome::kQuarantined) account.skipped[why] += end - begin;
}

}  // namespace freshet::store

#include "services/repair/dead_letters.h"

#include <algorithm>

#include "common/log/bulk.h"
#include "schemas/topics.h"
#include "services/repair/log_reader.h"

namespace freshet::repair {
namespace {

std::optional<Topic> TopicNamed(const TenantName& tenant, std::string_view name) {
  for (const TopicRow& row : AllTopics()) {
    if (TopicName(tenant, row.topic) == name) return row.topic;
  }
  return std::nullopt;
}

bool Fits(const LetterFilter& filter, const DeadLetter& letter) {
  return (filter.source.empty() || letter.origin.source == filter.source) &&
         (!filter.code || letter.code == *filter.code);
}

}  // namespace

Topic ReplayTopic(Topic topic) {
  switch (topic) {
    case Topic::kChangesLive:
      return Topic::kChangesBackfill;
    case Topic::kCleanLive:
      return Topic::kCleanBackfill;
    case Topic::kChunksLive:
      return Topic::kChunksBackfill;
    case Topic::kEmbeddedLive:
      return Topic::kEmbeddedBackfill;
    default:
      return topic;
  }
}

std::string DeadLetterBox::IdOf(const std::string& key) const {
  const std::string prefix = "freshet." + parts_.tenant.value + ".";
  return key.starts_with(prefix) ? key.substr(prefix.size()) : key;
}

// The last record of each key counts; one that cannot be read is passed over, as it says nothing.
Result<DeadLetterBox::Letters> DeadLetterBox::Read(const LetterFilter& filter) {
  std::vector<log::TopicPartition> partitions;
  const std::string topic = TopicName(parts_.tenant, Topic::kDeadLetters);
  for (uint32_t i = 0; i < parts_.partitions; ++i) partitions.push_back({topic, Partition(i)});
  Letters letters;
  FRESHET_RETURN_IF_ERROR(ReadAll(parts_.log, partitions, [&](const log::Delivered& record) {
    if (!filter.id.empty() && IdOf(record.key) != filter.id) return OkStatus();
    letters.erase(record.key);
    const Result<DeadLetter> letter =
        record.value ? DecodeDeadLetter(*record.value) : Result<DeadLetter>(Status(Code::kNotFound));
    if (letter.ok() && Fits(filter, *letter)) letters.emplace(record.key, *letter);
    return OkStatus();
  }));
  return letters;
}

Result<std::vector<LetterRow>> DeadLetterBox::List(const LetterFilter& filter, size_t limit) {
  FRESHET_ASSIGN_OR_RETURN(Letters letters, Read(filter));
  std::vector<LetterRow> rows;
  for (auto& [key, letter] : letters) rows.push_back({IdOf(key), std::move(letter)});
  std::ranges::stable_sort(rows, std::ranges::greater(), [](const LetterRow& row) { return row.letter.skipped; });
  if (rows.size() > limit) rows.resize(limit);
  std::vector<log::TopicPartition> partitions;
  for (const LetterRow& row : rows) {
    if (TopicNamed(parts_.tenant, row.letter.topic)) partitions.push_back({row.letter.topic, row.letter.partition});
  }
  FRESHET_ASSIGN_OR_RETURN(const log::Ranges ranges, log::RangesOf(parts_.log, partitions));
  for (LetterRow& row : rows) {
    const auto range = ranges.find({row.letter.topic, row.letter.partition});
    row.replayable =
        range != ranges.end() && row.letter.offset >= range->second.first && row.letter.offset < range->second.end;
  }
  return rows;
}

Result<Replayed> DeadLetterBox::Replay(const LetterFilter& filter) {
  const std::lock_guard lock(mutex_);
  FRESHET_ASSIGN_OR_RETURN(const Letters letters, Read(filter));
  Replayed done;
  Letters again;
  std::vector<log::NewRecord> records;
  for (const auto& [key, letter] : letters) {
    const std::optional<Topic> topic = TopicNamed(parts_.tenant, letter.topic);
    std::optional<log::Delivered> record;
    if (topic) {
      FRESHET_ASSIGN_OR_RETURN(record, ReadOne(parts_.log, {letter.topic, letter.partition}, letter.offset));
    }
    if (!record) {
      ++done.expired;
      continue;
    }
    if (again.size() == parts_.most) {
      done.more = true;
      break;
    }
    records.push_back(
        {TopicName(parts_.tenant, ReplayTopic(*topic)), letter.partition, record->key, std::move(record->value)});
    again.emplace(key, letter);
  }
  // First the change, then the letter: what a crash leaves is a letter too many, never one too few.
  if (!records.empty()) FRESHET_RETURN_IF_ERROR(parts_.log.Append(records).status());
  FRESHET_RETURN_IF_ERROR(TakeOff(again));
  done.replayed = again.size();
  return done;
}

Result<uint64_t> DeadLetterBox::Drop(const LetterFilter& filter) {
  const std::lock_guard lock(mutex_);
  FRESHET_ASSIGN_OR_RETURN(const Letters letters, Read(filter));
  FRESHET_RETURN_IF_ERROR(TakeOff(letters));
  return uint64_t{letters.size()};
}

Status DeadLetterBox::TakeOff(const Letters& letters) {
  std::vector<log::NewRecord> records;
  const std::string topic = TopicName(parts_.tenant, Topic::kDeadLetters);
  for (const auto& [key, letter] : letters) records.push_back({topic, letter.partition, key, std::nullopt});
  return records.empty() ? OkStatus() : parts_.log.Append(records).status();
}

}  // namespace freshet::repair

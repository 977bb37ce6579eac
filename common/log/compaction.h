// Compaction: keeps the last record of each key of a compacted topic, and drops tombstones when they are old enough.
//
//   FRESHET_RETURN_IF_ERROR(compaction.Apply(topic, clock.Now()));
//
// One run looks at the records since the last run (the dirty ones), remembers each key's last offset, and takes every
// record before it. It runs where the dirty ones are a given share of the kept ones, or a tombstone is due. The newest
// record of a partition always stays: it holds the partition's end. How far a run came lies in a mark ("cleaned",
// record_format.h), written after its deletes: power loss can undo a run's last deletes, never its first alone, so a
// tombstone is never gone before what it ended. One thread at a time.
#pragma once

#include <array>
#include <functional>
#include <unordered_map>

#include "common/base/bytes.h"
#include "common/log/topic_table.h"

namespace freshet::log {

class Compaction {
 public:
  struct Options {
    store::Database& database;
    Duration tombstone_keep;
    double dirty_share;
    size_t keys_at_once = 1 << 20;  // bounds memory to some 100 MB; more keys take several runs
  };
  explicit Compaction(const Options& options) : options_(options) {}

  Status Apply(const Topic& topic, Time now);

 private:
  struct HashOfHash {
    size_t operator()(const Hash128& hash) const { return std::hash<std::string_view>()(AsBytes(hash)); }
  };
  // The keys of the dirty records, and where they were seen last.
  struct Survey {
    std::unordered_map<Hash128, uint64_t, HashOfHash> last;
    uint64_t up_to = 0;
  };
  struct Record {
    uint64_t offset;
    StoredRecord stored;
  };

  Status Run(const PartitionRef& partition, const Cleaned& before, Time now);
  bool IsDue(const PartitionRef& partition, const Cleaned& before, Time now) const;
  Result<Survey> Look(const PartitionRef& partition, uint64_t from, uint64_t end);
  bool Goes(const Survey& survey, const Record& record, bool newest, Time now) const;
  // Calls `visit` for the records of [from, to) in order, while it returns true.
  Status ForEach(const PartitionRef& partition, uint64_t from, uint64_t to,
                 const std::function<Result<bool>(const Record&)>& visit);

  const Options options_;
};

}  // namespace freshet::log

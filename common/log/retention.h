// Retention: takes a partition's oldest records by age, by size and by hand, and remembers where it now begins.
//
//   FRESHET_RETURN_IF_ERROR(retention.Apply(topic, clock.Now()));
//
// By age: what was appended longer than the topic's retention_time ago. By size: the oldest records of whichever
// partition, until keys and values of the topic are within retention_bytes. Neither passes a partition's floor. A cut
// is durable, with its mark, before readers see it. One thread at a time.
#pragma once

#include <optional>
#include <vector>

#include "common/log/topic_table.h"

namespace freshet::log {

class Retention {
 public:
  explicit Retention(store::Database& database) : database_(database) {}

  Status Apply(const Topic& topic, Time now);
  // Takes the records below `first`, floor or not; nothing where that is past the end or already so.
  Status Trim(const PartitionRef& partition, Offset first);

 private:
  struct Found {
    uint64_t offset = 0;
    Time appended;
    uint64_t bytes_so_far = 0;
    uint64_t bytes = 0;  // of this record
  };
  // A partition as the cut by size sees it: records [first, limit) may go.
  struct Part {
    PartitionRef partition;
    uint64_t first = 0;
    uint64_t limit = 0;
    uint64_t bytes_before = 0;  // bytes_so_far before `first`
    uint64_t bytes = 0;         // from `first` on
    Time oldest;
  };

  Status CutByAge(const PartitionRef& partition, Time cutoff);
  Status CutBySize(const Topic& topic);
  Result<std::vector<Part>> PartsOf(const Topic& topic);
  Status Look(Part& part);
  // The first record at or after `offset`.
  Result<std::optional<Found>> At(const PartitionRef& partition, uint64_t offset);
  // The first offset in [from, to) whose record satisfies `holds`, which holds for all after it; else `to`.
  template <class Predicate>
  Result<uint64_t> FirstWhere(const PartitionRef& partition, uint64_t from, uint64_t to, Predicate holds);

  store::Database& database_;
};

}  // namespace freshet::log

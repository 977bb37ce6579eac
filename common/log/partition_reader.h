// PartitionReader: takes what is new from a set of partitions, fairly.
//
//   Result<Polled> polled = reader.Poll(cursors, {.max_records = 100, .max_bytes = 1 << 20});
//
// Every partition with records gets an equal share of the limits; what one leaves, those after it may take; the first
// one changes with each Poll. So no partition starves, whatever the sizes of the others' records. One thread at a time.
#pragma once

#include <vector>

#include "common/log/topic_table.h"

namespace freshet::log {

// Where reading of a partition stands.
struct Cursor {
  PartitionRef partition;
  uint64_t next = 0;
};

class PartitionReader {
 public:
  explicit PartitionReader(store::Database& database) : database_(database) {}

  // Moves the cursors over what it returns; on an error they stay. configuration where one is beyond the end: the log
  // is not the one that the position is of. corrupt_store, io_error.
  Result<Polled> Poll(std::vector<Cursor>& cursors, const PollLimits& limits);
  // The last Poll that could take records found none.
  bool at_end() const { return at_end_; }

 private:
  struct Share {
    Cursor* cursor;
    uint64_t next;
    uint64_t end;
  };
  struct Budget {
    size_t records;     // of this partition's share
    size_t bytes;       // of this partition's share
    size_t bytes_left;  // of the whole call: one record more than the share may have it
  };
  // What the call may still take, and has taken.
  struct Room {
    size_t records;
    size_t bytes;
    Polled polled;
  };

  static Status Collect(std::vector<Cursor>& cursors, std::vector<Share>& shares, Polled& polled);
  Status Take(Share& share, const Budget& budget, rocksdb::Iterator& it, Room& room);

  store::Database& database_;
  size_t turn_ = 0;
  bool at_end_ = false;
};

}  // namespace freshet::log

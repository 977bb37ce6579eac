// PartitionQueues: what a consumer has fetched, a queue a partition, taken fairly. Internal to the Kafka log.
//
//   queues.Open({topic, Partition(0)});        // before the partition is assigned
//   queues.Take(limits, taken);                // records in order, errors beside them
//
// librdkafka would put all partitions' records in one queue, as they come: a long partition would hold the short ones
// up. Here partitions take turns, and one whose record did not fit under the limits comes first the next time. What was
// not taken stays in librdkafka's queues, which are bounded: that is the backpressure. One thread; the waker may be
// woken from any of librdkafka's until the queue is closed.
#pragma once

#include <deque>

#include "common/log/kafka/handles.h"

namespace freshet::log {

// What a partition's fetcher said instead of a record.
struct FetchError {
  TopicPartition partition;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  int64_t position = RD_KAFKA_OFFSET_INVALID;  // where it was to read
};

struct Taken {
  std::vector<Delivered> records;
  std::vector<FetchError> errors;
};

class PartitionQueues {
 public:
  PartitionQueues(rd_kafka_t& client, Waker* waker) : client_(client), waker_(waker) {}

  void Open(const TopicPartition& partition);
  // What it still held is dropped.
  void Close(const TopicPartition& partition);
  // Drops what it holds, as Close, and stays open.
  void Forget(const TopicPartition& partition);
  void CloseAll() { sources_.clear(); }

  // A partition whose fetching failed is told of and yields nothing more until it is assigned anew. With max_records 0
  // only errors are taken.
  void Take(PollLimits limits, Taken& taken);
  // There are partitions, and all that the brokers had in them has been taken.
  bool AtEnd() const;

 private:
  struct Source {
    TopicPartition name;
    Handle<rd_kafka_queue_t> queue;
    std::deque<Handle<rd_kafka_message_t>> fetched;  // a turn's worth at most
    bool at_end = false;                             // the broker said so after the last record
  };
  enum class Turn : uint8_t { kDone, kFull };
  struct Room {
    size_t records = 0;
    size_t bytes = 0;
    bool any = false;  // one record is always delivered, however large
  };

  bool Fetch(Source& source, size_t count);
  Turn TakeTurn(Source& source, size_t count, Room& room, Taken& taken);
  Source* Find(const TopicPartition& partition);

  rd_kafka_t& client_;
  Waker* const waker_;
  std::vector<Source> sources_;
  size_t first_ = 0;  // whose turn it is
};

}  // namespace freshet::log

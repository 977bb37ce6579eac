// A hop carries envelopes from one step to the next in one lane: Sender at one end, Receiver at the other.
//
//   FusedHop<CleanDocument> hop(64 << 20, &chunk_waker);      // a bounded queue in this process
//   hop.Send(batch);                                          // backpressure where it is full
//   hop.Receive({.max_records = 64, .max_bytes = 1 << 20});
//
// The durable kind, a topic, is in topic_hop.h; the stages cannot tell them apart. Order is kept within a partition.
#pragma once

#include <deque>
#include <mutex>
#include <vector>

#include "common/base/waker.h"
#include "common/stage/envelope.h"

namespace freshet {

struct ReceiveLimits {
  size_t max_records = 64;
  size_t max_bytes = 1u << 20;  // one envelope is always given, however large
};

template <class Body>
class Receiver {
 public:
  virtual ~Receiver() = default;
  // What is there now, up to the limits; never blocks. With max_records 0 takes nothing, and stays a group's member.
  virtual Result<std::vector<Arrival<Body>>> Receive(ReceiveLimits limits) = 0;
};

template <class Body>
class Sender {
 public:
  virtual ~Sender() = default;
  // Takes all of the batch, which is then empty, or none. backpressure: full now; other codes as the log's.
  virtual Status Send(std::vector<Arrival<Body>>& batch) = 0;
  // Called when there is nothing to send: time to store what is due.
  virtual Status Tick() { return OkStatus(); }
};

// Bytes that an arrival holds in memory: its body's MemoryBytes, found by argument, and a flat charge for the rest.
template <class Body>
size_t MemoryBytes(const Arrival<Body>& arrival) {
  const Body* body = arrival.envelope.body();
  return sizeof(arrival) + (body ? MemoryBytes(*body) : 0);
}

// A bounded queue. Any thread at either end.
template <class Body>
class FusedHop final : public Sender<Body>, public Receiver<Body> {
 public:
  FusedHop(size_t max_bytes, Waker* receiver, Waker* sender)
      : max_bytes_(max_bytes), receiver_(receiver), sender_(sender) {}

  Status Send(std::vector<Arrival<Body>>& batch) override {
    size_t bytes = 0;
    for (const auto& arrival : batch) bytes += MemoryBytes(arrival);
    {
      std::lock_guard lock(mutex_);
      if (bytes_ > 0 && bytes_ + bytes > max_bytes_) {
        refused_ = true;
        return Status(Code::kBackpressure);
      }
      for (auto& arrival : batch) queue_.push_back(std::move(arrival));
      bytes_ += bytes;
    }
    batch.clear();
    if (receiver_ != nullptr) receiver_->Wake();
    return OkStatus();
  }

  Result<std::vector<Arrival<Body>>> Receive(ReceiveLimits limits) override {
    std::vector<Arrival<Body>> batch;
    bool wake = false;
    {
      std::lock_guard lock(mutex_);
      size_t bytes = 0;
      while (!queue_.empty() && batch.size() < limits.max_records && (batch.empty() || bytes < limits.max_bytes)) {
        const size_t size = MemoryBytes(queue_.front());
        bytes += size;
        bytes_ -= size;
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
      if (refused_ && bytes_ <= max_bytes_ / 2) {
        refused_ = false;
        wake = true;
      }
    }
    if (wake && sender_ != nullptr) sender_->Wake();
    return batch;
  }

  size_t bytes() const {
    std::lock_guard lock(mutex_);
    return bytes_;
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Arrival<Body>> queue_;
  size_t bytes_ = 0;
  bool refused_ = false;  // the sender waits for room
  const size_t max_bytes_;
  Waker* const receiver_;
  Waker* const sender_;
};

}  // namespace freshet

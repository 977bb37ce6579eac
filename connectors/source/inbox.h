// Inbox: what senders push, on its way to the connector's thread, and their answers on the way back. Bounded in bytes.
//
//   // a server's thread:                                    // Source::Stream:
//   Status done = inbox.Deliver(std::move(events), bytes,    batch.events = inbox.Take(wait);
//                               10s);                        // Source::Acknowledge("")
//   // ok: durable. Else say so, and it is sent again.       inbox.Done();
//
// Deliver returns when its events are durable. Codes: backpressure (the inbox is full), timeout (not durable in time:
// it may become so later), unavailable (closed meanwhile). Deliveries are taken whole and in order. Any thread; Take
// and Done: one.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "schemas/change.h"

namespace freshet {

class Inbox {
 public:
  explicit Inbox(size_t most_bytes) : most_bytes_(most_bytes) {}

  Status Deliver(std::vector<ChangeEvent> events, size_t bytes, Duration patience);
  // About a batch of what waits; empty after `wait`.
  std::vector<ChangeEvent> Take(Duration wait);
  // What was taken is durable.
  void Done();
  // From now on nothing is taken in, and whoever waits is told so; Open takes in again.
  void Close();
  void Open();
  // Nothing waits to be taken: whatever came before the last Take is in it or in an earlier one.
  bool empty() const;

 private:
  enum class Fate : uint8_t { kWaits, kDurable, kClosed };
  struct Delivery {
    std::vector<ChangeEvent> events;
    size_t bytes = 0;
    Fate fate = Fate::kWaits;
  };

  const size_t most_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable arrived_, answered_;
  std::deque<std::shared_ptr<Delivery>> waiting_, taken_;
  size_t bytes_ = 0;
  bool open_ = false;
};

}  // namespace freshet

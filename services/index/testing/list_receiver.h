// ListReceiver: an input of the sink that gives what a test told it to, or fails.
//
//   ListReceiver<EmbeddedDocument> live(Stream(1));   live.Add(EmbeddedOf({.id = "a"}));   live.Again(live.given[0]);
//
// One partition, offsets from 0. One thread.
#pragma once

#include <deque>
#include <vector>

#include "common/stage/hop.h"

namespace freshet::testing {

template <class Body>
class ListReceiver final : public Receiver<Body> {
 public:
  explicit ListReceiver(Stream stream) : stream_(stream) {}
  void Add(Envelope<Body> envelope) {
    waiting_.push_back({std::move(envelope), {stream_, Partition(0), Offset(next_++)}});
  }
  void Again(Arrival<Body> arrival) { waiting_.push_back(std::move(arrival)); }
  void Skip(uint64_t count) { next_ += count; }
  Result<std::vector<Arrival<Body>>> Receive(ReceiveLimits limits) override {
    if (!fails.ok()) return fails;
    std::vector<Arrival<Body>> batch;
    while (!waiting_.empty() && batch.size() < limits.max_records) {
      batch.push_back(waiting_.front());
      given.push_back(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    return batch;
  }

  Status fails;
  std::vector<Arrival<Body>> given;

 private:
  const Stream stream_;
  std::deque<Arrival<Body>> waiting_;
  uint64_t next_ = 0;
};

}  // namespace freshet::testing

// The contract that every Log backend must pass, as a parameterised suite: contract_*_test.cc.
//
//   INSTANTIATE_TEST_SUITE_P(Embedded, LogContract, testing::Values(BackendFactory{"embedded", &MakeEmbedded}));
//
// A backend's own test file gives the factory; the suite is linked into the same test program. It relies on nothing
// but log.h and the hooks below; what only one backend promises stands in that backend's own tests.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "common/log/log.h"

namespace freshet::log {

// A log under test, and what can be done to it from outside. Consumers are gone before Reopen and Crash are called.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual Log& log() = 0;
  virtual void Reopen() = 0;
  // Power loss, then a new start; false where this backend's cannot be arranged.
  virtual bool Crash() { return false; }
  // Makes retention take the records below `first` now; false where that cannot be arranged.
  virtual bool Expire(const TopicPartition& partition, Offset first) { return false; }
  // Maintain() compacts before it returns.
  virtual bool CompactsAtOnce() const { return false; }
  // A consumer may hold records that it fetched before they were asked for, also when retention takes them then.
  virtual bool ReadsAhead() const { return false; }
};

struct BackendFactory {
  std::string name;
  std::function<std::unique_ptr<Backend>()> make;  // null where the machine lacks what it takes: the test is skipped

  friend void PrintTo(const BackendFactory& factory, std::ostream* out) { *out << factory.name; }
};

class LogContract : public testing::TestWithParam<BackendFactory> {
 protected:
  LogContract() : backend_(GetParam().make()) {}

  void SetUp() override {
    if (backend_ == nullptr) GTEST_SKIP() << "This machine lacks what the backend " << GetParam().name << " takes.";
  }

  Log& log() { return backend_->log(); }
  Backend& backend() { return *backend_; }

  // A topic of this test alone: its name begins with the test's.
  std::string MakeTopic(uint32_t partitions, bool compacted = false);
  std::string MakeTopic(TopicSpec spec);

  // One record; its offset. Fails the test where the log refuses.
  Offset Append(const std::string& topic, uint32_t partition, const std::string& key, std::optional<std::string> value);
  // Records "0", "1", ... with empty keys.
  void AppendNumbers(const std::string& topic, uint32_t partition, int from, int to);

  // Polls until `count` records have come or nothing has for a while.
  std::vector<Delivered> Take(Consumer& consumer, size_t count, PollLimits limits = {});
  // Polls until `count` gaps have come or nothing has for a while.
  std::vector<Gap> TakeGaps(Consumer& consumer, size_t count);
  // Where the backend reads ahead: gives the records of all partitions time to be there.
  void LetArrive(Consumer& consumer);
  // Polls for a moment, expecting nothing.
  void ExpectNothing(Consumer& consumer);

  std::unique_ptr<Consumer> Subscribe(const std::string& group, const std::vector<std::string>& topics,
                                      Waker* waker = nullptr);
  std::unique_ptr<Consumer> ReadFrom(const std::string& topic, uint32_t partition, uint64_t offset,
                                     Waker* waker = nullptr);
  Status Commit(Consumer& consumer, const std::string& topic, uint32_t partition, uint64_t next,
                const std::string& metadata = "");

 private:
  std::unique_ptr<Backend> backend_;
};

// "partition@offset key=value", with "-" for a tombstone.
std::string Describe(const Delivered& record);
std::vector<std::string> ValuesOf(const std::vector<Delivered>& records);
// "0", "1", ... up to but without `to`.
std::vector<std::string> Numbers(int from, int to);

}  // namespace freshet::log

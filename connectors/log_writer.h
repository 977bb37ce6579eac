// LogWriter: appends to the log in batches, and does not give up while the log may get better.
//
//   LogWriter writer({.log = log, .stop = stop}, {});
//   FRESHET_RETURN_IF_ERROR(writer.Add(std::move(record)));     // appends when a batch is full
//   FRESHET_RETURN_IF_ERROR(writer.Finish());                   // all of it is durable
//
// A code whose disposition is retry is tried again with jittered backoff; any other is returned. Once stopped,
// everything is tried once, and what fails ends with unavailable. After an error of Add or Finish the batch is
// forgotten; any of it may be in the log. One thread; retries() any.
#pragma once

#include <atomic>
#include <vector>

#include "common/log/log.h"
#include "common/stage/retry.h"
#include "connectors/stop_signal.h"

namespace freshet {

class LogWriter {
 public:
  struct Parts {
    log::Log& log;
    StopSignal& stop;
  };
  struct Options {
    size_t append_bytes = 4u << 20;  // of one append; a larger record goes alone
    size_t append_records = 1024;
    BackoffOptions backoff;
    uint64_t seed = 0;  // of the jitter
  };
  LogWriter(Parts parts, Options options) : parts_(parts), options_(options), backoff_(options.backoff, options.seed) {}

  Status Add(log::NewRecord record);
  // The offsets of all records since the last Finish, in the order of Add.
  Result<std::vector<Offset>> Finish();
  // Forgets what was added and not yet appended.
  void Forget();

  // Calls `attempt`, which returns a Status or a Result, until it is done.
  template <class Attempt>
  auto UntilDone(Attempt attempt) -> decltype(attempt());

  bool stopped() const { return parts_.stop.stopped(); }
  uint64_t retries() const { return retries_.load(std::memory_order_relaxed); }

 private:
  Status Append();
  // False where it is no use to try again.
  bool WaitAfter(Code code);

  const Parts parts_;
  const Options options_;
  Backoff backoff_;
  std::atomic<uint64_t> retries_{0};
  std::vector<log::NewRecord> batch_;
  size_t bytes_ = 0;
  std::vector<Offset> offsets_;
};

template <class Attempt>
auto LogWriter::UntilDone(Attempt attempt) -> decltype(attempt()) {
  backoff_.Reset();
  while (true) {
    auto outcome = attempt();
    if (outcome.ok() || !WaitAfter(outcome.code())) return outcome;
    if (stopped()) return Status(Code::kUnavailable, "Stopped");
  }
}

}  // namespace freshet

// ConnectorThread: runs a connector on a thread of its own, and again with backoff where it stopped for a reason that
// may pass.
//
//   ConnectorThread thread(std::move(connector), std::move(host), {.source = name, .metrics = &metrics});
//   thread.Stop();     // the connector ends at its next wait; what it had published stays
//
// While an operator wants the source paused (signals.h) it does not run, and freshet_connector_up is 0.
//
// A code that needs an operator (halt) ends it for good, with a log line; the rest of the process goes on.
//
// What the source keeps for the connector is looked at by a second thread, whether the connector runs, rests, waits for
// a log that is gone or has ended: it grows until somebody comes.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "common/telemetry/metrics.h"
#include "connectors/log_host.h"

namespace freshet {

class ConnectorThread {
 public:
  struct Options {
    SourceName source;
    MetricRegistry* metrics = nullptr;
    std::function<void(const Status&)> on_halt;  // on the connector's thread; may be empty
    BackoffOptions backoff{.first = std::chrono::milliseconds(100), .longest = std::chrono::seconds(30)};
    Duration pause = std::chrono::milliseconds(500);  // between two looks at whether a pause is over
    Duration look = std::chrono::seconds(5);          // between two at what the source keeps (Connector::Hold)
  };
  ConnectorThread(std::unique_ptr<Connector> connector, std::unique_ptr<LogConnectorHost> host, Options options);
  ~ConnectorThread() { Stop(); }
  void Stop();

  LogConnectorHost& host() { return *host_; }
  const SourceName& source() const { return options_.source; }
  // As it was seen last; nothing: not yet, or the source keeps nothing.
  std::optional<SourceHold> hold() const;

 private:
  void Run();
  void Watch();

  const Options options_;
  std::unique_ptr<LogConnectorHost> host_;
  std::unique_ptr<Connector> connector_;  // goes before its host
  mutable std::mutex hold_mutex_;         // of hold_
  std::optional<SourceHold> hold_;
  std::thread thread_, watcher_;
};

}  // namespace freshet

// StatusServer: /metrics, /healthz and /readyz of a process that answers no queries. Needs no token and tells nothing
// but figures and codes.
//
//   StatusServer server({"127.0.0.1", 0}, {.metrics = &metrics, .unready = [] { return reasons; }});
//   Result<std::string> url = server.Start();
//
// configuration where the address is taken or not this machine's. Start and Stop: one thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/config/host_port.h"
#include "common/telemetry/metrics.h"

namespace freshet {

class StatusServer {
 public:
  struct Parts {
    MetricRegistry* metrics = nullptr;
    std::function<std::vector<std::string>()> unready;  // why not, as "code: sentence"
  };
  StatusServer(HostPort listen, Parts parts);
  ~StatusServer();

  Result<std::string> Start();  // "http://127.0.0.1:9100"
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace freshet

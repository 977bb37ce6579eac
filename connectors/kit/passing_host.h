// PassingHost: between a connector and its host, for whoever stands there: passes everything on, but for what is
// overridden.
//
//   struct Forgets : PassingHost { Status Publish(...) override { return OkStatus(); } };
//
// `host` is set before the first call and outlives this. Threads as for the host.
#pragma once

#include "connectors/connector.h"

namespace freshet::kit {

struct PassingHost : ConnectorHost {
  Status Publish(std::vector<ChangeEvent> events, Lane lane) override { return host->Publish(std::move(events), lane); }
  Status PublishHeartbeat(Time time, std::span<const Lane> lanes) override {
    return host->PublishHeartbeat(time, lanes);
  }
  Result<std::map<std::string, std::string>> LoadPositions() override { return host->LoadPositions(); }
  Status SavePositions(const std::vector<std::pair<std::string, std::optional<std::string>>>& rows) override {
    return host->SavePositions(rows);
  }
  const Clock& clock() const override { return host->clock(); }
  bool stopping() const override { return host->stopping(); }
  uint64_t snapshot_request() const override { return host->snapshot_request(); }
  bool over_rate() const override { return host->over_rate(); }
  void Sleep(Duration limit) override { host->Sleep(limit); }

  ConnectorHost* host = nullptr;
};

}  // namespace freshet::kit

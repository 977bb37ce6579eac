// PushSource: systems that push their changes as CloudEvents over HTTP (README.md). Nothing can be listed: what was not
// pushed is not known.
//
//   auto connector = MakePushConnector(options_node);
//
// What waits, its places and times: connectors/source/arrivals.h. Codes: unavailable (the address is taken),
// configuration. One thread; the server has its own.
#pragma once

#include <memory>

#include "common/config/node.h"
#include "connectors/connector.h"
#include "connectors/push/server.h"
#include "connectors/source/arrivals.h"
#include "connectors/source/source.h"

namespace freshet::push {

class PushSource final : public Source {
 public:
  explicit PushSource(PushOptions options);

  Status Check() override;
  SnapshotPolicy snapshot_policy() const override { return SnapshotPolicy::kNever; }
  Status Open(SourceStart start) override;
  void Close() override;
  Result<SourceBatch> Stream(Duration wait) override { return arrivals_.Stream(wait); }
  Status List(const std::function<Status(const std::string& id)>&) override {
    return Status(Code::kUnsupportedChange, "What is pushed cannot be listed: only its senders know what they have");
  }
  Status Acknowledge(const std::string& position) override {
    arrivals_.Acknowledge(position);
    return OkStatus();
  }

  int port() const { return port_; }  // while open

 private:
  const PushOptions options_;
  Arrivals arrivals_;
  std::unique_ptr<PushServer> server_;
  int port_ = 0;
};

// configuration: the options are wrong.
Result<std::unique_ptr<Connector>> MakePushConnector(const ConfigNode& options);

}  // namespace freshet::push

// Hl7Source: systems that send HL7 v2 messages over MLLP (README.md). Nothing can be listed.
//
//   auto connector = MakeHl7Connector(options_node);
//
// What waits, its places and times: connectors/source/arrivals.h. The access lists of the options begin every run.
//
//   note := "a/" scope    -> "": a list that was published, so that it is taken back once the options no longer have it
//
// Codes: unavailable (the address is taken), configuration. One thread; the server has its own.
#pragma once

#include <memory>
#include <set>

#include "common/config/node.h"
#include "connectors/connector.h"
#include "connectors/hl7/ack.h"
#include "connectors/hl7/decoder.h"
#include "connectors/hl7/mllp.h"
#include "connectors/source/arrivals.h"
#include "connectors/source/recent.h"
#include "connectors/source/source.h"

namespace freshet::hl7 {

class Hl7Source final : public Source {
 public:
  explicit Hl7Source(Hl7Options options);

  Status Check() override;
  SnapshotPolicy snapshot_policy() const override { return SnapshotPolicy::kNever; }
  Status Open(SourceStart start) override;
  void Close() override;
  Result<SourceBatch> Stream(Duration wait) override;
  Status List(const std::function<Status(const std::string& id)>&) override {
    return Status(Code::kUnsupportedChange, "What is sent cannot be listed: only its senders know what they have");
  }
  Status Acknowledge(const std::string& position) override;

  int port() const { return port_; }  // while open

 private:
  struct Frame;
  // On a connection's thread: a frame to its answer.
  Reply Handle(const std::string& frame);
  void Read(std::string_view bytes, Frame& frame);
  void Deliver(Frame& frame);
  Reply AnswerTo(const Frame& frame);
  SourceBatch Lists();

  const Hl7Options options_;
  Arrivals arrivals_;
  Recent recent_;  // messages that are durable
  std::unique_ptr<MllpServer> server_;
  const Clock* clock_ = nullptr;
  int port_ = 0;
  std::atomic<uint64_t> answers_ = 0;
  std::set<std::string> listed_;  // scopes that earlier runs published a list of
  bool told_access_ = false;
};

// configuration: the options are wrong.
Result<std::unique_ptr<Connector>> MakeHl7Connector(const ConfigNode& options);

}  // namespace freshet::hl7

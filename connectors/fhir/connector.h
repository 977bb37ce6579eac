// FhirSource: a FHIR R4 server (README.md): everything by search or bulk export, then changes by history, search or
// export; a subscription may say when to ask.
//
//   auto connector = MakeFhirConnector(options_node);     // of a server, or of a folder (folder_source.h)
//
//   position := fingerprint:16 bytes, since:8 bytes, listed:8 bytes     microseconds; since by the server's clock
//   cursor   := of a listing (listing.h)
//   note     := "a/" scope -> ""                                        a list that was published (reader.h)
//
// Another fingerprint (url, types, labels, observations): everything is listed anew. A question for changes begins
// `settle` before the last one did, by the server's clock: what became visible late is there; what was read is left
// out. Its pages are read from the newest on, and the position moves when all have been.
//
// Codes: unavailable, timeout; configuration, permission_denied (Check). One thread; the webhook has its own, and so
// has the watch for a stop, which ends the request under way.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "common/config/node.h"
#include "connectors/connector.h"
#include "connectors/fhir/listing.h"
#include "connectors/fhir/webhook.h"

namespace freshet::fhir {

class FhirSource final : public Source {
 public:
  explicit FhirSource(FhirOptions options);
  ~FhirSource() override;

  Status Check() override;
  SnapshotPolicy snapshot_policy() const override { return SnapshotPolicy::kOnce; }
  Status Open(SourceStart start) override;
  void Close() override;
  Result<SourceBatch> Snapshot(const std::string& cursor) override;
  Result<SourceBatch> Stream(Duration wait) override;
  Result<Upsert> Fetch(const DocumentId& document) override;
  Status List(const std::function<Status(const std::string& id)>& take) override;

  int webhook_port() const { return webhook_port_; }  // while open

 private:
  using Steady = std::chrono::steady_clock;

  Status CheckRequests();
  Result<Time> AskTime();
  std::unique_ptr<Pages> Changes();
  bool WaitUntilDue(Duration wait);
  void Watch(std::function<bool()> stopping);
  void Wake();
  void EndPoll(SourceBatch& batch);
  std::string Position() const;

  const FhirOptions options_;
  Client client_;
  const Clock* clock_ = nullptr;
  std::unique_ptr<Reader> reader_;
  Time since_, told_since_;  // by the server's clock; as the position was told last
  Time listed_;              // when all was listed last
  bool relist_ = false, untold_ = false;
  Listing listing_;
  std::optional<Reading> poll_;
  Time poll_begun_;
  Steady::time_point next_poll_{};
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;
  std::unique_ptr<Webhook> webhook_;
  int webhook_port_ = 0;
  std::jthread watcher_;
};

// configuration: the options are wrong.
Result<std::unique_ptr<Connector>> MakeFhirConnector(const ConfigNode& options);

}  // namespace freshet::fhir

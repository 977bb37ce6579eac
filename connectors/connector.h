// Connector: what turns the changes of one source system into ChangeEvents. It never sees the index.
//
//   // connectors/registry.cc: Row<feed::Options>("feed", "What it reads.", &MakeFeed, &MakeFeedRig),   <- the one line
//
// This is what a host runs. A new connector implements the five functions of connectors/source/source.h instead (Check,
// Snapshot, Stream, Fetch, Acknowledge) and gets the rest from SourceConnector; the folder connector, which has no
// stream to be asked for, implements this.
//
// The contract (README.md has the whole, and the test that holds each point):
//  - publish, wait for the acknowledgement (Publish returns ok), only then store the position (SavePosition);
//  - a version is strictly larger than every earlier one of the same document, across restarts too;
//  - Heartbeat(t) only when everything that the source committed up to t has been published;
//  - a document or a list that cannot be read is never taken for a delete;
//  - memory is bounded whatever the source's size.
// A connector runs in one thread: Run returns ok when told to stop, or the code that stopped it (the host restarts it
// with jittered backoff where the code's disposition is retry).
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "schemas/change.h"

namespace freshet {

// What a source keeps on its own disk until the connector has confirmed it: a replication slot's write-ahead log.
struct SourceHold {
  uint64_t lag_bytes = 0;       // written there and not confirmed
  uint64_t retained_bytes = 0;  // kept for us
  uint64_t limit_bytes = 0;     // beyond it somebody gives it up, and a new snapshot is needed; 0: nobody does
  bool operator==(const SourceHold&) const = default;
};

// What the host gives a connector. All methods block until done and are durable when they return ok.
// In the events, ids are the source's own (native): the host names documents, scopes and patients opaquely where the
// collection's policy asks for it, qualifies principals, and fills source, collection and captured time.
class ConnectorHost {
 public:
  virtual ~ConnectorHost() = default;

  // origin: document, version, committed. Retries by itself; fails only when stopping or when the log halts.
  virtual Status Publish(std::vector<ChangeEvent> events, Lane lane) = 0;
  // On every partition of these lanes: everything committed up to `time` has been published.
  virtual Status PublishHeartbeat(Time time, std::span<const Lane> lanes) = 0;

  // The connector's own state, small records under keys of its own, kept in the log's positions topic, sealed.
  virtual Result<std::map<std::string, std::string>> LoadPositions() = 0;
  // Nothing as value: forget the key.
  virtual Status SavePositions(const std::vector<std::pair<std::string, std::optional<std::string>>>& positions) = 0;

  virtual const Clock& clock() const = 0;
  // The end of the process, or an operator's pause: Run returns ok as soon as it can.
  virtual bool stopping() const = 0;
  // How many snapshots have been asked for since the source was set up; a larger number than before asks for one now.
  virtual uint64_t snapshot_request() const { return 0; }
  // Whether a snapshot that was asked for is to publish this document although it is unchanged: by its native id, and
  // when it was last changed. A source that publishes all of a snapshot's documents need not ask.
  virtual bool wanted_again(const DocumentId& document, Time changed) const {
    (void)document, (void)changed;
    return false;
  }
  // More content went out than the source's rate allows: the next of a snapshot should wait, whatever else goes on.
  // Publish keeps to the rate by itself, but then everything waits.
  virtual bool over_rate() const { return false; }
  // Sleeps up to `limit`, less when told to stop.
  virtual void Sleep(Duration limit) = 0;
};

class Connector {
 public:
  virtual ~Connector() = default;

  // Can this configuration work: reachable, permitted, readable? Changes nothing.
  virtual Status Check() = 0;
  // One document as the source has it now. not_found; unsupported_change: this source cannot be asked.
  virtual Result<Upsert> Fetch(const DocumentId& document) {
    (void)document;
    return Status(Code::kUnsupportedChange, "This source cannot be asked for one document");
  }
  // Tells the native id of every document that the source has now, by a reading that takes nothing from a connector
  // that runs meanwhile. unsupported_change: this source cannot be listed so; what `take` says ends it.
  virtual Status List(const std::function<Status(const std::string& id)>& take) {
    (void)take;
    return Status(Code::kUnsupportedChange, "This source cannot be listed beside its running connector");
  }
  // What the source keeps for it. Any thread, also while Run runs or rests: it is what an operator must see then.
  // unsupported_change: this source keeps nothing.
  virtual Result<SourceHold> Hold() { return Status(Code::kUnsupportedChange, "This source keeps nothing for us"); }
  // First whatever changed while nobody looked (snapshot), then the stream, until host.stopping().
  virtual Status Run(ConnectorHost& host) = 0;
  // One step of the same, for tests and simulations with a hand-moved clock: does what is due now, returns whether it
  // did anything.
  virtual Result<bool> Step(ConnectorHost& host) = 0;
};

}  // namespace freshet

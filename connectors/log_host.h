// LogConnectorHost: the ConnectorHost that publishes to the log.
//
//   LogConnectorHost host({.log = log, .keys = keys, .clock = clock}, {.names = {.tenant = t, .source = s, …}});
//   std::thread thread([&] { connector->Run(host); });   ...   host.Stop();
//
// What it does with every event: native names become opaque (native_names.h), source, collection, captured time and
// trace are filled in, PHI is sealed by the codec, the record is keyed and goes to the topic and partition that
// schemas/topics.h says. A SnapshotEdge goes to every partition of its topic. An upsert that does not fit into a record
// travels as a refused one (document_too_large), so that its version is accounted for; an access list that does not fit
// lets nobody in.
//
// Content keeps to the source's rate: what goes over it passes, and the next waits until that is made up for. What is
// urgent never waits, the live lane only for what went there itself.
//
// Appends are batched and tried again as log_writer.h says; a code that is not retried is returned; of the events
// of that call any may be in the log, as after a crash. After Stop everything is tried once more and no longer.
// Publish, PublishHeartbeat, LoadPositions and SavePositions: one thread, the connector's. Stop, stopping, stats: any
// thread.
#pragma once

#include <array>
#include <atomic>

#include "common/telemetry/trace.h"
#include "connectors/connector.h"
#include "connectors/position_topic.h"
#include "connectors/rate_limit.h"
#include "connectors/signals.h"
#include "schemas/topics.h"

namespace freshet {

struct LogHostStats {
  std::array<uint64_t, kLanes.size()> changes{};  // acknowledged, by Lane; heartbeats and edges do not count
  uint64_t retries = 0;                           // calls of the log that failed and were tried again
  uint64_t refused = 0;                           // events that travelled without what they held
};

class LogConnectorHost final : public ConnectorHost {
 public:
  struct Parts {
    log::Log& log;
    const KeyRing& keys;
    const Clock& clock;
  };
  struct Options {
    NativeNames::Options names;
    uint32_t partitions = 8;
    LogWriter::Options writer;
    RateOptions rate;                      // of content
    std::filesystem::path signals;         // an operator's wishes (signals.h); empty: none
    RandomBits random = SystemRandomBits;  // of trace ids
    double trace_sample = 1;               // the share of traces that are told to a collector
  };
  // The parts outlive the host.
  LogConnectorHost(Parts parts, Options options);

  Status Publish(std::vector<ChangeEvent> events, Lane lane) override;
  Status PublishHeartbeat(Time time, std::span<const Lane> lanes) override;
  Result<std::map<std::string, std::string>> LoadPositions() override { return positions_.Load(); }
  Status SavePositions(const PositionTopic::Changes& positions) override { return positions_.Save(positions); }

  const Clock& clock() const override { return parts_.clock; }
  bool stopping() const override { return stop_.stopped() || paused(); }
  uint64_t snapshot_request() const override { return signals_.state().snapshots; }
  bool wanted_again(const DocumentId& document, Time changed) const override {
    const auto named = [&] { return names_.Document(document.value).value; };
    return signals_.WantsAgain(snapshot_request(), named, changed);
  }
  bool over_rate() const override { return rate_.Wait(parts_.clock.Now()) > Duration(0); }
  void Sleep(Duration limit) override { stop_.Sleep(limit); }

  // From now on everything ends as soon as it can.
  void Stop() { stop_.Stop(); }
  bool stopped() const { return stop_.stopped(); }
  // An operator wants it to rest: Run ends, what it had begun to publish is published.
  bool paused() const { return signals_.state().paused; }
  LogHostStats stats() const;

 private:
  void Fill(ChangeEvent& event);
  Result<std::string> Encode(ChangeEvent& event, size_t most_bytes);
  void KeepRate(RateLimit::Amount amount, Lane lane);
  Status Add(ChangeEvent event, Lane lane);
  Status AddToAll(ChangeEvent event, Topic to);

  const Parts parts_;
  const Options options_;
  const NativeNames names_;
  const SourceSignals signals_;
  RateLimit rate_;       // of all content
  RateLimit live_rate_;  // of that on the live lane, which does not wait for a backfill's
  StopSignal stop_;
  LogWriter writer_;
  PositionTopic positions_;
  std::array<std::atomic<uint64_t>, kLanes.size()> changes_{};
  std::atomic<uint64_t> refused_{0};
};

}  // namespace freshet

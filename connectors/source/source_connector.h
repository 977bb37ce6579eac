// SourceConnector: drives a Source, and keeps the contract of connectors/README.md for it.
//
//   SourceConnector connector(std::make_unique<Feed>(options), {.heartbeat = 250ms});
//   connector.Run(host);
//
// A turn: a batch of the snapshot if one is open, then a batch of the stream. Each is published, on the backfill lane
// or on the live one, in the order given; then its position is stored, at the latest after Options::save; then it is
// acknowledged to the source. A crash between any two of these repeats, and loses nothing.
//
//   key       := "epoch" | "position" | "snapshot" | "begun" | "request" | "n/" key of a note
//   epoch     := 8 bytes, big-endian: larger than in every earlier run and than the clock's seconds
//   snapshot  := "" | "done" | begin:version cursor      none: one is wanted
//   begun     := version: SourceStart::begun
//   request   := 8 bytes: the last request for a snapshot that was taken up
//
// While the host says that the source is over its rate, a snapshot rests and the stream goes on.
//
// Versions that the source does not give are (epoch, count, 0). Heartbeats go out where the source says up to when its
// batches are complete; on the backfill lane only while no snapshot is open. Codes: the source's and the host's; after
// any the next Step begins a new run from the stored positions. One thread.
#pragma once

#include <memory>

#include "connectors/connector.h"
#include "connectors/source/source.h"

namespace freshet {

class SourceConnector final : public Connector {
 public:
  struct Options {
    Duration heartbeat = std::chrono::milliseconds(250);  // between two; less: more records in the log
    Duration save = std::chrono::milliseconds(100);       // a position is stored this long after its batch
    Duration wait = std::chrono::milliseconds(50);        // of Stream: how long a stop may go unnoticed
  };
  SourceConnector(std::unique_ptr<Source> source, Options options);
  explicit SourceConnector(std::unique_ptr<Source> source) : SourceConnector(std::move(source), Options()) {}
  ~SourceConnector() override;

  Status Check() override { return source_->Check(); }
  Result<Upsert> Fetch(const DocumentId& document) override { return source_->Fetch(document); }
  Status List(const std::function<Status(const std::string& id)>& take) override { return source_->List(take); }
  Result<SourceHold> Hold() override { return source_->Hold(); }
  Status Run(ConnectorHost& host) override;
  Result<bool> Step(ConnectorHost& host) override;

 private:
  using Rows = std::vector<std::pair<std::string, std::optional<std::string>>>;
  struct OpenSnapshot {
    bool begun = false;
    Version begin;
    std::string cursor;
  };

  Result<bool> Turn(ConnectorHost& host, Duration wait);
  Status Open(ConnectorHost& host);
  void Close();
  void ResumeSnapshot(const std::string& row);
  Status WantSnapshot(ConnectorHost& host);
  Status TakeRequest(ConnectorHost& host);
  Result<bool> SnapshotTurn(ConnectorHost& host);
  Status BeginSnapshot(const SourceBatch& batch, ConnectorHost& host);
  Status EndSnapshot(ConnectorHost& host);
  Status PublishEdge(SnapshotEdge::Side side, ConnectorHost& host);
  Result<bool> StreamTurn(ConnectorHost& host, Duration wait);
  Status Publish(std::vector<ChangeEvent> events, Lane lane, ConnectorHost& host);
  Status SaveIfDue(ConnectorHost& host, bool at_once);
  Status Save(ConnectorHost& host);
  Status Beat(ConnectorHost& host);
  Version NextVersion() { return {epoch_, ++count_, 0}; }

  const std::unique_ptr<Source> source_;
  const Options options_;

  bool open_ = false;
  uint64_t epoch_ = 0;
  uint64_t count_ = 0;
  uint64_t request_ = 0;  // the last one that was taken up
  std::optional<OpenSnapshot> snapshot_;
  Rows unsaved_;
  std::string unsaved_position_;
  Time first_unsaved_;
  std::optional<Time> complete_up_to_;
  Time next_beat_;
};

}  // namespace freshet

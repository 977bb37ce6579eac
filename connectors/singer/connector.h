// TapSource: documents out of what a Singer tap or an Airbyte source writes to standard output (README.md).
//
//   SourceConnector connector(std::make_unique<TapSource>(options, mapping));
//
// The tap runs again and again as a child process. A run without a state lists everything: a snapshot, whose end
// deletes what it did not mention. A run with a state tells what changed: the stream. The newest state that the tap has
// written goes with what it wrote before it, and is stored once the log has acknowledged that. A tap that ends with
// another status than 0, or says that it does not tell all, ends the run of the source: it begins anew, where the
// stored state says.
//
// ACTIVATE_VERSION: where a run with a state began a new version of every stream that documents are mapped of, and ends
// well with each of them activated, what it did not mention is deleted as by a snapshot.
//
// Codes: configuration (the tap cannot be started, a schema that does not fit), unavailable (the tap failed), timeout
// (it said nothing for `silence`). One thread.
#pragma once

#include <memory>
#include <set>

#include "connectors/connector.h"
#include "connectors/singer/child.h"
#include "connectors/singer/decoder.h"
#include "connectors/singer/known.h"
#include "connectors/singer/position.h"
#include "connectors/source/source.h"

namespace freshet::singer {

class TapSource final : public Source {
 public:
  TapSource(SingerOptions options, rows::Mapping mapping);
  ~TapSource() override { Close(); }

  Status Check() override;
  SnapshotPolicy snapshot_policy() const override { return SnapshotPolicy::kOnce; }
  Status Open(SourceStart start) override;
  void Close() override;
  Result<SourceBatch> Snapshot(const std::string& cursor) override;
  Result<SourceBatch> Stream(Duration wait) override;

 private:
  struct Run {
    bool lists_all = false;
    std::unique_ptr<Child> child;
    Time begun;
    std::chrono::steady_clock::time_point heard;  // when it last wrote something
    Version begin;
    std::map<std::string, int64_t> earlier;  // versions of streams that were begun before this run
    std::set<std::string> activated;         // streams of which a version that this run began was activated last
    bool renewed = false;                    // it began some
    bool told = false;                       // a state that no batch has carried yet
    bool said = false;                       // anything at all that counts
    std::optional<std::chrono::steady_clock::time_point> ended;  // not well
    bool failed = false;                                         // it said so
    uint64_t ignored = 0;                                        // lines that are no messages
  };

  Status Start(bool lists_all, const Position& from);
  // What the tap writes within `wait`, to `out`. True: the run has ended well.
  Result<bool> Pump(Duration wait, SourceBatch& out);
  Status Take(const std::string& line);
  void TakeVersion(const Message& message);
  Status EndOf(const Run& run) const;
  Status Heard(bool something);
  void Settle(std::vector<ChangeEvent>& events);
  void AddUnmentioned(SourceBatch& out) const;
  bool WantsListing(Time now) const;
  void TellPosition(const Position& position, SourceBatch& out);

  const SingerOptions options_;
  const rows::Mapping mapping_;
  MessageReader reader_;
  const Clock* clock_ = nullptr;
  std::unique_ptr<Decoder> decoder_;
  Position position_;
  Known known_;
  std::unique_ptr<Run> run_;
  Time next_run_;
  std::optional<Time> complete_;  // to be told
  bool untold_ = false;           // the position is to be told
  std::string told_;              // the last one that was
  bool relist_ = false;
  bool our_listing_ = false;  // the next snapshot is one that this source asked for
};

// configuration: the options are wrong.
Result<std::unique_ptr<Connector>> MakeSingerConnector(const ConfigNode& options);

}  // namespace freshet::singer

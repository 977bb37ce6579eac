// Source: what the author of a connector writes. Five functions, called by one thread, never two at once:
//
//   Check        can this configuration work? Changes nothing.
//   Snapshot     the next batch of everything that is there now
//   Stream       the next batch of what changed since
//   Fetch        one document as it is now
//   Acknowledge  what was handed out up to this position is durable: let it go
//
//   class Feed final : public Source { ... };                            // connectors/<name>/connector.h
//   return std::make_unique<SourceConnector>(std::make_unique<Feed>(options));
//
// SourceConnector (source_connector.h) does everything else: it publishes, stores positions after that, gives versions
// to those that have none, sends heartbeats and snapshot edges, and begins anew after errors. A batch holds about
// kMostBatchBytes, whatever the source's size: what is not asked for waits in the source.
//
// Codes: any. `retry` codes (unavailable, timeout) end the run, which begins anew with backoff; `halt` codes
// (configuration) end it for good. A document that cannot be read is no error: it is an Upsert with `refused` set.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/connector.h"

namespace freshet {

inline constexpr size_t kMostBatchBytes = 4u << 20;
inline constexpr size_t kMostBatchEvents = 1024;

struct SourceBatch {
  // In the order in which they are to be published (README.md: an access list before the content that it is for).
  // origin: document; version, where the source has versions of its own, else all 0; committed, else now.
  std::vector<ChangeEvent> events;
  // Where the source is after these events: small, opaque, stored once they are durable. Empty: as it was. A stream
  // says where it is in its first batch, also where that is empty: a run without a position begins with a snapshot.
  std::string position;
  // Stored with the position, given back by Open: rows that the source wants to remember. Nothing: forget the key.
  std::vector<std::pair<std::string, std::optional<std::string>>> notes;
  // Everything that was committed up to this time is in this batch or in an earlier one.
  std::optional<Time> complete_up_to;

  // Of a snapshot. The first batch: what the sink has below this version and does not see mentioned is deleted at the
  // end. All 0: the driver's next version. Else above SourceStart::begun, and above those of this run.
  bool first = false;
  Version begin;
  bool done = false;  // the last batch
  // Of a stream: from here on changes are missing (a slot, a retention was lost): take a snapshot.
  bool snapshot_wanted = false;
};

enum class SnapshotPolicy : uint8_t {
  kNever,     // the source cannot be listed: it pushes
  kOnce,      // when nothing is remembered, or when asked for; later the stream goes on where it was
  kEachOpen,  // there is no stream to go on with: what changed while nobody looked is found by listing
};

// What a run begins with.
struct SourceStart {
  const Clock* clock = nullptr;
  uint64_t epoch = 0;    // larger than in every earlier run, and stored
  std::string position;  // that of the last stored batch of the stream; empty: none
  std::map<std::string, std::string> notes;
  // The begin that the newest snapshot of a source with versions of its own may have told, though the run died right
  // there: the sink takes no edges of a snapshot that began below. 0: none.
  Version begun;
  // Run is to return. Any thread, until Close: for a source whose calls may wait for long.
  std::function<bool()> stopping = [] { return false; };
  // Within Open: the stored position counts no more, also after a crash at the next instruction. Before the source
  // makes anew what the position speaks of, as it could not be told from the old one.
  std::function<Status()> forget_position = [] { return OkStatus(); };
};

class Source {
 public:
  virtual ~Source() = default;

  // configuration, unavailable, permission_denied: with what is wrong and what the source's owner can do.
  virtual Status Check() = 0;
  virtual SnapshotPolicy snapshot_policy() const = 0;

  // Once before the other functions, and again after Close.
  virtual Status Open(SourceStart start) = 0;
  // The run is over, for an error or for good. What was handed out and not acknowledged may be handed out again.
  virtual void Close() = 0;

  // `cursor` is the position of the batch before; empty: begin. A source that cannot go on there begins again, with
  // `first` set. The stream is read between two batches: a batch's version lies above all that was committed before it
  // was read and below all that is committed after its read began (DBLog's low watermark), so that what the stream
  // brings wins. A snapshot may be asked for at any time, also while one is under way.
  virtual Result<SourceBatch> Snapshot(const std::string& cursor) {
    (void)cursor;
    return Status(Code::kUnsupportedChange, "This source cannot be listed");
  }
  // Returns as soon as there is something, at the latest after `wait`.
  virtual Result<SourceBatch> Stream(Duration wait) = 0;
  // not_found: there is no such document. unsupported_change: this source cannot be asked.
  virtual Result<Upsert> Fetch(const DocumentId& document) {
    (void)document;
    return Status(Code::kUnsupportedChange, "This source cannot be asked for one document");
  }
  // The native id of every document that is there now; may be called while another object of the class is open.
  // unsupported_change: this source cannot be listed so.
  virtual Status List(const std::function<Status(const std::string& id)>& take) {
    (void)take;
    return Status(Code::kUnsupportedChange, "This source cannot be listed beside its running connector");
  }
  // What the source keeps until it is acknowledged. The one function that any thread may call, whatever the others do:
  // it opens what it needs. unsupported_change: the source keeps nothing.
  virtual Result<SourceHold> Hold() { return Status(Code::kUnsupportedChange, "This source keeps nothing for us"); }
  // A position of the stream is stored, and all before it is durable in the log. For batches without a position:
  // once each, with an empty one, as soon as its events are durable.
  virtual Status Acknowledge(const std::string& position) {
    (void)position;
    return OkStatus();
  }
};

}  // namespace freshet

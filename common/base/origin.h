// Where a record comes from and when each step had it: in clear at every hop, coordinates and no content.
#pragma once

#include <array>
#include <string>

#include "common/base/clock.h"
#include "common/base/ids.h"
#include "common/base/version.h"

namespace freshet {

// Edits as they happen; snapshots and re-runs; deletes, access, groups, consent, withhold and release.
enum class Lane : uint8_t { kUrgent, kLive, kBackfill };
inline constexpr std::array kLanes = {Lane::kUrgent, Lane::kLive, Lane::kBackfill};
std::string_view NameOf(Lane lane);  // "urgent", "live", "backfill"

// The steps of a change's journey that stamp it, in order.
enum class Step : uint8_t { kCaptured, kDeid, kChunk, kEmbed, kIndex };
inline constexpr size_t kStepCount = 5;
std::string_view NameOf(Step step);  // "captured", "deid", ...

struct Origin {
  SourceName source;
  CollectionName collection;
  DocumentId document;  // empty in a heartbeat, a group and other changes of no document
  Version version;
  Revision revision;
  Time committed;                         // in the source
  std::array<Time, kStepCount> stamps{};  // when each step was done with it; the epoch where not reached
  std::string traceparent;                // W3C trace context, may be empty
  uint32_t generation = 1;                // of the index that this record is made for

  Time& StampOf(Step step) { return stamps[static_cast<size_t>(step)]; }
  Time StampOf(Step step) const { return stamps[static_cast<size_t>(step)]; }
};

// A document among all sources of a tenant.
struct DocumentKey {
  SourceName source;
  CollectionName collection;
  DocumentId document;

  auto operator<=>(const DocumentKey&) const = default;
};
inline DocumentKey KeyOf(const Origin& origin) { return {origin.source, origin.collection, origin.document}; }

// Which topic a record lies in, as a number: freshet::Topic has the names.
using Stream = StrongNumber<struct StreamTag, uint8_t>;

// Where in the log an envelope comes from: the last durable record that it was made of. Progress is counted in these.
struct Position {
  Stream stream;
  Partition partition;
  Offset offset;
  auto operator<=>(const Position&) const = default;
};

}  // namespace freshet

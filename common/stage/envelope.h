// Envelope<Body>: what a hop between two steps carries for every input: its body, or what became of it.
//
//   Envelope<CleanDocument> out{.origin = in.origin, .payload = Skipped{Code::kBinaryContent, Step::kDeid}};
//
// Accounting closes because each input of a step yields exactly one envelope (DESIGN §2).
#pragma once

#include <variant>

#include "common/base/origin.h"
#include "common/base/status.h"

namespace freshet {

// This version has no content downstream, and why.
struct Skipped {
  Code code = Code::kInternalError;
  Step stage = Step::kDeid;
};

// Everything that the source committed up to this time has been published on this partition of this lane.
struct Heartbeat {
  Time committed_up_to;
};

// The sink deletes, at the end, what the snapshot did not mention and whose version is below its begin.
struct SnapshotEdge {
  enum class Side : uint8_t { kBegin, kEnd };
  Side side = Side::kBegin;
  Version begin_version;
};

// A snapshot mentions a document that has not changed: its content need not travel again.
struct Present {};

// Inputs of which not even the coordinates are left: records that retention took, or that no decoder reads.
struct Lost {
  Code code = Code::kCorruptRecord;
  uint64_t count = 1;        // offsets from the arrival's position on
  Step stage = Step::kDeid;  // that found them gone
};

template <class Body>
struct Envelope {
  Origin origin;
  std::variant<Body, Skipped, Heartbeat, SnapshotEdge, Present, Lost> payload;

  const Body* body() const { return std::get_if<Body>(&payload); }
};

template <class Body>
struct Arrival {
  Envelope<Body> envelope;
  Position position;
  uint64_t tenure = 0;  // under which it was read (log::Consumer)
};

}  // namespace freshet

#include "schemas/envelope_wire.h"

namespace freshet::wire {

void ToWire(const Skipped& skipped, v1::Skipped* out) {
  out->set_code(std::string(NameOf(skipped.code)));
  out->set_stage(std::string(NameOf(skipped.stage)));
}

Skipped FromWire(const v1::Skipped& in) {
  const Code code = CodeFromName(in.code());
  return {.code = code == Code::kOk ? Code::kInternalError : code, .stage = StepFromName(in.stage())};
}

void ToWire(const Heartbeat& heartbeat, v1::Heartbeat* out) {
  out->set_committed_up_to_us(ToMicros(heartbeat.committed_up_to));
}

Heartbeat FromWire(const v1::Heartbeat& in) { return {.committed_up_to = FromMicros(in.committed_up_to_us())}; }

void ToWire(const SnapshotEdge& edge, v1::SnapshotEdge* out) {
  out->set_side(edge.side == SnapshotEdge::Side::kBegin ? v1::SnapshotEdge::BEGIN : v1::SnapshotEdge::END);
  ToWire(edge.begin_version, out->mutable_begin_version());
}

Result<SnapshotEdge> FromWire(const v1::SnapshotEdge& in) {
  if (!v1::SnapshotEdge::Side_IsValid(in.side())) return UnknownKind();
  return SnapshotEdge{
      .side = in.side() == v1::SnapshotEdge::BEGIN ? SnapshotEdge::Side::kBegin : SnapshotEdge::Side::kEnd,
      .begin_version = FromWire(in.begin_version())};
}

namespace {

void PutControl(const Heartbeat& heartbeat, v1::Control* out) { ToWire(heartbeat, out->mutable_heartbeat()); }
void PutControl(const SnapshotEdge& edge, v1::Control* out) { ToWire(edge, out->mutable_snapshot_edge()); }
void PutControl(const Present&, v1::Control* out) { out->mutable_present(); }
void PutControl(const Lost& lost, v1::Control* out) {
  out->mutable_lost()->set_code(std::string(NameOf(lost.code)));
  out->mutable_lost()->set_count(lost.count);
  out->mutable_lost()->set_stage(std::string(NameOf(lost.stage)));
}

}  // namespace

void ToWire(const ControlKind& control, v1::Control* out) {
  std::visit([out](const auto& kind) { PutControl(kind, out); }, control);
}

Result<ControlKind> FromWire(const v1::Control& in) {
  switch (in.kind_case()) {
    case v1::Control::kHeartbeat:
      return ControlKind(FromWire(in.heartbeat()));
    case v1::Control::kSnapshotEdge: {
      FRESHET_ASSIGN_OR_RETURN(SnapshotEdge edge, FromWire(in.snapshot_edge()));
      return ControlKind(edge);
    }
    case v1::Control::kPresent:
      return ControlKind(Present{});
    case v1::Control::kLost:
      return ControlKind(Lost{.code = CodeFromName(in.lost().code()),
                              .count = in.lost().count(),
                              .stage = StepFromName(in.lost().stage())});
    case v1::Control::KIND_NOT_SET:
      break;
  }
  return UnknownKind();
}

}  // namespace freshet::wire

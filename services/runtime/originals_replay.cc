#include "services/runtime/originals_replay.h"

namespace freshet {

Result<std::unique_ptr<OriginalsReplay>> OriginalsReplay::Open(const HopContext& context,
                                                               const deid::Originals& originals) {
  auto replay = std::make_unique<OriginalsReplay>();
  const deid::Covered covered = originals.covered();
  for (const Lane lane : kContent) {
    const Topic topic = InputOf(Step::kDeid, lane);
    LaneReader reader;
    const auto start = [&](Partition partition) {
      const Offset end = context.store->NextOffset(StreamOf(topic), partition);
      const auto kept = covered.find({StreamOf(topic), partition});
      const Offset from = kept == covered.end() ? Offset(0) : std::min(kept->second, end);
      if (from < end) reader.ends[partition] = end;
      return from;
    };
    FRESHET_ASSIGN_OR_RETURN(reader.consumer, OpenReader(context, topic, Step::kDeid, start));
    if (reader.ends.empty()) continue;
    reader.receiver = MakeReceiver<Upsert>(
        context, topic, Step::kDeid, reader.consumer,
        [keys = context.parts.keys](const log::Delivered& record) { return DecodeUpsert(record, *keys); });
    replay->lanes_.push_back(std::move(reader));
  }
  return replay;
}

Result<std::vector<Arrival<Upsert>>> OriginalsReplay::Next() {
  if (!kept_ || lanes_.empty()) return batch_;
  LaneReader& lane = lanes_.back();
  FRESHET_ASSIGN_OR_RETURN(batch_, lane.receiver->Receive({}));
  for (const Arrival<Upsert>& arrival : batch_) {
    const auto end = lane.ends.find(arrival.position.partition);
    if (end != lane.ends.end() && arrival.position.offset.value + 1 >= end->second.value) lane.ends.erase(end);
  }
  // Retention may have taken what lies before the end.
  if (lane.ends.empty() || (batch_.empty() && lane.consumer->AtEnd())) lanes_.pop_back();
  kept_ = false;
  return batch_;
}

}  // namespace freshet

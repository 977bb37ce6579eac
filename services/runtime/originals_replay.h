// OriginalsReplay: what power loss took from the originals, read again from the log.
//
//   OriginalsReplay replay(readers);                     // from what is covered up to where the sink goes on
//   while (!replay.done()) { Keep(*replay.Next()); replay.Kept(); }    // before anything newer is kept
//
// Where de-identification runs fused into the sink, originals are written without waiting for the disk: a live edit
// waits for it once, in the log. So after power loss the sink may be ahead of them; retention leaves in the log what
// they have not made durable (open_stores.h). Internal to runtime. One thread.
#pragma once

#include "services/deid/originals.h"
#include "services/runtime/hops.h"

namespace freshet {

class OriginalsReplay {
 public:
  static Result<std::unique_ptr<OriginalsReplay>> Open(const HopContext& context, const deid::Originals& originals);

  bool done() const { return lanes_.empty() && kept_; }
  // A batch in the order of its partitions; the same one until Kept.
  Result<std::vector<Arrival<Upsert>>> Next();
  void Kept() { kept_ = true; }

 private:
  struct LaneReader {
    std::shared_ptr<log::Consumer> consumer;
    std::unique_ptr<Receiver<Upsert>> receiver;
    std::map<Partition, Offset> ends;  // of the partitions that are not there yet
  };

  std::vector<LaneReader> lanes_;
  std::vector<Arrival<Upsert>> batch_;
  bool kept_ = true;
};

}  // namespace freshet

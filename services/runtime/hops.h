// The hops of a pipeline as its plan has them: queues in memory, or topics with their codecs. Internal to runtime.
//
//   ContentHop<CleanDocument> hop(context, Step::kDeid);   // between deid and the step after it
//   hop.sender(Lane::kLive)    hop.receiver(Lane::kLive)
#pragma once

#include <array>
#include <memory>

#include "common/stage/topic_hop.h"
#include "schemas/codec.h"
#include "services/deid/originals.h"
#include "services/runtime/runtime.h"

namespace freshet {

inline constexpr std::array kContent = {Lane::kLive, Lane::kBackfill};

// What the workers of a runtime sleep on: one a step, and one more for what embeds backfills beside what is live.
using StepWakers = std::array<Waker, kStepCount + 1>;

// What all hops of a runtime are made with.
struct HopContext {
  const RuntimeOptions& options;
  const RuntimeParts& parts;
  StepWakers& wakers;
  const store::IndexStore* store = nullptr;  // null where the sink is elsewhere
  deid::Originals* originals = nullptr;      // null where none are kept here

  Waker* WakerOf(Step step, Lane lane) const {
    const bool beside = step == Step::kEmbed && lane == Lane::kBackfill;
    return &wakers[beside ? kStepCount : static_cast<size_t>(step)];
  }
  std::string NameOf(Topic topic) const { return TopicName(options.tenant, topic); }
  // Whether the originals have a disk's wait of their own to make: the run that keeps them ends in the sink.
  bool originals_follow() const { return options.plan.HeadOf(Step::kIndex) == Step::kDeid; }
  // "freshet.<tenant>.deid.live": the consumer group of a fused run, by the step at its head.
  std::string GroupOf(Step head, Lane lane) const;
  // That reads all deletes for these originals: one that no other process joins.
  std::string DeletesGroup(const deid::Originals& originals) const;
};

// Where a fused run reads its input: as a member of its group, or, where the run ends in the sink, by itself from the
// sink's stored progress.
Result<std::shared_ptr<log::Consumer>> OpenConsumer(const HopContext& context, Step head, Lane lane);
// A reader of a whole topic, from these offsets on.
Result<std::shared_ptr<log::Consumer>> OpenReader(const HopContext& context, Topic topic, Step reader,
                                                  const std::function<Offset(Partition)>& start);

// All partitions of a topic.
std::vector<log::TopicPartition> PartitionsOf(const HopContext& context, Topic topic);

Result<Envelope<Upsert>> DecodeUpsert(const log::Delivered& record, const KeyRing& keys);
Result<Envelope<UrgentChange>> DecodeUrgent(const log::Delivered& record, const KeyRing& keys);
Result<Origin> DecodeOriginOf(const log::Delivered& record);

// How a body travels in a topic.
template <class Body>
struct Codec;
template <>
struct Codec<CleanDocument> {
  static constexpr auto Encode = &EncodeClean;
  static constexpr auto Decode = &DecodeClean;
};
template <>
struct Codec<ChunkedDocument> {
  static constexpr auto Encode = &EncodeChunked;
  static constexpr auto Decode = &DecodeChunked;
};
template <>
struct Codec<EmbeddedDocument> {
  static constexpr auto Encode = &EncodeEmbedded;
  static constexpr auto Decode = &DecodeEmbedded;
};

template <class Body>
Result<Envelope<Body>> DecodeBody(const log::Delivered& record, const KeyRing& keys) {
  if (!record.value) return Status(Code::kCorruptRecord, "a record without a value");
  return Codec<Body>::Decode(*record.value, keys);
}

template <class Body>
std::unique_ptr<Receiver<Body>> MakeReceiver(const HopContext& context, Topic topic, Step reader,
                                             std::shared_ptr<log::Consumer> consumer,
                                             std::function<Result<Envelope<Body>>(const log::Delivered&)> decode) {
  return std::make_unique<TopicReceiver<Body>>(
      std::move(consumer), TopicReceiverOptions<Body>{.streams = {{context.NameOf(topic), StreamOf(topic)}},
                                                      .decode = std::move(decode),
                                                      .decode_origin = &DecodeOriginOf,
                                                      .step = reader});
}

// The hop behind `step`. Ends that do not run in this process are null.
template <class Body>
class ContentHop {
 public:
  // `heads`: the consumers of the fused runs in this process, by head and lane; a durable hop's progress is theirs.
  using Consumers = std::map<std::pair<Step, Lane>, std::shared_ptr<log::Consumer>>;

  Status Open(const HopContext& context, Step step, Consumers& consumers) {
    const Step next = static_cast<Step>(static_cast<size_t>(step) + 1);
    for (const Lane lane : kContent) {
      if (context.options.plan.IsFused(step)) {
        fused_[Index(lane)] = std::make_unique<FusedHop<Body>>(context.options.queue_bytes, context.WakerOf(next, lane),
                                                               context.WakerOf(step, lane));
        continue;
      }
      if (context.options.steps.contains(step)) OpenSender(context, step, lane, consumers);
      if (context.options.steps.contains(next)) {
        FRESHET_RETURN_IF_ERROR(OpenReceiver(context, next, lane, consumers));
      }
    }
    return OkStatus();
  }

  Sender<Body>* sender(Lane lane) {
    return fused_[Index(lane)] ? static_cast<Sender<Body>*>(fused_[Index(lane)].get()) : senders_[Index(lane)].get();
  }
  Receiver<Body>* receiver(Lane lane) {
    return fused_[Index(lane)] ? static_cast<Receiver<Body>*>(fused_[Index(lane)].get())
                               : receivers_[Index(lane)].get();
  }
  // Where the hop is durable and the step before it runs here: how far that step's run is; else null.
  const GroupProgress* progress(Lane lane) const { return progress_[Index(lane)].get(); }
  // Bytes waiting in memory.
  size_t bytes(Lane lane) const { return fused_[Index(lane)] ? fused_[Index(lane)]->bytes() : 0; }
  Status Flush() {
    for (auto& progress : progress_) {
      if (progress) FRESHET_RETURN_IF_ERROR(progress->Commit());
    }
    return OkStatus();
  }

 private:
  static size_t Index(Lane lane) { return lane == Lane::kBackfill ? 1 : 0; }

  void OpenSender(const HopContext& context, Step step, Lane lane, Consumers& consumers) {
    const Step head = context.options.plan.HeadOf(step);
    const Topic read = InputOf(head, lane);
    const Topic written = InputOf(static_cast<Step>(static_cast<size_t>(step) + 1), lane);
    progress_[Index(lane)] =
        std::make_shared<GroupProgress>(context.parts.log, consumers.at({head, lane}), context.parts.clock,
                                        GroupProgress::Options{.group = context.GroupOf(head, lane),
                                                               .topics = {{StreamOf(read), context.NameOf(read)}}});
    senders_[Index(lane)] = std::make_unique<TopicSender<Body>>(
        context.parts.log, TopicSenderOptions<Body>{.topic = context.NameOf(written),
                                                    .key = [](const Origin& origin) { return RecordKey(origin); },
                                                    .encode =
                                                        [keys = context.parts.keys](const Envelope<Body>& envelope) {
                                                          return Codec<Body>::Encode(envelope, *keys);
                                                        },
                                                    .step = step,
                                                    .progress = progress_[Index(lane)]});
  }

  Status OpenReceiver(const HopContext& context, Step next, Lane lane, Consumers& consumers) {
    FRESHET_ASSIGN_OR_RETURN(auto consumer, OpenConsumer(context, next, lane));
    consumers[{next, lane}] = consumer;
    receivers_[Index(lane)] = MakeReceiver<Body>(
        context, InputOf(next, lane), next, std::move(consumer),
        [keys = context.parts.keys](const log::Delivered& record) { return DecodeBody<Body>(record, *keys); });
    return OkStatus();
  }

  std::array<std::unique_ptr<FusedHop<Body>>, 2> fused_;
  std::array<std::unique_ptr<Sender<Body>>, 2> senders_;
  std::array<std::unique_ptr<Receiver<Body>>, 2> receivers_;
  std::array<std::shared_ptr<GroupProgress>, 2> progress_;
};

}  // namespace freshet

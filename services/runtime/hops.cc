#include "services/runtime/hops.h"

#include "common/base/overloaded.h"

namespace freshet {
namespace {

Status Unsupported() { return Status(Code::kUnsupportedChange, "a change that this lane does not carry"); }

Result<ChangeEvent> DecodeEvent(const log::Delivered& record, const KeyRing& keys) {
  if (!record.value) return Status(Code::kCorruptRecord, "a record without a value");
  return DecodeChange(*record.value, keys);
}

}  // namespace

std::string HopContext::GroupOf(Step head, Lane lane) const {
  return "freshet." + options.tenant.value + "." + std::string(freshet::NameOf(head)) + "." +
         std::string(freshet::NameOf(lane));
}

std::string HopContext::DeletesGroup(const deid::Originals& originals) const {
  return GroupOf(Step::kDeid, Lane::kUrgent) + "." + originals.name();
}

std::vector<log::TopicPartition> PartitionsOf(const HopContext& context, Topic topic) {
  std::vector<log::TopicPartition> partitions;
  for (uint32_t i = 0; i < context.options.partitions; ++i) partitions.push_back({context.NameOf(topic), Partition(i)});
  return partitions;
}

Result<std::shared_ptr<log::Consumer>> OpenReader(const HopContext& context, Topic topic, Step reader,
                                                  const std::function<Offset(Partition)>& start) {
  std::vector<std::pair<log::TopicPartition, Offset>> starts;
  for (uint32_t i = 0; i < context.options.partitions; ++i) {
    starts.push_back({{context.NameOf(topic), Partition(i)}, start(Partition(i))});
  }
  FRESHET_ASSIGN_OR_RETURN(auto consumer,
                           context.parts.log.Assign(std::move(starts), context.WakerOf(reader, Lane::kLive)));
  return std::shared_ptr<log::Consumer>(std::move(consumer));
}

Result<std::shared_ptr<log::Consumer>> OpenConsumer(const HopContext& context, Step head, Lane lane) {
  const Topic topic = InputOf(head, lane);
  if (context.options.plan.HeadOf(Step::kIndex) != head) {
    FRESHET_ASSIGN_OR_RETURN(
        auto consumer,
        context.parts.log.Subscribe(context.GroupOf(head, lane), {context.NameOf(topic)}, context.WakerOf(head, lane)));
    return std::shared_ptr<log::Consumer>(std::move(consumer));
  }
  if (context.store == nullptr) {
    return Status(Code::kConfiguration, "a run of fused steps that ends in the index must hold the index");
  }
  return OpenReader(context, topic, head, [&](Partition p) { return context.store->NextOffset(StreamOf(topic), p); });
}

Result<Origin> DecodeOriginOf(const log::Delivered& record) {
  if (!record.value) return Status(Code::kCorruptRecord, "a record without a value");
  return DecodeOrigin(*record.value);
}

Result<Envelope<Upsert>> DecodeUpsert(const log::Delivered& record, const KeyRing& keys) {
  FRESHET_ASSIGN_OR_RETURN(ChangeEvent event, DecodeEvent(record, keys));
  using Decoded = Result<Envelope<Upsert>>;
  const auto as = [&](auto payload) -> Decoded {
    return Envelope<Upsert>{.origin = std::move(event.origin), .payload = std::move(payload)};
  };
  return std::visit(
      Overloaded{[&](Upsert& change) { return as(std::move(change)); }, [&](Heartbeat& change) { return as(change); },
                 [&](SnapshotEdge& change) { return as(change); }, [&](Present& change) { return as(change); },
                 [](auto&) -> Decoded { return Unsupported(); }},
      event.change);
}

Result<Envelope<UrgentChange>> DecodeUrgent(const log::Delivered& record, const KeyRing& keys) {
  FRESHET_ASSIGN_OR_RETURN(ChangeEvent event, DecodeEvent(record, keys));
  using Decoded = Result<Envelope<UrgentChange>>;
  return std::visit(Overloaded{[](Upsert&) -> Decoded { return Unsupported(); },
                               [](IdentityChange&) -> Decoded { return Unsupported(); },
                               [](SnapshotEdge&) -> Decoded { return Unsupported(); },
                               [](Present&) -> Decoded { return Unsupported(); },
                               [&](Heartbeat& change) -> Decoded {
                                 return Envelope<UrgentChange>{.origin = std::move(event.origin), .payload = change};
                               },
                               [&](auto& change) -> Decoded {
                                 return Envelope<UrgentChange>{.origin = std::move(event.origin),
                                                               .payload = UrgentChange(std::move(change))};
                               }},
                    event.change);
}

}  // namespace freshet

#include "services/runtime/open_stores.h"

#include <algorithm>

#include "common/log/bulk.h"
#include "common/store/recipe.h"
#include "common/telemetry/log.h"
#include "services/deid/rocks_originals.h"

namespace freshet {

std::vector<log::TopicSpec> TopicSpecs(const TenantName& tenant, uint32_t partitions, TopicRetention retention) {
  std::vector<log::TopicSpec> specs;
  for (const TopicRow& row : AllTopics()) {
    specs.push_back({.name = TopicName(tenant, row.topic),
                     .partitions = partitions,
                     .compacted = row.compacted,
                     .retention_time = retention.time,
                     .retention_bytes = retention.bytes,
                     .max_record_bytes = kMaxMessageBytes});
  }
  return specs;
}

index::IndexOptions IndexOptionsOf(const RuntimeOptions& runtime) {
  index::IndexOptions options{.store = runtime.store};
  options.store.path = runtime.data_dir + "/index";
  options.store.env = runtime.env;
  options.store.partitions = runtime.partitions;
  options.store.access_streams = {StreamOf(Topic::kChangesUrgent), StreamOf(Topic::kGroups)};
  options.store.content_streams = {SinkStream(runtime.plan, Lane::kLive), SinkStream(runtime.plan, Lane::kBackfill)};
  return options;
}

std::vector<GenerationRecipe> RecipesOf(const HopContext& context) {
  const RuntimeParts& parts = context.parts;
  std::vector<GenerationRecipe> recipes;
  if (parts.embedder == nullptr || parts.tokens == nullptr) return recipes;
  const chunk::ChunkOptions& chunk = context.options.chunk;
  recipes.push_back({RecipeName(*parts.embedder, chunk), parts.embedder, parts.tokens, chunk});
  if (parts.beside != nullptr) recipes.push_back(*parts.beside);
  return recipes;
}

std::vector<std::string> RecipeNamesOf(const HopContext& context) {
  const RuntimeOptions& options = context.options;
  std::vector<std::string> names;
  const auto add = [&names](std::string name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
  };
  const std::vector<GenerationRecipe> recipes = RecipesOf(context);
  for (const GenerationRecipe& recipe : recipes) add(recipe.name);
  for (size_t i = 0; i < recipes.size(); ++i) {
    for (const auto& [collection, policy] : options.policies) {
      const auto beside = options.beside_policies.find(collection);
      const bool is_beside = i > 0 && beside != options.beside_policies.end();
      add(store::WithPolicy(recipes[i].name, collection, is_beside ? beside->second->name : policy->name));
    }
  }
  return names;
}

Result<std::unique_ptr<index::Index>> OpenIndex(const HopContext& context) {
  index::IndexOptions options = IndexOptionsOf(context.options);
  const std::vector<GenerationRecipe> recipes = RecipesOf(context);
  for (const std::string& name : RecipeNamesOf(context)) {
    const auto made_by = std::find_if(recipes.begin(), recipes.end(), [&](const GenerationRecipe& recipe) {
      return recipe.name == store::BaseOf(name);
    });
    options.recipes.push_back({name, std::string(made_by->embedder->name())});
  }
  options.store.on_commit = [&metrics = context.parts.metrics](std::string_view store, Duration took) {
    metrics.HistogramOf<Metric::kIndexCommit>(store).Record(took);
  };
  return index::Index::Open(std::move(options), *context.parts.keys);
}

Result<std::unique_ptr<embed::VectorCache>> OpenCache(const HopContext& context) {
  const embed::CacheUse use = context.options.embed.cache;
  const bool wanted =
      use == embed::CacheUse::kOn || (use == embed::CacheUse::kAuto && context.parts.embedder->worth_caching());
  if (!wanted) return std::unique_ptr<embed::VectorCache>();
  return embed::OpenVectorCache({.path = context.options.data_dir + "/vector-cache", .env = context.options.env});
}

namespace {

Status OpenDeletes(const HopContext& context, DeidWorkerParts& parts) {
  const std::string group = context.DeletesGroup(*parts.originals);
  const std::string topic = context.NameOf(Topic::kChangesUrgent);
  FRESHET_ASSIGN_OR_RETURN(parts.deletes,
                           context.parts.log.Subscribe(group, {topic}, context.WakerOf(Step::kDeid, Lane::kLive)));
  parts.deletes_progress = std::make_unique<GroupProgress>(
      context.parts.log, parts.deletes, context.parts.clock,
      GroupProgress::Options{.group = group, .topics = {{StreamOf(Topic::kChangesUrgent), topic}}});
  return OkStatus();
}

}  // namespace

Result<DeidWorkerParts> OpenDeidParts(const HopContext& context) {
  DeidWorkerParts parts;
  FRESHET_ASSIGN_OR_RETURN(parts.stage, deid::Deid::Make());
  if (context.options.keep_originals) {
    FRESHET_ASSIGN_OR_RETURN(parts.originals, deid::OpenOriginals({.path = context.options.data_dir + "/originals",
                                                                   .keys = context.parts.keys,
                                                                   .env = context.options.env}));
    FRESHET_ASSIGN_OR_RETURN(parts.quarantine, deid::Quarantine::Open({.path = context.options.data_dir + "/quarantine",
                                                                       .keys = context.parts.keys,
                                                                       .env = context.options.env}));
  }
  FRESHET_ASSIGN_OR_RETURN(parts.identities,
                           OpenReader(context, Topic::kIdentities, Step::kDeid, [](Partition) { return Offset(0); }));
  FRESHET_ASSIGN_OR_RETURN(const log::Ranges identities,
                           log::RangesOf(context.parts.log, PartitionsOf(context, Topic::kIdentities)));
  for (const auto& [where, range] : identities) parts.identities_end[where.partition] = range.end;
  if (parts.originals) FRESHET_RETURN_IF_ERROR(OpenDeletes(context, parts));
  if (parts.originals && context.originals_follow()) {
    FRESHET_ASSIGN_OR_RETURN(parts.replay, OriginalsReplay::Open(context, *parts.originals));
  }
  return parts;
}

namespace {

// Who reads a topic: the sink, from its store, or a group.
struct Reader {
  Topic topic;
  std::string group;  // empty: the sink
};

std::vector<Reader> ReadersOf(const HopContext& context) {
  std::vector<Reader> readers = {{Topic::kChangesUrgent, ""}};
  if (context.originals != nullptr) {
    readers.push_back({Topic::kChangesUrgent, context.DeletesGroup(*context.originals)});
  }
  for (const Step step : context.options.steps) {
    if (context.options.plan.HeadOf(step) != step) continue;
    const bool ends_in_sink = context.options.plan.HeadOf(Step::kIndex) == step;
    for (const Lane lane : kContent) {
      readers.push_back({InputOf(step, lane), ends_in_sink ? "" : context.GroupOf(step, lane)});
    }
  }
  return readers;
}

// How far the reader's work is durable, by partition.
Result<std::map<log::TopicPartition, Offset>> DurableOf(const HopContext& context, const store::IndexStore& store,
                                                        const Reader& reader) {
  std::map<log::TopicPartition, Offset> durable;
  const auto partitions = PartitionsOf(context, reader.topic);
  if (reader.group.empty()) {
    for (const auto& row : partitions) durable[row] = store.DurableOffset(StreamOf(reader.topic), row.partition);
    return durable;
  }
  FRESHET_ASSIGN_OR_RETURN(const auto committed, log::CommittedOf(context.parts.log, reader.group, partitions));
  for (const auto& [partition, progress] : committed) durable[partition] = progress.next;
  return durable;
}

// What they have not made durable yet is replayed from the log after power loss.
void LeaveToOriginals(const HopContext& context, std::map<log::TopicPartition, Offset>& floors) {
  const deid::Covered durable = context.originals->durable();
  for (const Lane lane : kContent) {
    const Topic topic = InputOf(Step::kDeid, lane);
    for (uint32_t i = 0; i < context.options.partitions; ++i) {
      const auto kept = durable.find({StreamOf(topic), Partition(i)});
      const auto floor = floors.find({context.NameOf(topic), Partition(i)});
      if (floor == floors.end()) continue;
      floor->second = std::min(floor->second, kept == durable.end() ? Offset(0) : kept->second);
    }
  }
}

}  // namespace

// Up to where the slowest reader has made its work durable.
Status LetLogGo(const HopContext& context, const store::IndexStore& store) {
  std::map<log::TopicPartition, Offset> floors;
  for (const Reader& reader : ReadersOf(context)) {
    FRESHET_ASSIGN_OR_RETURN(const auto durable, DurableOf(context, store, reader));
    for (const auto& [partition, offset] : durable) {
      const auto [floor, is_new] = floors.try_emplace(partition, offset);
      if (!is_new) floor->second = std::min(floor->second, offset);
    }
  }
  if (context.originals != nullptr && context.originals_follow()) LeaveToOriginals(context, floors);
  for (const auto& [partition, floor] : floors) {
    FRESHET_RETURN_IF_ERROR(context.parts.log.SetRetentionFloor(partition, floor));
  }
  return OkStatus();
}

namespace {

// What waits of each lane before whom.
std::vector<std::pair<Lane, Reader>> WaitsOf(const HopContext& context) {
  std::vector<std::pair<Lane, Reader>> waits;
  if (context.store != nullptr) {
    waits.push_back({Lane::kUrgent, {Topic::kChangesUrgent, ""}});
    waits.push_back({Lane::kUrgent, {Topic::kGroups, ""}});
  }
  for (const StageRow& row : kPipeline) {
    if (context.options.plan.HeadOf(row.step) != row.step) continue;
    const bool ends_in_sink = context.options.plan.HeadOf(Step::kIndex) == row.step;
    if (ends_in_sink && context.store == nullptr) continue;
    for (const Lane lane : kContent) {
      waits.push_back({lane, {InputOf(row.step, lane), ends_in_sink ? "" : context.GroupOf(row.step, lane)}});
    }
  }
  return waits;
}

}  // namespace

Result<std::map<Lane, uint64_t>> BacklogOf(const HopContext& context) {
  const auto waits = WaitsOf(context);
  std::vector<log::TopicPartition> partitions;
  for (const auto& [lane, reader] : waits) {
    const auto more = PartitionsOf(context, reader.topic);
    partitions.insert(partitions.end(), more.begin(), more.end());
  }
  FRESHET_ASSIGN_OR_RETURN(const log::Ranges ranges, log::RangesOf(context.parts.log, partitions));
  std::map<Lane, uint64_t> backlog;
  for (const auto& [lane, reader] : waits) {
    const auto of_topic = PartitionsOf(context, reader.topic);
    log::AllProgress committed;
    if (!reader.group.empty()) {
      FRESHET_ASSIGN_OR_RETURN(committed, log::CommittedOf(context.parts.log, reader.group, of_topic));
    }
    for (const log::TopicPartition& row : of_topic) {
      const Offset next = reader.group.empty() ? context.store->NextOffset(StreamOf(reader.topic), row.partition)
                                               : committed.at(row).next;
      const Offset end = ranges.at(row).end;
      if (end > next) backlog[lane] += end.value - next.value;
    }
  }
  return backlog;
}

}  // namespace freshet

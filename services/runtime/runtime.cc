#include "services/runtime/runtime.h"

#include "common/log/bulk.h"
#include "common/store/recipe.h"
#include "common/telemetry/log.h"
#include "services/chunk/chunk.h"
#include "services/runtime/citations.h"
#include "services/runtime/dead_letter_writer.h"
#include "services/runtime/deid_worker.h"
#include "services/runtime/embed_lane.h"
#include "services/runtime/open_stores.h"
#include "services/runtime/recleaner.h"
#include "services/runtime/review.h"
#include "services/runtime/tell_gone.h"

namespace freshet {
namespace {

// It asks the log about every partition of every reader, on the sink's thread, and retention counts in hours.
constexpr Duration kLetGoEvery = std::chrono::seconds(10);

}  // namespace

// Members are in the order in which they are made; they go in the reverse one.
struct Runtime::State {
  RuntimeOptions options;
  RuntimeParts parts;
  StepWakers wakers;
  std::unique_ptr<index::Index> index;
  std::unique_ptr<embed::VectorCache> cache;
  HopContext context{options, parts, wakers};
  DeadLetterWriter dead_letters{parts, options.tenant};
  ContentHop<CleanDocument>::Consumers consumers;
  std::array<std::unique_ptr<Receiver<Upsert>>, 2> changes;
  ContentHop<CleanDocument> clean;
  ContentHop<ChunkedDocument> chunks;
  ContentHop<EmbeddedDocument> embedded;
  std::unique_ptr<Receiver<UrgentChange>> urgent;
  std::unique_ptr<Receiver<UrgentChange>> groups;
  std::map<std::pair<Topic, Partition>, Offset> urgent_end;  // at start
  std::unique_ptr<chunk::Chunker> chunker;
  std::unique_ptr<DeidWorker> deid_worker;
  std::unique_ptr<Review> review;
  std::unique_ptr<Citations> citations;
  std::unique_ptr<Recleaner> recleaner;
  std::unique_ptr<Runner<chunk::Chunker>> chunk_runner;
  std::vector<std::unique_ptr<EmbedLane>> embed_lanes;
  std::unique_ptr<ResidualGuard> guard;
  std::unique_ptr<GenerationBuilder> generations;
  std::unique_ptr<index::Sink> sink;

  State(RuntimeOptions given, RuntimeParts lent) : options(std::move(given)), parts(std::move(lent)) {}

  bool Has(Step step) const { return options.steps.contains(step); }

  RunnerOptions RunnerFor(Step step) {
    return {.clock = &parts.clock,
            .dead_letters = &dead_letters,
            .waker = context.WakerOf(step, Lane::kLive),
            .seed = options.seed + static_cast<uint64_t>(step)};
  }

  Status OpenHops();
  Status OpenChanges();
  Status OpenUrgent();
  Status MakeDeid();
  Status MakeChunk();
  Status MakeEmbed();
  void MakeGuard();
  Status MakeGenerations();
  void MakeSink();
  StageAccount AccountOfRun(Step step, Lane lane) const;
  Time let_go;  // when the log was last told what it may let go
  Status SyncOriginals() {
    if (context.originals == nullptr || context.originals->covered() == context.originals->durable()) return OkStatus();
    return context.originals->Sync();
  }
  void OnMaintained(store::IndexStore& store) {
    const Status synced = SyncOriginals();
    if (!synced.ok()) Log(LogLevel::kWarning, "Originals not synced.", {{"error", synced}});
    const Time now = parts.clock.Now();
    if (IsDue(let_go + kLetGoEvery, now, kLetGoEvery)) {
      let_go = now;
      const Status set = LetLogGo(context, store);
      if (!set.ok()) Log(LogLevel::kWarning, "Retention floor not set.", {{"error", set}});
    }
    const Status told = TellGone(context, store);
    if (!told.ok()) Log(LogLevel::kWarning, "Not told of documents that are gone.", {{"error", told}});
  }
};

namespace {

template <class StageType, class In, class Out>
std::vector<typename Runner<StageType>::Connection> Connect(In&& receiver, ContentHop<Out>& out) {
  std::vector<typename Runner<StageType>::Connection> connections;
  for (const Lane lane : kContent) connections.push_back({lane, receiver(lane), out.sender(lane)});
  return connections;
}

}  // namespace

Status Runtime::State::OpenChanges() {
  for (const Lane lane : kContent) {
    FRESHET_ASSIGN_OR_RETURN(auto consumer, OpenConsumer(context, Step::kDeid, lane));
    consumers[{Step::kDeid, lane}] = consumer;
    changes[lane == Lane::kBackfill] =
        MakeReceiver<Upsert>(context, InputOf(Step::kDeid, lane), Step::kDeid, std::move(consumer),
                             [keys = parts.keys](const log::Delivered& record) { return DecodeUpsert(record, *keys); });
  }
  return OkStatus();
}

Status Runtime::State::OpenHops() {
  if (Has(Step::kDeid)) FRESHET_RETURN_IF_ERROR(OpenChanges());
  FRESHET_RETURN_IF_ERROR(clean.Open(context, Step::kDeid, consumers));
  FRESHET_RETURN_IF_ERROR(chunks.Open(context, Step::kChunk, consumers));
  FRESHET_RETURN_IF_ERROR(embedded.Open(context, Step::kEmbed, consumers));
  return Has(Step::kIndex) ? OpenUrgent() : OkStatus();
}

Status Runtime::State::OpenUrgent() {
  const auto decode = [keys = parts.keys](const log::Delivered& record) { return DecodeUrgent(record, *keys); };
  for (const Topic topic : {Topic::kChangesUrgent, Topic::kGroups}) {
    FRESHET_ASSIGN_OR_RETURN(auto consumer, OpenReader(context, topic, Step::kIndex, [&](Partition partition) {
                               return index->store().NextOffset(StreamOf(topic), partition);
                             }));
    (topic == Topic::kGroups ? groups : urgent) =
        MakeReceiver<UrgentChange>(context, topic, Step::kIndex, std::move(consumer), decode);
    FRESHET_ASSIGN_OR_RETURN(const log::Ranges ranges, log::RangesOf(parts.log, PartitionsOf(context, topic)));
    for (const auto& [where, range] : ranges) urgent_end[{topic, where.partition}] = range.end;
  }
  return OkStatus();
}

Status Runtime::State::MakeDeid() {
  FRESHET_ASSIGN_OR_RETURN(DeidWorkerParts made, OpenDeidParts(context));
  made.runner = RunnerFor(Step::kDeid);
  context.originals = made.originals.get();
  auto connections = Connect<deid::Deid>([&](Lane lane) { return changes[lane == Lane::kBackfill].get(); }, clean);
  deid_worker = std::make_unique<DeidWorker>(context, std::move(made), std::move(connections));
  if (deid_worker->quarantine() != nullptr) {
    review = std::make_unique<Review>(
        context, Review::Stores{*deid_worker->quarantine(), *deid_worker->originals(), deid_worker->roster()});
    citations = std::make_unique<Citations>(
        context, Citations::Stores{*deid_worker->originals(), *deid_worker->quarantine(), deid_worker->roster()});
    recleaner = std::make_unique<Recleaner>(
        context, Recleaner::Stores{*deid_worker->originals(), deid_worker->roster(),
                                   [this] { return deid_worker->is_whole(); }});
  }
  return OkStatus();
}

Status Runtime::State::MakeChunk() {
  FRESHET_ASSIGN_OR_RETURN(chunker, chunk::Chunker::Make(options.chunk, *parts.tokens));
  chunk_runner = std::make_unique<Runner<chunk::Chunker>>(
      *chunker, Runner<chunk::Chunker>::Hooks{.state = [] { return chunk::ChunkState{}; }}, RunnerFor(Step::kChunk),
      Connect<chunk::Chunker>([&](Lane lane) { return clean.receiver(lane); }, chunks));
  return OkStatus();
}

Status Runtime::State::MakeEmbed() {
  FRESHET_ASSIGN_OR_RETURN(cache, OpenCache(context));
  for (const Lane lane : kContent) {
    RunnerOptions run = RunnerFor(Step::kEmbed);
    run.waker = context.WakerOf(Step::kEmbed, lane);
    embed_lanes.push_back(std::make_unique<EmbedLane>(
        EmbedLane::Parts{.options = options.embed, .embedder = parts.embedder.get(), .cache = cache.get()}, run,
        EmbedLane::Connection{lane, chunks.receiver(lane), embedded.sender(lane)}));
  }
  return OkStatus();
}

void Runtime::State::MakeGuard() {
  ResidualGuard::Parts made{.policies = &options.policies,
                            .clock = &parts.clock,
                            .on_halted = options.on_source_halted,
                            .limits = options.residual};
  if (deid_worker) {
    made.roster = [this] { return deid_worker->roster().Get(); };
    made.quarantine = deid_worker->quarantine();
  }
  guard = std::make_unique<ResidualGuard>(std::move(made));
}

Status Runtime::State::MakeGenerations() {
  if (!options.beside_policies.empty() && recleaner == nullptr) {
    return Status(Code::kConfiguration, "a policy beside another needs the originals: deid and index in one process");
  }
  GenerationBuilder::Parts made{.recipes = RecipesOf(context),
                                .names = RecipeNamesOf(context),
                                .keys = parts.keys,
                                .clock = &parts.clock,
                                .index = index.get(),
                                .sink = context.WakerOf(Step::kIndex, Lane::kLive),
                                .embed = options.embed,
                                .seed = options.seed};
  if (!options.beside_policies.empty()) {
    made.reclean = [this](const Origin& origin, std::string_view policy) { return recleaner->Clean(origin, policy); };
  }
  FRESHET_ASSIGN_OR_RETURN(generations, GenerationBuilder::Make(std::move(made)));
  return OkStatus();
}

void Runtime::State::MakeSink() {
  MakeGuard();
  index::SinkOptions sink_options{
      .clock = &parts.clock,
      .metrics = &parts.metrics,
      .dead_letters = &dead_letters,
      .waker = context.WakerOf(Step::kIndex, Lane::kLive),
      .look = [this](const Origin& origin, const CleanDocument& clean) { return guard->Look(origin, clean); },
      .tend = [this](store::IndexStore& store) { return generations->Tend(store); },
      .on_effect = options.on_effect,
      .on_maintained = [this](store::IndexStore& store) { OnMaintained(store); },
      .seed = options.seed};
  sink = std::make_unique<index::Sink>(*index,
                                       index::SinkInputs{.urgent = urgent.get(),
                                                         .groups = groups.get(),
                                                         .live = embedded.receiver(Lane::kLive),
                                                         .backfill = embedded.receiver(Lane::kBackfill)},
                                       std::move(sink_options));
}

Runtime::Runtime(std::unique_ptr<State> state) : state_(std::move(state)) {}
Runtime::~Runtime() = default;

Result<std::unique_ptr<Runtime>> Runtime::Make(RuntimeOptions options, RuntimeParts parts) {
  auto state = std::make_unique<State>(std::move(options), std::move(parts));
  if (state->Has(Step::kIndex)) {
    FRESHET_ASSIGN_OR_RETURN(state->index, OpenIndex(state->context));
    state->context.store = &state->index->store();
  }
  FRESHET_RETURN_IF_ERROR(state->OpenHops());
  if (state->Has(Step::kDeid)) FRESHET_RETURN_IF_ERROR(state->MakeDeid());
  if (state->Has(Step::kChunk)) FRESHET_RETURN_IF_ERROR(state->MakeChunk());
  if (state->Has(Step::kEmbed)) FRESHET_RETURN_IF_ERROR(state->MakeEmbed());
  if (state->Has(Step::kIndex)) {
    FRESHET_RETURN_IF_ERROR(state->MakeGenerations());
    state->MakeSink();
    // Before anything runs: what nobody has read yet must not go, however old it is.
    FRESHET_RETURN_IF_ERROR(LetLogGo(state->context, state->index->store()));
  }
  return std::unique_ptr<Runtime>(new Runtime(std::move(state)));
}

std::vector<NamedWorker> Runtime::workers() {
  std::vector<NamedWorker> workers;
  if (state_->deid_worker) workers.push_back({"deid", state_->deid_worker.get()});
  if (state_->chunk_runner) workers.push_back({"chunk", state_->chunk_runner.get()});
  for (const auto& lane : state_->embed_lanes) workers.push_back({lane->name(), &lane->runner()});
  if (state_->sink) workers.push_back({"index", state_->sink.get()});
  if (state_->parts.beside != nullptr && state_->generations) {
    workers.push_back({"generations", state_->generations.get()});
  }
  return workers;
}

Review* Runtime::review() { return state_->review.get(); }
Citations* Runtime::citations() { return state_->citations.get(); }

GenerationBuilder* Runtime::generations() { return state_->generations.get(); }

Result<LeakScan> Runtime::ScanForLeaks(const store::View& view, const CollectionName& collection,
                                       std::string_view recipe) const {
  const auto own = state_->options.policies.find(collection);
  if (own == state_->options.policies.end()) return Status(Code::kNotFound, "no collection has this name");
  const auto named = PolicyNamed(state_->options, collection, store::PolicyOf(recipe));
  const deid::Policy& policy = named ? *named : *own->second;
  const auto roster = state_->deid_worker ? state_->deid_worker->roster().Get() : nullptr;
  LeakScanParts parts{.view = view, .keys = *state_->parts.keys, .policy = policy, .roster = roster.get()};
  if (policy.name != own->second->name) parts.made = LeakScanParts::Made::kByThisPolicy;
  return freshet::ScanForLeaks(parts, collection);
}

index::Index* Runtime::index() { return state_->index.get(); }

std::multimap<std::string, const StageStats*> Runtime::stats() const {
  std::multimap<std::string, const StageStats*> stats;
  if (state_->deid_worker) stats.emplace("deid", &state_->deid_worker->stats());
  if (state_->chunk_runner) stats.emplace("chunk", &state_->chunk_runner->stats());
  for (const auto& lane : state_->embed_lanes) stats.emplace("embed", &lane->runner().stats());
  return stats;
}

// The stored account of the run of fused steps that `step` is in.
StageAccount Runtime::State::AccountOfRun(Step step, Lane lane) const {
  StageAccount account;
  Step tail = step;
  while (tail != Step::kIndex && options.plan.IsFused(tail)) tail = static_cast<Step>(static_cast<size_t>(tail) + 1);
  if (tail == Step::kIndex) {
    if (index == nullptr) return account;
    const Stream stream = StreamOf(InputOf(options.plan.HeadOf(step), lane));
    for (const auto& [where, row] : index->store().Accounts()) {
      if (where.first == stream) account.Add(AccountOf(row));
    }
    return account;
  }
  const GroupProgress* const progress = tail == Step::kDeid    ? clean.progress(lane)
                                        : tail == Step::kChunk ? chunks.progress(lane)
                                                               : embedded.progress(lane);
  if (progress == nullptr) return account;
  for (const auto& [where, row] : progress->Accounts()) account.Add(row.second);
  return account;
}

std::map<std::pair<Step, Lane>, StageTotals> Runtime::Totals() const {
  std::map<std::pair<Step, Lane>, StageTotals> totals;
  for (const Step step : {Step::kDeid, Step::kChunk, Step::kEmbed}) {
    if (!state_->Has(step)) continue;
    for (const Lane lane : kContent) totals[{step, lane}] = TotalsOf(step, state_->AccountOfRun(step, lane));
  }
  return totals;
}

std::map<std::pair<Step, Lane>, size_t> Runtime::QueueBytes() const {
  std::map<std::pair<Step, Lane>, size_t> bytes;
  const State& state = *state_;
  const auto add = [&](Step step, const auto& hop) {
    if (!state.options.plan.IsFused(step) || !state.Has(step)) return;
    const Step next = static_cast<Step>(static_cast<size_t>(step) + 1);
    for (const Lane lane : kContent) bytes[{next, lane}] = hop.bytes(lane);
  };
  add(Step::kDeid, state.clean);
  add(Step::kChunk, state.chunks);
  add(Step::kEmbed, state.embedded);
  return bytes;
}

std::optional<Duration> Runtime::BackfillStoodStill(const SourceName& source) const {
  if (!state_->sink) return std::nullopt;
  return state_->sink->backfills().StoodStill(source, state_->parts.clock.Now());
}

bool Runtime::keeps_originals() const { return state_->context.originals != nullptr; }

Result<bool> Runtime::HasOriginal(const DocumentKey& document) const {
  FRESHET_ASSIGN_OR_RETURN(const auto original, state_->context.originals->Load(document));
  return original.has_value();
}

std::vector<const embed::EmbedCounts*> Runtime::embed_counts() const {
  std::vector<const embed::EmbedCounts*> counts;
  for (const auto& lane : state_->embed_lanes) counts.push_back(&lane->counts());
  return counts;
}

Result<std::map<Lane, uint64_t>> Runtime::Backlog() { return BacklogOf(state_->context); }

bool Runtime::caught_up() const {
  if (!state_->index) return true;
  for (const auto& [where, end] : state_->urgent_end) {
    if (state_->index->store().NextOffset(StreamOf(where.first), where.second) < end) return false;
  }
  return true;
}

Status Runtime::Flush() {
  if (state_->deid_worker) FRESHET_RETURN_IF_ERROR(state_->deid_worker->Flush());
  FRESHET_RETURN_IF_ERROR(state_->clean.Flush());
  FRESHET_RETURN_IF_ERROR(state_->chunks.Flush());
  FRESHET_RETURN_IF_ERROR(state_->embedded.Flush());
  return state_->index ? state_->index->store().Maintain(state_->parts.clock.Now()) : OkStatus();
}

}  // namespace freshet
